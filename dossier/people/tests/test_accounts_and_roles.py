"""Accounts, roles, teams, territories: given and taken by administrators, guarded against locking out."""

import pytest
from django.test import Client

from dossier.core.access import system_actor
from dossier.core.errors import NotAllowed, Refusal, Stale
from dossier.core.models import HistoryEntry
from dossier.people.models import Account, Role, RoleGrant, SignInEvent, Team, Territory
from dossier.people.selectors import actor_for as fresh_actor
from dossier.people.services import (
    account_create,
    account_set_active,
    account_set_roles,
    role_create,
    role_update,
    team_create,
    team_update,
    territory_create,
    territory_update,
)
from tests.factories import actor_for, client_for, make_account, make_employee, make_team

pytestmark = pytest.mark.django_db


def administrator(**more):
    return make_account(roles=["system_administrator"], **more)


def role(key):
    return Role.objects.get(key=key)


# Accounts ------------------------------------------------------------------------------------------------


def test_gives_a_sign_in_whose_password_is_shown_once():
    client = client_for(administrator())
    person = make_employee()
    form = {
        "employee": str(person.pk),
        "login": "New.Person",
        "roles": [str(role("salesperson").pk)],
        "once_token": "k" * 20,
    }
    response = client.post("/settings/accounts/new/", form)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    account = Account.objects.get(employee=person)
    password = response.content.decode().split('data-copy="')[1].split('"')[0]
    assert account.check_password(password)
    assert account.must_change_password
    assert [r.key for r in account.roles.all()] == ["salesperson"]
    again = client.post("/settings/accounts/new/", form).content.decode()
    assert password not in again
    assert Account.objects.filter(employee=person).count() == 1
    assert (
        Client()
        .post("/sign-in/", {"login": "new.person", "password": password})
        .headers["Location"]
        == "/me/password/"
    )


def test_the_password_is_in_no_history():
    account = account_create(
        actor=system_actor(), employee_id=make_employee().pk, login="x"
    ).account
    entry = HistoryEntry.objects.get(table_name="people_account", row_id=str(account.pk))
    assert account.password not in str(entry.after)
    assert entry.after["password"].startswith("sha256:")


@pytest.mark.parametrize(
    "change",
    [
        {"login": "TAKEN"},
        {"login": "taken"},
        {"login": "ｔaken"},
        {"login": ""},
        {"login": "a b"},
        {"login": "x" * 61},
        {"employee": "999999"},
        {"employee": ""},
        {"roles": ["999999"]},
        {"roles": ["x"]},
    ],
)
def test_bad_accounts_are_refused(change):
    make_account(login="Taken")
    client = client_for(administrator())
    person = make_employee()
    before = Account.objects.count()
    form = {"employee": str(person.pk), "login": "free", "roles": []} | change
    assert client.post("/settings/accounts/new/", form).status_code == 422
    assert Account.objects.count() == before


def test_one_sign_in_per_employee_and_none_for_leavers():
    account = make_account()
    for employee in (account.employee, make_employee(status="left")):
        with pytest.raises(Refusal):
            account_create(actor=system_actor(), employee_id=employee.pk, login="second")


def test_only_administrators_give_sign_ins():
    for key in ("salesperson", "general_manager", "customer_information_administrator", "auditor"):
        with pytest.raises(NotAllowed):
            account_create(
                actor=actor_for(make_account(roles=[key])),
                employee_id=make_employee().pk,
                login="x",
            )


def test_roles_are_set_and_a_stale_page_is_told():
    client = client_for(administrator())
    account = make_account(roles=["salesperson"], login="li")
    url = f"/settings/accounts/{account.pk}/"
    wanted = [str(role("team_leader").pk), str(role("sales_clerk").pk)]
    assert client.post(url, {"login": "li2", "roles": wanted, "version": "1"}).status_code == 302
    account.refresh_from_db()
    assert account.login == "li2"
    assert set(account.roles.values_list("key", flat=True)) == {"team_leader", "sales_clerk"}
    assert client.post(url, {"login": "li3", "roles": [], "version": "1"}).status_code == 409
    account.refresh_from_db()
    assert (account.login, account.roles.count()) == ("li2", 2)


def test_mass_assignment_on_an_account():
    client = client_for(administrator())
    account = make_account(login="li", is_active=False)
    extra = {
        "is_active": "1",
        "password": "x",
        "employee": "1",
        "must_change_password": "1",
        "language": "en",
        "is_superuser": "1",
    }
    client.post(
        f"/settings/accounts/{account.pk}/", {"login": "li", "roles": [], "version": "1", **extra}
    )
    after = Account.objects.get(pk=account.pk)
    for name in (
        "is_active",
        "password",
        "employee_id",
        "must_change_password",
        "language",
        "version",
    ):
        assert getattr(after, name) == getattr(account, name), name


def test_new_password_closes_sessions_and_is_not_for_oneself():
    admin = administrator()
    account = make_account()
    client = client_for(admin)
    response = client.post(f"/settings/accounts/{account.pk}/password", {"version": "1"})
    assert response.status_code == 200
    before = account.password
    account.refresh_from_db()
    assert account.password != before
    assert account.must_change_password
    assert SignInEvent.objects.filter(account=account, what="password").exists()
    old = admin.password
    assert (
        client.post(f"/settings/accounts/{admin.pk}/password", {"version": "1"}).status_code == 302
    )
    admin.refresh_from_db()
    assert admin.password == old


def test_sign_in_record_is_for_administrators_and_auditors():
    Client().post("/sign-in/", {"login": "canary-login", "password": "x"})
    for key, status in (
        ("system_administrator", 200),
        ("auditor", 200),
        ("general_manager", 403),
        ("salesperson", 403),
    ):
        response = client_for(make_account(roles=[key])).get(
            "/settings/sign-ins/?at_from=2020-01-01"
        )
        assert response.status_code == status
        assert (b"canary-login" in response.content) == (status == 200)


# Guards --------------------------------------------------------------------------------------------------


def test_the_last_administrator_stays():
    admin = administrator()
    for attempt in (
        lambda: account_set_roles(actor=system_actor(), account_id=admin.pk, role_ids=[]),
        lambda: account_set_active(actor=system_actor(), account_id=admin.pk, active=False),
        lambda: role_update(
            actor=system_actor(),
            role_id=role("system_administrator").pk,
            grants={},
            expected_version=None,
        ),
    ):
        with pytest.raises(Refusal) as caught:
            attempt()
        assert caught.value.code == "last_administrator"
    without_sight = {"people.role.change": "all"}
    with pytest.raises(Refusal) as caught:  # who may not see roles cannot change them
        role_update(
            actor=system_actor(),
            role_id=role("system_administrator").pk,
            grants=without_sight,
            expected_version=None,
        )
    assert caught.value.code == "last_administrator"
    assert fresh_actor(Account.objects.get(pk=admin.pk)).can("people.role", "change")


def test_an_administrator_does_not_lock_himself_out():
    admin, _other = administrator(), administrator()
    for attempt in (
        lambda: account_set_roles(actor=actor_for(admin), account_id=admin.pk, role_ids=[]),
        lambda: account_set_active(actor=actor_for(admin), account_id=admin.pk, active=False),
    ):
        with pytest.raises(Refusal) as caught:
            attempt()
        assert caught.value.code == "locks_yourself_out"


# Roles ---------------------------------------------------------------------------------------------------


def test_matrix_saves_exactly_what_was_chosen():
    client = client_for(administrator())
    target = role("salesperson")
    page = client.get(f"/settings/roles/{target.pk}/").content.decode()
    assert 'name="g-customers.customer.view"' in page
    form = {
        "g-customers.customer.view": "team",
        "g-customers.customer.change": "",
        "g-people.employee.view": "all",
        "version": str(target.version),
    }
    assert client.post(f"/settings/roles/{target.pk}/", form).status_code == 302
    held = {f"{grant.kind}.{grant.action}": grant.scope for grant in target.grants.all()}
    assert held == {"customers.customer.view": "team", "people.employee.view": "all"}
    assert (
        client.post(
            f"/settings/roles/{target.pk}/", form | {"g-people.team.view": "all"}
        ).status_code
        == 409
    )


@pytest.mark.parametrize(
    ("permission", "scope"),
    [
        ("people.role.change", "own"),
        ("people.role.fly", "all"),
        ("nothing.here.view", "all"),
        ("people.employee.view", "universe"),
        ("people.employee.view", "territory"),
        ("x", "all"),
        ("", "all"),
        ("people.employee.view'; --", "all"),
    ],
)
def test_unknown_permissions_are_refused(permission, scope):
    client = client_for(administrator())
    target = role("salesperson")
    before = RoleGrant.objects.count()
    response = client.post(
        f"/settings/roles/{target.pk}/", {f"g-{permission}": scope, "version": "1"}
    )
    assert response.status_code == 422
    assert RoleGrant.objects.count() == before


def test_shipped_roles_keep_their_names_and_stay():
    client = client_for(administrator())
    target = role("salesperson")
    client.post(
        f"/settings/roles/{target.pk}/",
        {"name": "renamed", "key": "x", "is_shipped": "", "version": "1"},
    )
    client.post(f"/settings/roles/{target.pk}/delete")
    assert role("salesperson").name == "Salesperson"


def test_own_roles_come_and_go():
    client = client_for(administrator())
    assert (
        client.post(
            "/settings/roles/new/", {"name": "夜班", "g-people.team.view": "all"}
        ).status_code
        == 302
    )
    made = Role.objects.get(name="夜班")
    assert not made.is_shipped
    assert client.post("/settings/roles/new/", {"name": "夜班"}).status_code == 422
    account = make_account()
    account.roles.add(made)
    client.post(f"/settings/roles/{made.pk}/delete")
    assert Role.objects.filter(pk=made.pk).exists()
    account.roles.clear()
    client.post(f"/settings/roles/{made.pk}/delete")
    assert not Role.objects.filter(pk=made.pk).exists()


def test_auditors_and_others_change_no_roles():
    for key in ("auditor", "general_manager"):
        actor = actor_for(make_account(roles=[key]))
        with pytest.raises(Refusal):
            role_create(actor=actor, name="x", grants={})
        with pytest.raises(Refusal):
            role_update(
                actor=actor,
                role_id=role("auditor").pk,
                grants={"people.role.change": "all"},
                expected_version=None,
            )


def test_role_names_are_translated():
    client = client_for(make_account(roles=["salesperson", "team_leader"]))
    client.cookies["dossier-language"] = "zh-hans"
    page = client.get("/people/").content.decode()
    assert "销售员" in page
    assert "主管" in page


# Teams and territories -----------------------------------------------------------------------------------


def test_teams_make_no_circle_and_names_are_once_among_siblings():
    system = system_actor()
    top = team_create(actor=system, name="top")
    below = team_create(actor=system, name="below", parent=top)
    for parent in (top, below):
        with pytest.raises(Refusal) as caught:
            team_update(actor=system, team_id=top.pk, expected_version=None, parent=parent)
        assert caught.value.code == "cycle"
    with pytest.raises(Refusal) as caught:
        team_create(actor=system, name="BELOW", parent=top)
    assert caught.value.code == "name_taken"
    assert team_create(actor=system, name="below").pk


def test_a_team_in_use_is_not_closed():
    system = system_actor()
    top = make_team("top")
    below = make_team("below", parent=top)
    person = make_employee(team=below)
    for team in (top, below):
        with pytest.raises(Refusal):
            team_update(actor=system, team_id=team.pk, expected_version=None, is_active=False)
    person.team = None
    person.save()
    for team in (below, top):
        team_update(actor=system, team_id=team.pk, expected_version=None, is_active=False)


def test_team_pages_save():
    client = client_for(make_account(roles=["customer_information_administrator"]))
    leader = make_employee()
    assert (
        client.post(
            "/teams/new/", {"name": "北组", "leader": str(leader.pk), "once_token": "q" * 20}
        ).status_code
        == 302
    )
    team = Team.objects.get(name="北组")
    url = f"/teams/{team.pk}/"
    assert (
        client.post(url, {"name": "北一组", "version": "1", "is_active": "on"}).status_code == 302
    )
    assert client.post(url, {"name": "late", "version": "1", "is_active": "on"}).status_code == 409
    team.refresh_from_db()
    assert (team.name, team.leader, team.version) == ("北一组", None, 2)


def test_a_leader_reaches_the_teams_below_at_once():
    boss = make_account(roles=["team_leader"])
    top = make_team(leader=boss.employee)
    below = make_team(parent=top)
    assert actor_for(boss).team_ids >= {top.pk, below.pk}
    team_update(actor=system_actor(), team_id=top.pk, expected_version=None, leader=None)
    assert not fresh_actor(Account.objects.get(pk=boss.pk)).team_ids


def test_territories_give_reach_and_take_it():
    account = make_account()
    land = territory_create(
        actor=system_actor(), name="north", regions=["110000"], employees=[account.employee_id]
    )
    assert actor_for(account).region_codes == ("110000",)
    territory_update(actor=system_actor(), territory_id=land.pk, expected_version=1, employees=[])
    assert fresh_actor(Account.objects.get(pk=account.pk)).region_codes == ()
    with pytest.raises(Stale):
        territory_update(
            actor=system_actor(), territory_id=land.pk, expected_version=1, regions=["120000"]
        )
    with pytest.raises(Refusal):
        territory_update(
            actor=system_actor(), territory_id=land.pk, expected_version=None, parent=land
        )


def test_territory_pages_save_and_remove():
    client = client_for(make_account(roles=["customer_information_administrator"]))
    team = make_team()
    form = {
        "name": "华北",
        "regions": ["110000", "120000"],
        "teams": [str(team.pk)],
        "once_token": "w" * 20,
    }
    assert client.post("/territories/new/", form).status_code == 302
    land = Territory.objects.get()
    assert list(land.regions.values_list("pk", flat=True).order_by("pk")) == ["110000", "120000"]
    for bad in (
        {"regions": ["999999"]},
        {"teams": ["99999999"]},
        {"employees": ["x"]},
        {"regions": ["' OR"]},
        {"name": ""},
    ):
        assert (
            client.post(f"/territories/{land.pk}/", form | {"version": "1"} | bad).status_code
            == 422
        ), bad
    land.refresh_from_db()
    assert land.version == 1
    assert client.post(f"/territories/{land.pk}/delete").status_code == 302
    assert not Territory.objects.exists()

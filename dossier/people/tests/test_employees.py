"""Employees: entered, edited, handed over and marked as left; masked mobiles; what must not be written."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from dossier.core.access import system_actor
from dossier.core.errors import Refusal, Stale
from dossier.core.models import HistoryEntry, Unmasking
from dossier.people import holdings
from dossier.people.holdings import HoldingKind, register_holding
from dossier.people.models import Employee
from dossier.people.services import (
    employee_create,
    employee_leave,
    employee_return,
    employee_update,
)
from tests.factories import actor_for, client_for, make_account, make_employee, make_team

pytestmark = pytest.mark.django_db
MOBILE = "13812345678"


def keeper(**more):
    return make_account(roles=["customer_information_administrator"], **more)


# Entering ------------------------------------------------------------------------------------------------


def test_enters_one_and_a_repeat_enters_none():
    client = client_for(keeper())
    team = make_team("north")
    form = {
        "number": " Ｅ００９ ",
        "name": "王芳",
        "team": str(team.pk),
        "position": "主管",
        "hired_on": "2023年5月6日",
        "email": "Wang@Example.COM",
        "mobile": "138 1234 5678",
        "remark": "x",
        "once_token": "t" * 20,
    }
    assert client.post("/people/new/", form).status_code == 302
    assert client.post("/people/new/", form).status_code == 302
    made = Employee.objects.get(number="E009")
    assert (made.name, made.team, made.hired_on, made.email, made.mobile) == (
        "王芳",
        team,
        date(2023, 5, 6),
        "Wang@example.com",
        MOBILE,
    )
    assert (
        HistoryEntry.objects.filter(table_name="people_employee", row_id=str(made.pk)).count() == 1
    )


@pytest.mark.parametrize(
    "change",
    [
        {"number": ""},
        {"name": " "},
        {"number": "x" * 21},
        {"name": "n" * 61},
        {"hired_on": "2023-02-30"},
        {"email": "no"},
        {"team": "999999"},
        {"team": "' OR 1=1"},
        {"supervisor": "1e18"},
        {"name": "a\x00b"},
        {"number": "TAKEN"},
        {"number": "taken"},
    ],
)
def test_bad_input_is_refused_and_kept_in_the_form(change):
    make_employee(number="TAKEN")
    client = client_for(keeper())
    before = Employee.objects.count()
    response = client.post(
        "/people/new/", {"number": "E1", "name": "kept name", "remark": "typed text"} | change
    )
    assert response.status_code == 422
    assert "typed text" in response.content.decode()
    assert Employee.objects.count() == before


def test_mass_assignment_writes_nothing_else():
    client = client_for(keeper())
    person = make_employee(number="E1", name="old")
    extra = {
        "status": "left",
        "left_on": "2020-01-01",
        "version": "1",
        "id": "77",
        "pk": "77",
        "is_active": "0",
        "roles": "1",
        "account": "1",
        "created_at": "2000-01-01",
        "is_superuser": "1",
        "login": "x",
        "password": "x",
        "_connector": "OR",
    }
    assert (
        client.post(
            f"/people/{person.pk}/edit/", {"number": "E1", "name": "new", **extra}
        ).status_code
        == 302
    )
    after = Employee.objects.get(pk=person.pk)
    assert (after.name, after.status, after.left_on, after.version) == ("new", "in_post", None, 2)
    assert not Employee.objects.filter(pk=77).exists()


def test_all_that_is_wrong_is_said_at_once():
    page = client_for(keeper()).post("/people/new/", {"email": "no"}).content.decode()
    assert "Give an employee number." in page
    assert "Give the person&#x27;s name." in page
    assert 'id="id_email_error"' in page


def test_what_cannot_be_read_does_not_hide_what_is_missing():
    page = client_for(keeper()).post("/people/new/", {"hired_on": "30 February"})
    assert set(page.context["form"].errors) == {"hired_on", "number", "name"}


def test_what_was_kept_as_given_does_not_stop_an_edit():
    person = make_employee(number="E1", name="n", email="kept as given")
    form = {
        "number": "E1",
        "name": "n",
        "email": "kept as given",
        "position": "new",
        "version": "1",
    }
    assert client_for(keeper()).post(f"/people/{person.pk}/edit/", form).status_code == 302
    person.refresh_from_db()
    assert (person.position, person.email) == ("new", "kept as given")


# Editing -------------------------------------------------------------------------------------------------


def test_a_stale_edit_shows_both_versions_and_writes_nothing():
    client = client_for(keeper())
    person = make_employee(number="E1", name="old", position="first")
    employee_update(
        actor=system_actor(), employee_id=person.pk, expected_version=1, position="theirs"
    )
    form = {"number": "E1", "name": "old", "position": "mine", "version": "1"}
    response = client.post(f"/people/{person.pk}/edit/", form)
    assert response.status_code == 409
    page = response.content.decode()
    assert "theirs" in page
    assert "mine" in page
    assert Employee.objects.get(pk=person.pk).position == "theirs"
    assert client.post(f"/people/{person.pk}/edit/", form | {"version": "2"}).status_code == 302
    assert Employee.objects.get(pk=person.pk).position == "mine"


def test_stale_without_a_difference_is_no_conflict():
    person = make_employee(position="a")
    employee_update(actor=system_actor(), employee_id=person.pk, expected_version=1, position="b")
    employee_update(actor=system_actor(), employee_id=person.pk, expected_version=1, position="b")
    with pytest.raises(Stale):
        employee_update(
            actor=system_actor(), employee_id=person.pk, expected_version=1, position="c"
        )


def test_supervisors_make_no_circle():
    top = make_employee()
    middle = make_employee(supervisor=top)
    bottom = make_employee(supervisor=middle)
    for above in (top, middle, bottom):
        with pytest.raises(Refusal) as caught:
            employee_update(
                actor=system_actor(), employee_id=top.pk, expected_version=None, supervisor=above
            )
        assert caught.value.code == "cycle"


def test_a_leaver_is_not_made_supervisor_but_may_stay_one():
    left = make_employee(status="left")
    person = make_employee(supervisor=left)
    employee_update(
        actor=system_actor(),
        employee_id=person.pk,
        expected_version=None,
        supervisor=left,
        position="x",
    )
    with pytest.raises(Refusal, match="has left"):
        employee_update(
            actor=system_actor(),
            employee_id=make_employee().pk,
            expected_version=None,
            supervisor=left,
        )


def test_outsider_and_reader_change_nothing():
    person = make_employee("canary")
    for account in (make_account(roles=[]), make_account(roles=["salesperson"])):
        client = client_for(account)
        assert client.post(
            f"/people/{person.pk}/edit/", {"number": "X", "name": "X"}
        ).status_code in (403, 404)
        assert client.post(
            f"/people/{person.pk}/leave/", {"left_on": "2026-01-01"}
        ).status_code in (403, 404)
        with pytest.raises(Refusal):
            employee_create(actor=actor_for(account), number="X", name="X")
    person.refresh_from_db()
    assert (person.name, person.version, person.status) == ("canary", 1, "in_post")


# The mobile ----------------------------------------------------------------------------------------------


def test_mobile_is_masked_everywhere_but_for_oneself():
    me = make_account(roles=["salesperson"], employee=make_employee(mobile="13900001111"))
    other = make_employee(mobile=MOBILE)
    client = client_for(me)
    for url in ("/people/", f"/people/{other.pk}/", f"/lookup/employee?q={other.number}"):
        page = client.get(url).content.decode()
        assert MOBILE not in page, url
    assert "138••••5678" in client.get(f"/people/{other.pk}/").content.decode()
    assert "13900001111" in client.get(f"/people/{me.employee_id}/").content.decode()
    assert client.post(f"/people/{other.pk}/reveal/mobile").status_code == 403
    assert client.get("/people/", {"q": MOBILE}).content.decode().count(other.name) == 0
    assert not Unmasking.objects.exists()


def test_revealing_is_recorded():
    account = keeper()
    other = make_employee(mobile=MOBILE)
    response = client_for(account).post(f"/people/{other.pk}/reveal/mobile")
    assert MOBILE in response.content.decode()
    seen = Unmasking.objects.get()
    assert (seen.account_id, seen.table, seen.row_id, seen.field) == (
        account.pk,
        "people_employee",
        str(other.pk),
        "mobile",
    )
    assert client_for(account).post(f"/people/{other.pk}/reveal/remark").status_code == 404
    assert client_for(account).get(f"/people/{other.pk}/reveal/mobile").status_code == 405


def test_opening_the_form_shows_it_and_is_recorded():
    other = make_employee(mobile=MOBILE)
    assert MOBILE in client_for(keeper()).get(f"/people/{other.pk}/edit/").content.decode()
    assert Unmasking.objects.count() == 1


def test_an_editor_without_the_right_neither_sees_nor_loses_it():
    client = client_for(make_account(roles=["system_administrator"]))
    other = make_employee(number="E1", mobile=MOBILE)
    page = client.get(f"/people/{other.pk}/edit/").content.decode()
    assert MOBILE not in page
    client.post(
        f"/people/{other.pk}/edit/", {"number": "E1", "name": "n", "mobile": "", "version": "1"}
    )
    other.refresh_from_db()
    assert (other.name, other.mobile) == ("n", MOBILE)
    client.post(
        f"/people/{other.pk}/edit/",
        {"number": "E1", "name": "n", "mobile": "13600000000", "version": "2"},
    )
    page = client.get(f"/people/{other.pk}/").content.decode()
    assert MOBILE not in page
    assert "13600000000" not in page
    stale = client.post(
        f"/people/{other.pk}/edit/",
        {"number": "E1", "name": "late", "mobile": "13700000000", "version": "1"},
    )
    assert stale.status_code == 409
    assert "13600000000" not in stale.content.decode()


# Leaving -------------------------------------------------------------------------------------------------


@pytest.fixture
def things(monkeypatch):
    """A kind of holding for this test: who holds how many things."""
    monkeypatch.setattr(holdings, "_holdings", {})
    held: dict[int, int] = {}

    def hand_over(actor, employee, to):
        held[to.pk] = held.get(to.pk, 0) + held.pop(employee.pk, 0)
        return held[to.pk]

    register_holding(
        HoldingKind("things", "things", lambda employee: held.get(employee.pk, 0), hand_over)
    )
    return held


def test_leaving_needs_a_handover_and_does_it_in_one_step(things):
    client = client_for(keeper())
    person, heir = make_employee("leaver"), make_employee("heir")
    things[person.pk] = 3
    today = timezone.localdate().isoformat()
    page = client.get(f"/people/{person.pk}/leave/").content.decode()
    assert "things" in page
    refused = client.post(f"/people/{person.pk}/leave/", {"left_on": today, "version": "1"})
    assert refused.status_code == 422
    assert things == {person.pk: 3}
    assert Employee.objects.get(pk=person.pk).in_post
    done = client.post(
        f"/people/{person.pk}/leave/",
        {"left_on": today, "hand_over_to": str(heir.pk), "version": "1"},
    )
    assert done.status_code == 302
    assert things == {heir.pk: 3}
    left = Employee.objects.get(pk=person.pk)
    assert (left.status, left.left_on) == ("left", timezone.localdate())
    assert (
        HistoryEntry.objects.filter(
            table_name="people_employee", row_id=str(person.pk), op="U"
        ).count()
        == 1
    )


def test_leaving_clears_the_lead_and_lifts_reports():
    boss = make_employee()
    person = make_employee(supervisor=boss)
    report = make_employee(supervisor=person)
    team = make_team(leader=person)
    employee_leave(actor=system_actor(), employee_id=person.pk, left_on=timezone.localdate())
    team.refresh_from_db()
    report.refresh_from_db()
    assert (team.leader, report.supervisor) == (None, boss)


@pytest.mark.parametrize("to", ["self", "left", "unknown"])
def test_not_to_just_anybody(things, to):
    person = make_employee()
    heirs = {"self": person.pk, "left": make_employee(status="left").pk, "unknown": 10**12}
    things[person.pk] = 1
    with pytest.raises(Refusal):
        employee_leave(
            actor=system_actor(),
            employee_id=person.pk,
            left_on=timezone.localdate(),
            hand_over_to=heirs[to],
        )
    assert things == {person.pk: 1}
    assert Employee.objects.get(pk=person.pk).in_post


def test_days_of_leaving_that_cannot_be():
    person = make_employee(hired_on=date(2024, 1, 1))
    for day in (date(2023, 12, 31), timezone.localdate() + timedelta(days=1)):
        with pytest.raises(Refusal) as caught:
            employee_leave(actor=system_actor(), employee_id=person.pk, left_on=day)
        assert caught.value.field == "left_on"


def test_nobody_marks_himself():
    account = keeper()
    with pytest.raises(Refusal) as caught:
        employee_leave(
            actor=actor_for(account), employee_id=account.employee_id, left_on=timezone.localdate()
        )
    assert caught.value.code == "leaves_self"


def test_the_last_administrator_does_not_leave():
    admin = make_account(roles=["system_administrator"])
    with pytest.raises(Refusal) as caught:
        employee_leave(
            actor=actor_for(keeper()), employee_id=admin.employee_id, left_on=timezone.localdate()
        )
    assert caught.value.code == "last_administrator"
    assert Employee.objects.get(pk=admin.employee_id).in_post


def test_leaving_twice_is_once_and_coming_back_keeps_the_sign_in_closed():
    account = make_account()
    for _time in range(2):
        employee_leave(
            actor=system_actor(), employee_id=account.employee_id, left_on=timezone.localdate()
        )
    employee_return(actor=system_actor(), employee_id=account.employee_id)
    account.refresh_from_db()
    person = Employee.objects.get(pk=account.employee_id)
    assert (person.in_post, person.left_on, account.is_active) == (True, None, False)


def test_the_list_shows_those_in_post_unless_asked():
    client = client_for(keeper())
    make_employee("still here")
    make_employee("long gone", status="left")
    page = client.get("/people/").content.decode()
    assert "still here" in page
    assert "long gone" not in page
    assert "long gone" in client.get("/people/?status=left").content.decode()
    assert "long gone" in client.get("/people/?q=gone").content.decode()

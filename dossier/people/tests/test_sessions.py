"""Sessions: seen and ended by their owner alone; closing, leaving and new passwords end them at once."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from dossier.people.models import Role, SignInEvent, SignInSession
from dossier.people.services import account_set_active, employee_leave, role_update
from tests.factories import PASSWORD, actor_for, make_account

pytestmark = pytest.mark.django_db
NEW = "another long phrase"


def browser(account, agent="Mozilla/5.0 (Windows NT 10.0) Chrome/140"):
    client = Client(headers={"accept-language": "en", "user-agent": agent})
    assert (
        client.post("/sign-in/", {"login": account.login, "password": PASSWORD}).status_code == 302
    )
    return client


def is_in(client):
    return client.get("/me/sessions/").status_code == 200


def test_lists_own_browsers_only():
    mine, other = make_account(login="mine"), make_account(login="other")
    first = browser(mine)
    browser(mine, "Mozilla/5.0 (iPhone) Safari")
    browser(other, "Canary Firefox")
    page = first.get("/me/sessions/").content.decode()
    assert "Chrome · Windows" in page
    assert "Safari · iPhone" in page
    assert "this browser" in page
    assert "Firefox" not in page


def test_ends_one_of_ones_own():
    mine = make_account()
    here, there = browser(mine), browser(mine)
    target = SignInSession.objects.get(session_key=there.session.session_key)
    assert here.post(f"/me/sessions/{target.pk}/end").status_code == 302
    assert is_in(here)
    assert not is_in(there)


def test_anothers_session_does_not_exist():
    here, there = browser(make_account()), browser(make_account())
    target = SignInSession.objects.get(session_key=there.session.session_key)
    for key in (target.pk, 10**15):
        assert here.post(f"/me/sessions/{key}/end").status_code == 404
    assert here.get(f"/me/sessions/{target.pk}/end").status_code == 405
    assert is_in(there)


def test_sign_out_everywhere_ends_all_and_nobody_elses():
    mine = make_account()
    browsers = [browser(mine) for _one in range(3)]
    other = browser(make_account())
    browsers[0].post("/me/sessions/everywhere/end")
    assert [is_in(client) for client in browsers] == [False] * 3
    assert is_in(other)
    assert not SignInSession.objects.filter(account=mine).exists()
    assert SignInEvent.objects.filter(account=mine, what="out_all").count() == 1


def test_sign_out_ends_this_one():
    mine = make_account()
    here, there = browser(mine), browser(mine)
    key = here.session.session_key
    here.post("/sign-out/")
    assert not is_in(here)
    assert is_in(there)
    assert not Session.objects.filter(session_key=key).exists()


def test_closed_account_is_refused_at_the_next_request():
    account = make_account(roles=["salesperson"])
    client = browser(account)
    admin = make_account(roles=["system_administrator"])
    account_set_active(actor=actor_for(admin), account_id=account.pk, active=False)
    assert not is_in(client)
    assert not Session.objects.filter(session_key=client.cookies["dossier"].value).exists()


def test_closing_behind_the_programs_back_is_refused_too():
    account = make_account(roles=["salesperson"])
    client = browser(account)
    type(account).objects.filter(pk=account.pk).update(is_active=False)
    assert client.get("/people/").status_code == 302


def test_leaver_is_refused_at_the_next_request_and_cannot_come_back():
    account = make_account(roles=["salesperson"])
    client = browser(account)
    admin = make_account(roles=["system_administrator"])
    employee_leave(
        actor=actor_for(admin),
        employee_id=account.employee_id,
        left_on=account.employee.created_at.date(),
    )
    assert client.get("/people/").status_code == 302
    assert (
        Client().post("/sign-in/", {"login": account.login, "password": PASSWORD}).status_code
        == 422
    )


def test_leaver_marked_by_an_import_is_refused_too():
    account = make_account(roles=["salesperson"])
    client = browser(account)
    type(account.employee).objects.filter(pk=account.employee_id).update(status="left")
    assert client.get("/people/").status_code == 302
    assert not client.session.get("_auth_user_id")


def test_a_changed_role_acts_at_the_next_request():
    account = make_account(roles=["salesperson"])
    client = browser(account)
    assert client.get("/people/").status_code == 200
    role = Role.objects.get(key="salesperson")
    admin = actor_for(make_account(roles=["system_administrator"]))
    role_update(actor=admin, role_id=role.pk, grants={}, expected_version=role.version)
    assert client.get("/people/").status_code == 403


def test_new_password_ends_the_other_browsers():
    account = make_account()
    here, there = browser(account), browser(account)
    key = here.session.session_key
    response = here.post("/me/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert response.status_code == 302
    assert here.session.session_key != key
    assert is_in(here)
    assert not is_in(there)
    assert SignInSession.objects.get(account=account).session_key == here.session.session_key
    assert Client().post("/sign-in/", {"login": account.login, "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", NEW, NEW),
        (PASSWORD, NEW, "differs from it"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "1234567890123", "1234567890123"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "password123", "password123"),
        (PASSWORD, "my-login-77 xyz", "my-login-77 xyz"),
        ("", "", ""),
    ],
)
def test_bad_new_passwords_change_nothing(old, new, again):
    account = make_account(login="my-login-77")
    client = browser(account)
    before = account.password
    response = client.post("/me/password/", {"old": old, "new": new, "again": again})
    assert response.status_code == 422
    assert "canary" not in response.content.decode()
    account.refresh_from_db()
    assert account.password == before


def test_guessing_the_old_password_is_locked():
    account = make_account()
    client = browser(account)
    guesses = [
        client.post("/me/password/", {"old": f"guess {n}", "new": NEW, "again": NEW}).status_code
        for n in range(5)
    ]
    assert guesses == [422] * 4 + [429]


def test_a_password_set_by_an_administrator_must_be_changed_first():
    account = make_account(roles=["salesperson"], must_change_password=True)
    client = Client()
    response = client.post(
        "/sign-in/", {"login": account.login, "password": PASSWORD, "next": "/people/"}
    )
    assert response.headers["Location"] == "/me/password/"
    assert client.get("/people/").headers["Location"] == "/me/password/"
    part = client.get("/people/", headers={"hx-request": "true"})
    assert part.headers["HX-Redirect"] == "/me/password/"
    client.post("/me/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert client.get("/people/").status_code == 200


def test_last_seen_is_written_at_most_once_a_minute(django_assert_num_queries):
    client = browser(make_account())
    noted = SignInSession.objects.get()
    client.get("/me/sessions/")
    assert SignInSession.objects.get().last_seen_at == noted.last_seen_at
    session = client.session
    session["sign_in_seen"] -= 61
    session.save()
    client.get("/me/sessions/")
    assert SignInSession.objects.get().last_seen_at > noted.last_seen_at


def test_pages_of_the_signed_in_are_not_stored():
    assert "no-store" in browser(make_account()).get("/me/sessions/").headers["Cache-Control"]

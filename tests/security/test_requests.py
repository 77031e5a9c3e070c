"""What surrounds a request decides nothing: host, where to go next, headers of a library, an old session
(SECURITY E 13, 29, 30, 31)."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from dossier.core.models import ImportRun
from dossier.people.models import Account, Role, RoleGrant
from tests.factories import PASSWORD, client_for, make_account, make_customer, make_team
from tests.permissions.addresses import addresses
from tests.permissions.matrix import cases

pytestmark = pytest.mark.django_db

EVIL = "evil.example"
TARGETS = (
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"/\\{EVIL}",
    f"\t//{EVIL}",
    f"https:{EVIL}",
    f"javascript://{EVIL}/%0aalert(1)",
)
WHERE_NEXT = (
    "next",
    "back",
    "return",
    "return_to",
    "url",
    "redirect",
    "prev_url",
    "to",
    "then",
    "target",
)


def leads_out(response) -> bool:
    """Whether an answer sends the browser to another site."""
    for name in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "Refresh"):
        value = response.headers.get(name, "")
        at = urlsplit(value.replace("\\", "/").strip())
        if at.netloc not in ("", "testserver") or at.scheme not in ("", "http", "https"):
            return True
    return False


@pytest.mark.parametrize(
    "host", [EVIL, f"localhost.{EVIL}", f"{EVIL}:80", "localhost@evil.example", "a b"]
)
def test_a_host_that_is_not_ours_is_refused(host):
    make_account()
    assert Client().get("/sign-in/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("name", ["x-forwarded-host", "forwarded", "x-original-url", "x-host"])
def test_a_host_said_beside_the_host_is_not_believed(name):
    value = f"host={EVIL}" if name == "forwarded" else EVIL
    client = client_for(make_account(roles=["salesperson"]))
    for path in ("/", "/sign-in/", "/customers/"):
        response = client.get(path, headers={name: value})
        assert response.status_code in (200, 302)
        assert EVIL not in response.content.decode() + str(dict(response.headers))


def test_nothing_sent_leads_to_another_site(world, no_pages):
    """Every address × every name such a target is sent by, read and posted, and the headers of htmx."""
    for address in addresses():
        for role in ("general_manager", "system_administrator"):
            path = next(path for _relation, path in cases(address, world, role))
            for target in TARGETS[:2]:
                given = dict.fromkeys(WHERE_NEXT, target)
                headers = {"HX-Request": "true", "HX-Current-URL": target, "Referer": target}
                for answer in (
                    world.client(role).get(f"{path}?{urlencode(given)}"),
                    world.client(role).get(path, headers=headers),
                    world.client("anonymous").get(path, headers=headers),
                    world.client("anonymous").get(f"{path}?{urlencode(given)}"),
                ):
                    assert not leads_out(answer), (path, target, dict(answer.headers))


@pytest.mark.parametrize("target", TARGETS)
def test_no_form_leads_to_another_site(target):
    make_account(login="wang")
    client = Client()
    answers = [
        client.post("/i18n/setlang/", {"language": "en", "next": target}),
        client.post("/i18n/setlang/", {"language": "en"}, headers={"referer": target.strip()}),
        client.post("/sign-in/", {"login": "wang", "password": PASSWORD, "next": target}),
        client.get(f"/sign-in/?{urlencode({'next': target})}"),
    ]
    assert not any(leads_out(answer) for answer in answers)


def test_a_page_that_goes_where_it_is_told_is_seen():
    """The fault put in: the check of targets sees every one of them."""
    from django.http import HttpResponse

    for target in (*TARGETS[:3], TARGETS[5]):
        assert leads_out(HttpResponse(headers={"HX-Redirect": target})), target
    assert not leads_out(HttpResponse(headers={"Location": "/customers/?q=//x"}))


# A right taken away is gone at the next request (13), and so are other browsers (29) ---------------------


@pytest.fixture
def lives():
    """A team leader who is signed in and sees the file of a colleague."""
    team = make_team("one")
    leader = make_account(roles=["team_leader"], team=team)
    mate = make_account(roles=["salesperson"], team=team)
    customer = make_customer("of the team", owner=mate.employee)
    client = client_for(leader)
    url = f"/customers/{customer.pk}/"
    assert client.get(url).status_code == 200
    return client, url, leader, customer


def taken_role(leader, _customer):
    leader.roles.clear()


def taken_grant(_leader, _customer):
    RoleGrant.objects.filter(role=Role.objects.get(key="team_leader")).delete()


def other_team(leader, _customer):
    type(leader.employee).objects.filter(pk=leader.employee_id).update(team=make_team("two"))


def closed(leader, _customer):
    Account.objects.filter(pk=leader.pk).update(is_active=False)


def left(leader, _customer):
    type(leader.employee).objects.filter(pk=leader.employee_id).update(
        status="left", left_on="2026-01-01"
    )


def given_away(_leader, customer):
    type(customer).objects.filter(pk=customer.pk).update(
        owner=make_account(roles=["salesperson"], team=make_team("three")).employee
    )


def ended(_leader, _customer):
    Session.objects.all().delete()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (taken_role, 403),
        (taken_grant, 403),
        (other_team, 404),
        (given_away, 404),
        (closed, 302),
        (left, 302),
        (ended, 302),
    ],
)
def test_what_is_taken_away_is_gone_at_the_next_request(lives, change, status):
    client, url, leader, customer = lives
    change(leader, customer)
    answer = client.get(url)
    assert answer.status_code == status
    assert "of the team" not in answer.content.decode()
    assert client.post(f"{url}archive", {"reason": "x", "version": 1}).status_code != 200
    customer.refresh_from_db()
    assert customer.status == "active"


def test_rights_kept_with_the_session_are_seen(lives, monkeypatch):
    """The fault put in: the actor of the first request is kept."""
    from dossier.people.selectors import actor_for

    client, url, leader, customer = lives
    old = actor_for(Account.objects.get(pk=leader.pk))
    monkeypatch.setattr("dossier.people.selectors.actor_for", lambda *a, **k: old)
    taken_role(leader, customer)
    assert client.get(url).status_code == 200  # what the test above refuses


def test_a_session_made_before_signing_in_is_worth_nothing_after_it():
    """Somebody who planted a session in a browser does not get in by it (29)."""
    make_account(login="wang")
    planted = Client()
    planted.get("/sign-in/")
    session = planted.session
    session["planted"] = "1"
    session.save()
    victim, thief = Client(), Client()
    for one in (victim, thief):
        one.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert victim.post("/sign-in/", {"login": "wang", "password": PASSWORD}).status_code == 302
    assert victim.get("/customers/").status_code in (200, 403)
    assert thief.get("/customers/").status_code == 302
    assert "planted" not in victim.session or not thief.session.get("_auth_user_id")


def test_an_altered_session_cookie_is_nobody():
    client = client_for(make_account(roles=["salesperson"]))
    name = settings.SESSION_COOKIE_NAME
    key = client.cookies[name].value
    for value in (
        key[:-1] + ("a" if key[-1] != "a" else "b"),
        key.upper(),
        "' OR 1=1 --",
        "a" * 5000,
        "",
    ):
        client.cookies[name] = value
        assert client.get("/customers/").status_code == 302, value


def test_a_sign_in_name_given_to_somebody_else_brings_no_imports_with_it():
    """Runs belong to the account that began them, not to whoever is called so now (4)."""
    first = make_account(roles=["sales_clerk"], login="clerk")
    run = ImportRun.objects.create(
        kind="sales",
        file_name="x.csv",
        file_sha256="0" * 64,
        started_by="clerk",
        started_by_id=first.pk,
        status="done",
    )
    assert client_for(first).get(f"/imports/{run.pk}/").status_code == 200
    Account.objects.filter(pk=first.pk).update(login="clerk.before")
    second = client_for(make_account(roles=["sales_clerk"], login="clerk"))
    assert second.get(f"/imports/{run.pk}/").status_code == 404
    assert f"/imports/{run.pk}/" not in second.get("/imports/earlier/").content.decode()
    assert client_for(first).get(f"/imports/{run.pk}/").status_code == 200

"""Signing in: works, fails alike for all reasons, locks, changes the session, goes only to our own pages."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from dossier.people.models import Account, SignInEvent, SignInSession
from tests.factories import PASSWORD, make_account

pytestmark = pytest.mark.django_db
URL = "/sign-in/"


@pytest.fixture
def client():
    return Client(headers={"accept-language": "en"})


def try_sign_in(client, login, password=PASSWORD, **more):
    return client.post(URL, {"login": login, "password": password, **more})


def whats():
    return list(SignInEvent.objects.order_by("pk").values_list("what", flat=True))


def test_works_without_regard_to_case_and_width(client):
    account = make_account(roles=["salesperson"], login="Wang.Fang")
    response = try_sign_in(client, " ｗａｎｇ.FANG ")
    assert response.status_code == 302
    assert response.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(account.pk)
    assert whats() == ["in"]
    noted = SignInSession.objects.get()
    assert (noted.account, noted.session_key, noted.ip) == (
        account,
        client.session.session_key,
        "127.0.0.1",
    )


@pytest.mark.parametrize(
    "login", ["wang", "nobody", "", "x" * 200, "a\x00b", "' OR 1=1 --", "{{7*7}}"]
)
def test_wrong_is_refused_in_words(client, login):
    make_account(login="wang")
    response = try_sign_in(client, login, "not the password")
    assert response.status_code == 422
    assert "_auth_user_id" not in client.session
    assert not SignInSession.objects.exists()


def test_closed_account_and_leaver_are_told_the_same_as_a_wrong_password(client):
    make_account(login="closed", is_active=False)
    left = make_account(login="left")
    left.employee.status = "left"
    left.employee.save()
    for login in ("closed", "left", "unknown"):
        response = try_sign_in(client, login)
        assert response.status_code == 422
        assert "do not belong together" in response.content.decode()
    assert whats() == ["failed"] * 3


def test_five_failures_lock_in_any_spelling_and_the_page_says_how_long(client):
    account = make_account(login="wang")
    for spelling in ("wang", "WANG", "Wang ", "ｗang"):
        assert try_sign_in(client, spelling, "wrong").status_code == 422
    fifth = try_sign_in(client, "wanG", "wrong")
    assert fifth.status_code == 429
    assert "15 minutes" in fifth.content.decode()
    assert int(fifth.headers["Retry-After"]) <= 900
    right = try_sign_in(client, "wang")
    assert right.status_code == 429
    assert "_auth_user_id" not in client.session
    assert whats() == ["failed"] * 4 + ["locked"]
    assert SignInEvent.objects.filter(account=account).count() == 5


def test_a_lock_closes_one_sign_in_not_the_house(client):
    make_account(login="wang")
    make_account(login="li")
    for _try in range(5):
        try_sign_in(client, "wang", "wrong")
    assert try_sign_in(client, "wang").status_code == 429
    assert try_sign_in(client, "li").status_code == 302


def test_a_success_forgets_the_failures_before(client):
    make_account(login="Wang")
    for _round in range(2):
        for _try in range(4):
            assert try_sign_in(client, "wang", "wrong").status_code == 422
        assert try_sign_in(client, "wang").status_code == 302
        client.post("/sign-out/")


def test_session_key_changes_at_sign_in(client):
    make_account(login="wang")
    client.get(URL)
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    try_sign_in(client, "wang")
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\thttps://evil.example",
        "///evil.example",
    ],
)
def test_next_leads_nowhere_else(client, target):
    make_account(login="wang")
    assert "evil" not in client.get(URL, {"next": target}).content.decode().split("<main")[1]
    response = try_sign_in(client, "wang", next=target)
    assert response.headers["Location"] == "/"


def test_next_leads_to_a_page_of_ours(client):
    make_account(login="wang")
    assert try_sign_in(client, "wang", next="/people/?q=x").headers["Location"] == "/people/?q=x"


def test_csrf_is_asked(client):
    make_account(login="wang")
    strict = Client(enforce_csrf_checks=True)
    assert try_sign_in(strict, "wang").status_code == 403
    assert not SignInSession.objects.exists()


def test_wrong_method(client):
    make_account()
    assert client.put(URL).status_code == 405


def test_the_accounts_language_is_taken_up(client):
    make_account(login="wang", language="zh-hans")
    response = try_sign_in(client, "wang")
    assert response.cookies["dossier-language"].value == "zh-hans"


def test_choosing_a_language_is_kept_with_the_account(client):
    account = make_account(login="wang")
    client.post(reverse("set_language"), {"language": "en", "next": "/sign-in/"})
    assert Account.objects.get(pk=account.pk).language == ""
    try_sign_in(client, "wang")
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/sign-in/"})
    assert Account.objects.get(pk=account.pk).language == "zh-hans"
    client.post(reverse("set_language"), {"language": "xx", "next": "/sign-in/"})
    assert Account.objects.get(pk=account.pk).language == "zh-hans"


def test_password_is_in_no_record_of_failures(client):
    from axes.models import AccessAttempt

    make_account(login="wang")
    try_sign_in(client, "wang", "canary-secret-word")
    attempt = AccessAttempt.objects.get()
    assert "canary" not in attempt.post_data + attempt.get_data


def test_passwords_are_hashed_by_argon2(client, settings, shipped_hashers):
    settings.PASSWORD_HASHERS = shipped_hashers
    account = make_account(login="wang")
    assert account.password.startswith("argon2$argon2id$")
    assert try_sign_in(client, "wang").status_code == 302

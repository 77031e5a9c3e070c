"""Lock-outs and browsers of others: seen and ended by administrators, recorded (AUD-2)."""

import pytest
from axes.models import AccessAttempt
from django.test import Client

from dossier.people.models import SignInEvent
from dossier.people.services import account_unlock
from tests.factories import PASSWORD, actor_for, client_for, make_account

pytestmark = pytest.mark.django_db


def try_sign_in(password=PASSWORD, *, login="Wang", ip="10.1.1.1"):
    client = Client(headers={"accept-language": "en"})
    data = {"login": login, "password": password}
    return client.post("/sign-in/", data, REMOTE_ADDR=ip).status_code


def lock(**more):
    return [try_sign_in("wrong", **more) for _try in range(5)]


@pytest.fixture
def admin():
    return make_account(roles=["system_administrator"], login="admin")


def test_locked_out_accounts_are_listed_and_can_be_filtered(admin):
    make_account(roles=["salesperson"], login="Wang")
    make_account(roles=["salesperson"], login="free")
    page = client_for(admin)
    assert (
        "locked out"
        not in page.get("/settings/accounts/").content.decode().lower().split("<tbody")[1]
    )
    assert lock()[-1] == 429
    choice = page.get("/settings/accounts/").content.decode().split('name="is_locked"')[1]
    assert (
        choice.split("</select>")[0].count("<option") == 3
    )  # either, yes, no: it had neither yes nor no
    shown = page.get("/settings/accounts/?is_locked=1").content.decode().split("<tbody")[1]
    assert "Wang" in shown
    assert "locked out" in shown
    assert "free" not in shown
    assert (
        "Wang"
        not in page.get("/settings/accounts/?is_locked=0").content.decode().split("<tbody")[1]
    )


def test_four_failures_or_old_ones_are_no_lock_out(admin):
    account = make_account(login="Wang")
    for _try in range(4):
        try_sign_in("wrong")
    page = client_for(admin)
    assert "Locked out after" not in page.get(f"/settings/accounts/{account.pk}/").content.decode()
    try_sign_in("wrong")
    assert "Locked out after" in page.get(f"/settings/accounts/{account.pk}/").content.decode()
    AccessAttempt.objects.update(attempt_time="2026-01-01T00:00Z")
    assert "Locked out after" not in page.get(f"/settings/accounts/{account.pk}/").content.decode()
    assert try_sign_in() == 302


def test_unlocking_lets_in_from_everywhere_and_is_recorded(admin):
    account = make_account(login="Wang")
    lock(ip="10.1.1.1")
    lock(ip="10.1.1.2", login="ＷＡＮＧ")
    page = client_for(admin)
    shown = page.get(f"/settings/accounts/{account.pk}/").content.decode()
    assert "10.1.1.1" in shown
    assert "10.1.1.2" in shown
    assert try_sign_in() == 429
    assert page.post(f"/settings/accounts/{account.pk}/unlock").status_code == 302
    assert try_sign_in() == 302
    assert try_sign_in(ip="10.1.1.2") == 302
    event = SignInEvent.objects.get(what="unlocked")
    assert (event.account, event.login) == (account, "wang")
    account_unlock(actor=actor_for(admin), account_id=account.pk)
    assert SignInEvent.objects.filter(what="unlocked").count() == 1, (
        "nothing to unlock, nothing noted"
    )


def test_unlocking_one_leaves_the_others_locked(admin):
    account = make_account(login="Wang")
    make_account(login="li")
    lock()
    lock(login="li")
    account_unlock(actor=actor_for(admin), account_id=account.pk)
    assert try_sign_in(login="li") == 429


def test_an_administrator_ends_all_browsers_of_an_account(admin):
    account, other = make_account(login="Wang"), make_account(login="li")
    browsers = []
    for login in ("Wang", "Wang", "li"):
        browser = Client(headers={"accept-language": "en", "user-agent": "Firefox on Linux"})
        browser.post("/sign-in/", {"login": login, "password": PASSWORD})
        browsers.append(browser)
    page = client_for(admin)
    shown = page.get(f"/settings/accounts/{account.pk}/").content.decode()
    assert shown.count("Firefox · Linux · ") + shown.count("<span>Firefox · Linux</span>") >= 2
    assert page.post(f"/settings/accounts/{account.pk}/sign-out").status_code == 302
    assert [browser.get("/me/sessions/").status_code for browser in browsers] == [302, 302, 200]
    assert SignInEvent.objects.filter(what="out_all", account=account).count() == 1
    assert not SignInEvent.objects.filter(what="out_all", account=other).exists()
    assert try_sign_in() == 302, "the account stays open"


@pytest.mark.parametrize("action", ["unlock", "sign-out"])
def test_only_administrators(admin, action):
    account = make_account(login="Wang")
    for role in ("auditor", "salesperson", "general_manager"):
        seller = client_for(make_account(roles=[role]))
        assert seller.post(f"/settings/accounts/{account.pk}/{action}").status_code == 403
    lock()
    auditor = client_for(make_account(roles=["auditor"]))
    shown = auditor.get(f"/settings/accounts/{account.pk}/").content.decode()
    assert "Locked out after" in shown
    assert f"{account.pk}/{action}" not in shown
    assert client_for(admin).get(f"/settings/accounts/{account.pk}/{action}").status_code == 405


def test_who_may_only_look_is_offered_nothing_to_save(admin):
    account = make_account(roles=["salesperson", "auditor"], login="Wang")
    shown = client_for(make_account(roles=["auditor"])).get(f"/settings/accounts/{account.pk}/")
    page = shown.content.decode()
    assert "Salesperson, Auditor" in page
    assert 'name="login"' not in page
    assert "data-key-save" not in page
    assert (
        'name="login"'
        in client_for(admin).get(f"/settings/accounts/{account.pk}/").content.decode()
    )

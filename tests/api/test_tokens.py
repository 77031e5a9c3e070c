"""Tokens: made, shown once, cut to their scopes, ended; what they open follows the person at once (AUD-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dossier.core.access import system_actor
from dossier.core.api.rates import Buckets
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.models import HistoryEntry
from dossier.people.models import ApiToken, Role, SignInEvent
from dossier.people.selectors import actor_for
from dossier.people.services import (
    account_reset_password,
    account_set_active,
    account_set_roles,
    employee_leave,
    password_change,
    token_create,
    token_revoke,
)
from tests.api.callers import ROOT, Api, api_for, token_for
from tests.factories import PASSWORD, client_for, make_account, make_customer, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_account(roles=["salesperson"], team=make_team())


@pytest.fixture
def administrator():
    return make_account(roles=["system_administrator", "customer_information_administrator"])


def assert_ended(api: Api) -> None:
    response = api.get("/customers")
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["code"] == "token"


def test_a_token_reads_what_its_person_may_see(seller):
    mine, _other = make_customer(owner=seller.employee), make_customer()
    found = api_for(seller).get("/customers").json()["items"]
    assert [one["id"] for one in found] == [mine.pk]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic YTpi",
        "Bearer dossier_aaaaaaaaaa_" + "b" * 43,
        "Bearer " + "x" * 9000,
    ],
)
def test_without_a_valid_token_nothing_is_told(header, seller):
    response = Client(headers={"authorization": header, "accept-language": "en"}).get(
        f"{ROOT}/customers"
    )
    assert response.status_code == 401
    assert response.json()["code"] == "token"


def test_the_right_prefix_with_another_secret_opens_nothing(seller):
    secret = token_for(seller)
    assert_ended(Api(secret[:-1] + ("a" if secret[-1] != "a" else "b")))


def test_a_browsers_cookie_does_not_open_the_api(seller):
    client = client_for(seller)
    assert client.get(f"{ROOT}/customers").status_code == 401
    assert client.post(f"{ROOT}/customers", {}, content_type="application/json").status_code == 401


def test_only_a_digest_is_stored_and_the_history_keeps_neither(seller):
    secret = token_for(seller)
    row = ApiToken.objects.get()
    assert secret not in str(row.__dict__)
    entry = HistoryEntry.objects.get(table_name="people_apitoken")
    assert secret not in str(entry.after)
    assert row.digest not in str(entry.after)


def test_using_a_token_is_noted_once_a_minute_and_makes_no_history(seller):
    api = api_for(seller)
    entries = HistoryEntry.objects.count()
    api.get("/customers")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    api.get("/customers")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    api.get("/customers")
    assert ApiToken.objects.get().last_used_at >= first
    assert HistoryEntry.objects.count() == entries


def test_an_expired_or_revoked_token_is_refused_at_once(seller):
    api = api_for(seller)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_ended(api)
    api = api_for(seller)
    token_revoke(actor=actor_for(seller), token_id=ApiToken.objects.latest("pk").pk)
    assert_ended(api)


def test_closing_the_account_or_leaving_ends_its_tokens_at_once(seller, administrator):
    api = api_for(seller)
    boss = actor_for(administrator)
    assert api.get("/customers").status_code == 200
    account_set_active(actor=boss, account_id=seller.pk, active=False)
    assert_ended(api)
    account_set_active(actor=boss, account_id=seller.pk, active=True)
    assert api.get("/customers").status_code == 200
    employee_leave(actor=boss, employee_id=seller.employee_id, left_on=timezone.localdate())
    assert_ended(api)


def test_a_role_taken_away_acts_at_the_next_request(seller, administrator):
    api = api_for(seller)
    assert api.get("/customers").status_code == 200
    account_set_roles(actor=actor_for(administrator), account_id=seller.pk, role_ids=[])
    assert api.get("/customers").status_code == 403
    account_set_roles(
        actor=actor_for(administrator),
        account_id=seller.pk,
        role_ids=[Role.objects.get(key="salesperson").pk],
    )
    assert api.get("/customers").status_code == 200


def test_an_administrators_new_password_ends_tokens_ones_own_does_not(seller, administrator):
    api = api_for(seller)
    password_change(actor=actor_for(seller), old=PASSWORD, new="another long phrase")
    assert api.get("/customers").status_code == 200
    account_reset_password(actor=actor_for(administrator), account_id=seller.pk)
    assert_ended(api)


def test_a_token_does_only_what_its_scopes_say(seller):
    customer = make_customer(owner=seller.employee)
    reader = api_for(seller, "customers:read")
    assert reader.get("/customers").status_code == 200
    refused = reader.patch(f"/customers/{customer.pk}", {"version": 1, "remark": "x"})
    assert refused.status_code == 403
    assert refused.json()["code"] == "scope"
    assert 'scope="customers:write"' in refused.headers["WWW-Authenticate"]
    assert reader.get("/orders").status_code == 403
    customer.refresh_from_db()
    assert customer.remark == ""
    assert api_for(seller, "customers:write").get("/customers").status_code == 200


def test_scopes_give_nothing_the_person_has_not(seller):
    assert api_for(seller, "*:write").get("/accounts").status_code == 403


def test_scopes_names_and_terms_that_make_no_sense_are_refused(seller):
    actor = actor_for(seller)
    for wrong in (
        {"scopes": ["everything"]},
        {"scopes": []},
        {"name": " "},
        {"days": 0},
        {"days": 400},
    ):
        with pytest.raises(Refusal):
            token_for(seller)  # the scopes are known by now
            token_create(actor=actor, **({"name": "a", "scopes": ["*:read"]} | wrong))


def test_nobody_makes_or_revokes_a_token_of_another(seller):
    other = make_account(roles=["salesperson"])
    with pytest.raises(NotAllowed):
        token_create(actor=actor_for(other), account_id=seller.pk, name="a", scopes=["*:read"])
    token_for(seller)
    with pytest.raises(NotFound):
        token_revoke(actor=actor_for(other), token_id=ApiToken.objects.get().pk)
    assert ApiToken.objects.get().revoked_at is None


def test_the_system_administrator_revokes_anybodys_token_on_the_account_page(seller, administrator):
    api = api_for(seller)
    token = ApiToken.objects.get()
    page = client_for(administrator).get(reverse("account", args=[seller.pk]))
    assert token.prefix in page.content.decode()
    client_for(administrator).post(reverse("account-token-revoke", args=[seller.pk, token.pk]))
    assert_ended(api)
    assert SignInEvent.objects.filter(account=seller, what="token_end").exists()


def test_the_page_shows_a_new_token_once_and_lists_it_without_its_secret(seller):
    client = client_for(seller)
    made = client.post(
        reverse("my-tokens"), {"name": "ERP", "days": "90", "scopes": ["customers:read"]}
    )
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert Api(secret).get("/customers").status_code == 200
    again = client.get(reverse("my-tokens")).content.decode()
    assert "ERP" in again
    assert secret not in again
    token = ApiToken.objects.get()
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)
    client.post(reverse("my-token-revoke", args=[token.pk]))
    assert_ended(Api(secret))


def test_the_page_refuses_what_is_missing_and_keeps_what_was_typed(seller):
    refused = client_for(seller).post(reverse("my-tokens"), {"name": "ERP", "days": "90"})
    assert refused.status_code == 422
    assert 'value="ERP"' in refused.content.decode()
    assert not ApiToken.objects.exists()


def test_the_console_makes_a_token_for_anybody(seller):
    made = token_create(
        actor=system_actor(via="command"), account_id=seller.pk, name="erp", scopes=["*:read"]
    )
    assert Api(made.secret).get("/customers").status_code == 200


def test_too_many_requests_are_told_when_to_come_again(seller, settings):
    settings.API_REQUESTS_PER_MINUTE = 12  # so that two may be made at once
    api = api_for(seller)
    answers = [api.get("/regions?limit=1") for _number in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 5


def test_a_bucket_fills_as_time_passes(settings):
    settings.API_REQUESTS_PER_MINUTE = 60
    now = [0.0]
    buckets = Buckets(clock=lambda: now[0])
    assert [buckets.take(1) for _number in range(11)] == [0] * 10 + [1]
    assert buckets.take(2) == 0  # another token has its own
    now[0] = 1.5
    assert [buckets.take(1), buckets.take(1)] == [0, 1]

"""The settings of classes and completeness: who sets them, what they refuse, that they take effect (CUS-8, CUS-9)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from dossier.customers.models import CompletenessRule, ProfileRules, Standing
from dossier.customers.services import standing_refresh
from dossier.customers.services.rules import RANGES
from dossier.customers.tests.pages import body, form_values
from tests.factories import client_for, make_account, make_customer

pytestmark = pytest.mark.django_db

RULES, WEIGHTS = "/settings/profiles/", "/settings/profiles/completeness"


def client(role):
    return client_for(make_account(roles=[role]))


def rules():
    return ProfileRules.objects.get(pk=1)


@pytest.mark.parametrize("url", [RULES, WEIGHTS])
def test_readers_read_and_others_are_refused(url):
    assert client("auditor").get(url).status_code == 200
    assert client("salesperson").get(url).status_code == 403
    for role in ("auditor", "salesperson"):
        assert client(role).post(url, {"new_days": "5", "reason": "abc"}).status_code == 403
    assert client("auditor").put(url).status_code == 405
    assert rules().new_days == 180


def test_thresholds_are_set_with_a_reason_and_guarded():
    keeper = client("customer_information_administrator")
    values = form_values(keeper, RULES) | {"new_days": "90", "key_amount": "50,000"}
    assert keeper.post(RULES, values).status_code == 422  # no reason
    good = values | {"reason": "按公司规定"}
    for wrong in (
        {"new_days": "0"},
        {"new_days": "x"},
        {"late_share": "101"},
        {"active_days": "900"},
    ):
        assert keeper.post(RULES, good | wrong).status_code == 422, wrong
    assert rules().version == 1
    assert keeper.post(RULES, good).status_code == 302
    assert (rules().new_days, rules().key_amount) == (90, 50_000)
    stale = keeper.post(RULES, good | {"new_days": "10"})
    assert stale.status_code == 409 and rules().new_days == 90


def test_a_weight_changes_the_score():
    customer = make_customer()
    standing_refresh([customer.pk])
    before = Standing.objects.get(pk=customer.pk)
    assert "grade" in before.missing
    keeper = client("customer_information_administrator")
    rule = CompletenessRule.objects.get(item="grade")
    values = form_values(keeper, WEIGHTS) | {f"weight-{rule.pk}": "0"}
    assert keeper.post(WEIGHTS, values).status_code == 422  # no reason
    assert (
        keeper.post(WEIGHTS, values | {"reason": "abc", f"weight-{rule.pk}": "11"}).status_code
        == 422
    )
    assert keeper.post(WEIGHTS, values | {"reason": "不再要求"}).status_code == 302
    standing_refresh([customer.pk])
    after = Standing.objects.get(pk=customer.pk)
    assert "grade" not in after.missing and after.completeness > before.completeness
    assert keeper.post(WEIGHTS, values | {"reason": "again"}).status_code == 409  # an old page


def test_every_threshold_is_on_the_page():
    page = client("system_administrator").get(RULES)
    for name in RANGES:
        assert f'id="id_{name}"' in body(page)


@pytest.mark.parametrize(
    "values", [{"new_days": 0}, {"late_share": 101}, {"active_days": 366}, {"key_amount": -1}]
)
def test_the_database_refuses_impossible_thresholds(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileRules.objects.filter(pk=1).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileRules.objects.create(pk=2)

"""The rules of computed classes and of completeness, case by case (CUS-7, CUS-8, CUS-9)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dossier.customers.rules.classes import (
    Facts,
    Limits,
    credit_class,
    time_class,
    transaction_state,
    weight,
)
from dossier.customers.rules.completeness import Item, has_street, score

TODAY = date(2026, 11, 22)
LIMITS = Limits()


def ago(days):
    return TODAY - timedelta(days=days)


def bought(first, last=None, **more):
    return Facts(orders=2, first_on=ago(first), last_on=ago(last or first), **more)


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        (Facts(), "prospective"),
        (Facts(ended=True), "prospective"),
        (bought(0), "new"),
        (bought(180, 3), "new"),
        (bought(181, 3), "existing"),
        (bought(2000, 365), "existing"),
        (bought(2000, 366), "former"),
        (bought(366), "former"),
        (bought(10, ended=True), "former"),
    ],
)
def test_time_class_by_first_and_last_deal(facts, value):
    assert time_class(facts, LIMITS, TODAY).value == value


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        (Facts(), ""),
        (Facts(openings=1), "starting"),
        (bought(90), "running"),
        (bought(90, openings=2), "running"),
        (bought(91), "past"),
        (bought(91, openings=1), "starting"),
        (bought(1, ended=True), "past"),
        (Facts(openings=1, ended=True), ""),
    ],
)
def test_transaction_state_by_last_deal_and_intentions(facts, value):
    assert transaction_state(facts, LIMITS, TODAY).value == value


@pytest.mark.parametrize(
    ("orders", "amount", "value"),
    [
        (1, "100000", "key"),
        (1, "99999.99", "occasional"),
        (2, "99999", "occasional"),
        (3, "1", "general"),
        (0, "0", "occasional"),
    ],
)
def test_weight_by_what_was_bought_lately(orders, amount, value):
    facts = bought(400, 10, recent_orders=orders, recent_amount=Decimal(amount))
    assert weight(facts, LIMITS).value == value
    assert weight(Facts(), LIMITS).value == ""


@pytest.mark.parametrize(
    ("receipts", "late", "overdue", "value", "why"),
    [
        (0, 0, 0, "", "no_receipts"),
        (10, 2, 0, "A", "pays_on_time"),
        (10, 3, 0, "B", "pays_late"),
        (10, 0, 1, "B", "pays_late"),
        (10, 0, 91, "C", "arrears"),
        (0, 0, 91, "C", "arrears"),
    ],
)
def test_credit_class_only_from_receipts_and_arrears(receipts, late, overdue, value, why):
    facts = Facts(receipts=receipts, late_receipts=late, overdue_days=overdue)
    assert credit_class(facts, LIMITS) == (value, why)


def test_thresholds_decide():
    wide = Limits(former_days=3000, active_days=500, key_amount=Decimal(1), general_orders=1)
    facts = bought(2000, 400, recent_orders=1, recent_amount=Decimal("0.5"))
    assert time_class(facts, wide, TODAY).value == "existing"
    assert transaction_state(facts, wide, TODAY).value == "running"
    assert weight(facts, wide).value == "general"


ITEMS = [Item("address", 4, "B1"), Item("region", 3), Item("scope", 1, "A1"), Item("off", 0)]


@pytest.mark.parametrize(
    ("grade", "blank", "none", "percent", "missing"),
    [
        ("A", (), (), 100, ()),
        ("A", ("address", "scope"), (), 37, ("address", "scope")),
        ("B1", ("address", "scope"), (), 42, ("address",)),
        ("C", ("address", "scope"), (), 100, ()),
        ("", ("address", "region"), (), 0, ("region",)),
        ("B", ("address",), ("address",), 100, ()),  # 'not applicable' is an answer
        ("A", ("off",), (), 100, ()),
    ],
)
def test_completeness_counts_what_the_grade_asks_for(grade, blank, none, percent, missing):
    found = score(ITEMS, grade=grade, blank=blank, none=none)
    assert (found.percent, found.missing) == (percent, missing)


def test_only_a_complete_profile_has_a_hundred():
    items = [Item(str(n), 1) for n in range(300)]
    assert score(items, grade="", blank={"7"}, none=()).percent == 99


@pytest.mark.parametrize(
    ("address", "full"),
    [
        ("", False),
        ("山东省烟台市莱阳市", False),
        ("天津市南开区", False),
        ("石家庄市道外区", False),
        ("山东省烟台市莱阳市五龙路2号", True),
        ("莱阳市五龙路2号3区", True),
        ("义乌市小商品市场", True),
        ("北京市海淀区中关村", True),
        ("12 Harbour Road", True),
    ],
)
def test_a_street_address_goes_on_after_the_district(address, full):
    assert has_street(address) is full

"""Computed classes of a customer from recorded facts (CUS-8): pure, with the reason of each value.

A verdict's ``why`` is a word the page turns into a sentence; an empty value means that the facts do
not suffice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True)
class Facts:
    """What is recorded about a customer. ``recent`` counts the days that weigh; money in one currency.

    ``openings`` are open intentions and projects that still hold, the newest of ``opened_on``.
    ``overdue_days`` is the age of the oldest amount in arrears.
    """

    orders: int = 0
    first_on: date | None = None
    last_on: date | None = None
    recent_orders: int = 0
    recent_amount: Decimal = Decimal(0)
    openings: int = 0
    opened_on: date | None = None
    receipts: int = 0
    late_receipts: int = 0
    overdue_days: int = 0
    ended: bool = False


@dataclass(frozen=True)
class Limits:
    """The company's thresholds; days, money in the company's currency, percent."""

    new_days: int = 180
    former_days: int = 365
    active_days: int = 90
    opening_days: int = 180
    weight_days: int = 365
    key_amount: Decimal = Decimal(100_000)
    general_orders: int = 3
    late_share: int = 20
    arrears_days: int = 90


class Verdict(NamedTuple):
    """A value and the word of its reason."""

    value: str
    why: str


def time_class(facts: Facts, limits: Limits, today: date) -> Verdict:
    """Existing, new, prospective or former: by the first and the last deal."""
    if facts.first_on is None or facts.last_on is None:
        return Verdict("prospective", "never_bought")
    if facts.ended:
        return Verdict("former", "ended")
    if (today - facts.last_on).days > limits.former_days:
        return Verdict("former", "long_ago")
    if (today - facts.first_on).days <= limits.new_days:
        return Verdict("new", "first_lately")
    return Verdict("existing", "buys_on")


def transaction_state(facts: Facts, limits: Limits, today: date) -> Verdict:
    """In progress, about to start or past; nothing where neither deal nor intention is recorded."""
    if facts.last_on is not None and facts.ended:
        return Verdict("past", "ended")
    if facts.last_on is not None and (today - facts.last_on).days <= limits.active_days:
        return Verdict("running", "ordered_lately")
    if facts.openings and not facts.ended:
        return Verdict("starting", "intends")
    if facts.last_on is not None:
        return Verdict("past", "no_order_lately")
    return Verdict("", "nothing_recorded")


def weight(facts: Facts, limits: Limits) -> Verdict:
    """Key, general or occasional: by what was bought in the days that weigh."""
    if facts.first_on is None:
        return Verdict("", "never_bought")
    if facts.recent_orders and facts.recent_amount >= limits.key_amount:
        return Verdict("key", "buys_much")
    if facts.recent_orders >= limits.general_orders:
        return Verdict("general", "buys_often")
    return Verdict("occasional", "buys_seldom")


def credit_class(facts: Facts, limits: Limits) -> Verdict:
    """A pays on time, B often owes but pays, C is long in arrears; nothing without receipts or arrears."""
    if facts.overdue_days > limits.arrears_days:
        return Verdict("C", "arrears")
    if not facts.receipts:
        return Verdict("", "no_receipts")
    if facts.late_receipts * 100 > limits.late_share * facts.receipts or facts.overdue_days > 0:
        return Verdict("B", "pays_late")
    return Verdict("A", "pays_on_time")

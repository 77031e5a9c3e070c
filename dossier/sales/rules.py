"""Pure calculation of order lines: amounts, proposed costs, what an entered line may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.money import line_amount, round_money


class _Propose(Enum):
    """The type of ``PROPOSE``."""

    PROPOSE = "propose"


PROPOSE: Final = _Propose.PROPOSE
"""No cost was given: take quantity × the product's cost where that is known, else it stays unknown."""
Propose = _Propose

ONE: Final = Decimal(1)
MOST: Final = Decimal(10) ** 14  # numbers of a line stay below
PLACES: Final = {
    "quantity": 4,
    "unit_price": 4,
    "discount_factor": 6,
    "amount": 4,
    "cost": 4,
    "other_cost": 4,
}


@dataclass(frozen=True)
class LineInput:
    """A line as entered. ``line_id`` names the line it replaces; ``amount`` (given, kept exactly)
    counts only on orders brought in from a file, elsewhere it is computed; ``cost`` is of the whole
    line: a number, None for unknown, or ``PROPOSE``."""

    product_id: int
    quantity: Decimal
    unit_price: Decimal
    discount_factor: Decimal = ONE
    amount: Decimal | None = None
    cost: Decimal | Propose | None = PROPOSE
    other_cost: Decimal = Decimal(0)
    remark: str = ""
    line_id: int | None = None


def amount_of(line: LineInput, currency: str) -> Decimal:
    """What the line comes to."""
    return line_amount(line.quantity, line.unit_price, line.discount_factor, currency)


def proposed_cost(quantity: Decimal, unit_cost: Decimal | None, currency: str) -> Decimal | None:
    """Quantity × cost of one, negative for a return; unknown stays unknown."""
    return None if unit_cost is None else round_money(quantity * unit_cost, currency)


def faults(line: LineInput, *, recorded: bool) -> Iterator[tuple[str, str, str | Promise]]:
    """What is wrong with a line: (field, code, message). ``recorded``: it came from a file, where
    corrections with odd signs exist; an entered line must make sense."""
    for name, places in PLACES.items():
        value = getattr(line, name)
        if not isinstance(value, Decimal):
            continue
        if not value.is_finite() or abs(value) >= MOST:
            yield name, "too_large", _("This number is too large, or is none.")
            return
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > places and value != round(value, places):
            yield name, "too_many_places", _("This number has too many decimals.")
            return
    if not 0 <= line.discount_factor <= (10 if recorded else 1):
        yield (
            "discount_factor",
            "bad_discount",
            _("The discount factor lies between 0 and 1: 0.9 means the customer pays nine tenths."),
        )
    if recorded:
        return
    if line.quantity == 0:
        yield "quantity", "zero", _("Enter a quantity; a negative one is a return.")
    if line.unit_price < 0:
        yield (
            "unit_price",
            "negative",
            _("A price cannot be less than zero. For a return enter a negative quantity."),
        )
    sign = -1 if line.quantity < 0 else 1
    for name, value in (("cost", line.cost), ("other_cost", line.other_cost)):
        if isinstance(value, Decimal) and value * sign < 0 and (sign > 0 or name == "cost"):
            yield name, "bad_sign", _("The cost of a return is negative, of a sale it is not.")

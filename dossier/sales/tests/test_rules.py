"""Amounts of lines the program makes, and what an entered line may hold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.core.money import line_amount, places, round_money
from dossier.sales.rules import LineInput, faults

NUMBERS = st.decimals(-(10**13), 10**13, allow_nan=False, allow_infinity=False, places=4)
ANYTHING = st.one_of(
    NUMBERS,
    st.sampled_from([Decimal(x) for x in ("NaN", "Infinity", "-Infinity", "1e18", "0.00001", "0")]),
)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "CNY", "1.01"), ("-1.005", "CNY", "-1.01"), ("2.5", "JPY", "3"), ("-2.5", "JPY", "-3"),
        ("1.00049", "KWD", "1.000"), ("1.0005", "BHD", "1.001"), ("0.004", "CNY", "0.00"),
    ],
)  # fmt: skip
def test_half_up_to_the_currencys_smallest_unit(amount, currency, rounded):
    assert round_money(Decimal(amount), currency) == Decimal(rounded)


@given(NUMBERS, NUMBERS, st.decimals(0, 1, places=6), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_a_return_mirrors_its_sale_and_is_rounded_once(quantity, price, factor, currency):
    amount = line_amount(quantity, price, factor, currency)
    # "-x" would round to the 28 digits of the context
    assert amount == line_amount(-quantity, price, factor, currency).copy_negate()
    assert amount == round(amount, places(currency))
    from fractions import Fraction

    exact = Fraction(quantity) * Fraction(price) * Fraction(factor)
    assert abs(Fraction(amount) - exact) <= Fraction(1, 2) / 10 ** places(currency)


@given(ANYTHING, ANYTHING, ANYTHING, st.one_of(st.none(), ANYTHING), ANYTHING)
def test_what_passes_can_be_kept(quantity, price, factor, cost, other):
    line = LineInput(
        1, quantity=quantity, unit_price=price, discount_factor=factor, cost=cost, other_cost=other
    )
    if list(faults(line, recorded=False)):
        return
    assert quantity != 0 and price >= 0 and 0 <= factor <= 1
    assert all(
        n.is_finite() and abs(n) < 10**14
        for n in (quantity, price, factor, cost or Decimal(0), other)
    )
    if quantity > 0:
        assert (cost is None or cost >= 0) and other >= 0

"""Dates and numbers as people write them (AUD-4, CUS-13)."""

import datetime as dt
import string
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.core.values import (
    PROBLEM_MESSAGES,
    ValueProblem,
    chinese_integer,
    parse_choice,
    parse_code,
    parse_count,
    parse_date,
    parse_decimal,
    parse_email,
    parse_phone,
    parse_phones,
    parse_yes_no,
)

DAY = dt.date(2023, 5, 6)


@pytest.mark.parametrize(
    "written",
    [
        "2023年5月6日", "2023.5.6", "2023/05/06", "2023-5-6", "20230506", "２０２３年５月６日", "2023-05-06 07:45:00",
        "2023-05-06T10:11:12.5Z", "2023年5月6日 星期六", "6 May 2023", "May 6, 2023", "二〇二三年五月六日", 45052, 45052.75,
        20230506.0, "45052", DAY, dt.datetime(2023, 5, 6, 23, 59),  # noqa: DTZ001 - cells have no zone
    ],
)  # fmt: skip
def test_dates_are_understood(written):
    assert parse_date(written) == DAY


def test_day_and_month_only_where_certain():
    assert parse_date("13/06/2023") == parse_date("6/13/2023") == dt.date(2023, 6, 13)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2023-02-30", "impossible_date"),
        ("1899-12-31", "impossible_date"),
        ("2201-01-01", "impossible_date"),
        ("20231301", "impossible_date"),
        ("05/06/2023", "ambiguous_date"),
        ("23-5-6", "ambiguous_date"),
        ("2023年5月", "bad_date"),
        ("", "bad_date"),
        (None, "bad_date"),
        (True, "bad_date"),
        ("2023-5-6 25:00", "bad_date"),
        (float("nan"), "bad_date"),
        (2023, "bad_date"),
    ],
)
def test_dates_are_refused_with_a_reason(written, code):
    with pytest.raises(ValueProblem) as raised:
        parse_date(written)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("￥1,200.00", "1200.00"), ("¥25,000", "25000"), ("1.2万", "12000"), ("3亿", "300000000"), ("(1,200)", "-1200"),
        ("-5", "-5"), ("1，200", "1200"), ("１２３．５", "123.5"), ("5%", "0.05"), ("1.2E3", "1200"), (0.1, "0.1"),
        (8000.0, "8000.0"), ("1.2万元", "12000"), ("1200-", "-1200"), ("-¥5", "-5"), ("1 200", "1200"),
    ],
)  # fmt: skip
def test_numbers_are_understood(written, expected):
    assert parse_decimal(written) == Decimal(expected)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "bad_number"), (None, "bad_number"), (True, "bad_number"), (float("nan"), "bad_number"), ("1,2", "bad_number"),
        (float("inf"), "bad_number"), ("约50", "bad_number"), ("(-5)", "bad_number"), (1e16, "too_large"), pytest.param(10**5000, "too_large", id="huge"),
        (Decimal("sNaN"), "bad_number"), ("1.23456789012345678901", "too_large"),
    ],
)  # fmt: skip
def test_numbers_are_refused_with_a_reason(written, code):
    with pytest.raises(ValueProblem) as raised:
        parse_decimal(written)
    assert raised.value.code == code


def test_binary_noise_is_rounded_but_real_digits_are_refused():
    assert parse_decimal(0.1 + 0.2, places=2) == Decimal("0.30")
    with pytest.raises(ValueProblem, match="too_many_places"):
        parse_decimal("0.305", places=2)


@pytest.mark.parametrize(
    ("written", "value", "exact"),
    [("50", 50, True), (20.0, 20, True), ("约50人", 50, False), ("50+", 50, False), ("200多人", 200, False),
     ("20-30人", 25, False), ("一百二十人", 120, True), ("近百人", 100, False), ("1.2万", 12000, True)],
)  # fmt: skip
def test_counts(written, value, exact):
    assert parse_count(written) == (value, exact)


def test_chinese_numerals():
    assert [chinese_integer(word) for word in ("十二", "两千零五", "三万五", "一亿二千万", "三万亿", "人")] == [
        12, 2005, 35000, 120_000_000, 3_000_000_000_000, None,
    ]  # fmt: skip


ANY = st.one_of(
    st.text(max_size=30),
    st.text(alphabet=string.digits + "０１５年月日./-:() ￥¥,.%万亿E+转、;；/约人", max_size=24),
    st.floats(),
    st.integers(),
    st.decimals(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
)
PARSERS = (
    parse_date, parse_decimal, parse_count, parse_phone, parse_phones, parse_email, parse_code, parse_yes_no,
    lambda value: parse_choice(value, {}), lambda value: parse_code(value, 6, extra="-_."),
    lambda value: parse_decimal(value, places=2),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(ANY)
def test_nothing_but_a_value_problem_is_raised(value):
    for parse in PARSERS:
        try:
            parse(value)
        except ValueProblem as problem:
            assert problem.code in PROBLEM_MESSAGES
            assert "value" in problem.params


@settings(max_examples=150, deadline=None)
@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)))
def test_every_day_is_read_back(day):
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"):
        assert parse_date(day.strftime(form)) == day


@settings(max_examples=150, deadline=None)
@given(st.decimals(-(10**12), 10**12, places=4))
def test_every_amount_is_read_back(amount):
    assert parse_decimal(str(amount)) == amount
    assert parse_decimal(f"{amount:,}") == amount

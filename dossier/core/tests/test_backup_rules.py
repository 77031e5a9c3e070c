"""When a backup is due, and which stay."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.core.backup.rules import FILE_NAME, Kept, due, made_at, to_delete
from dossier.core.backup.swapping import kept_names

HERE = ZoneInfo("Asia/Shanghai")
AT = time(2, 30)
# Hypothesis takes bounds without a zone.
YEARS = (datetime(2020, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - as said above


def moment(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=HERE)


@pytest.mark.parametrize(
    ("now", "made", "tried", "is_due"),
    [
        (moment(20, 2, 29), moment(19, 2, 30), moment(19, 2, 30), False),  # not yet
        (moment(20, 2, 30), moment(19, 2, 30), moment(19, 2, 30), True),  # now
        (moment(20, 2, 40), moment(20, 2, 30), moment(20, 2, 30), False),  # made
        (moment(20, 9), moment(18, 2, 30), moment(18, 2, 30), True),  # the program was down
        (moment(20, 1), moment(18, 2, 30), moment(18, 2, 30), True),  # … past midnight too
        (moment(20, 3), moment(19, 2, 30), moment(20, 2, 30), False),  # failed half an hour ago
        (moment(20, 3, 30), moment(19, 2, 30), moment(20, 2, 30), True),  # tried again hourly
        (moment(20, 12), None, None, True),  # the first one
    ],
)
def test_due(now, made, tried, is_due):
    assert due(now, enabled=True, at=AT, last_made=made, last_tried=tried) is is_due
    assert not due(now, enabled=False, at=AT, last_made=made, last_tried=tried)


def name(at):
    return FILE_NAME.format(at=at.strftime("%Y%m%dT%H%M%SZ"), suffix=".dossier")


def test_the_last_of_each_day_week_and_month_stays():
    first = datetime(2026, 1, 1, 18, 30, tzinfo=UTC)
    names = [name(first + timedelta(days=day)) for day in range(300)]
    gone = to_delete(names, Kept(7, 4, 6))
    stay = sorted(set(names) - set(gone))
    assert stay[-7:] == names[-7:]
    assert {made_at(one).month for one in stay} >= {5, 6, 7, 8, 9, 10}
    assert 7 + 4 + 6 - 6 <= len(stay) <= 7 + 4 + 6


@given(
    st.lists(st.datetimes(*YEARS), max_size=40),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_the_newest_always_stays_and_other_names_are_nobodys(days, daily, weekly, monthly):
    names = [name(day) for day in days]
    others = ["dossier-2026.dossier", "mine.dossier", "dossier-20261399T000000Z.dossier"]
    gone = to_delete([*names, *others], Kept(daily, weekly, monthly))
    assert not set(gone) & set(others)
    assert not names or max(names) not in gone
    assert len(set(names)) - len(gone) <= max(1, daily + weekly + monthly)


def test_two_restores_in_one_second_keep_what_they_set_aside_apart():
    at = datetime(2026, 11, 22, 14, 32, 4, 100_000, tzinfo=UTC)
    first, second = kept_names(at), kept_names(at + timedelta(milliseconds=200))
    assert not set(first) & set(second)

"""Dates as people and spreadsheets write them (AUD-4, CUS-13 impossible dates)."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Final

from dossier.core.values.chinese import chinese_integer
from dossier.core.values.problems import ValueProblem
from dossier.core.values.text import halfwidth

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
_EXCEL_EPOCH: Final = dt.date(1899, 12, 30)
_FIRST_SERIAL: Final = (dt.date(1955, 1, 1) - _EXCEL_EPOCH).days
_LAST_SERIAL: Final = (dt.date(2100, 12, 31) - _EXCEL_EPOCH).days

_LONGEST: Final = 64  # characters of a cell that can still be a date
_TIME: Final = (
    r"(?:[\sT,]*(?:[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?"
    r"(?:[\sT]*(?:[上下]午|晚上|[aApP][mM])?\s*(?:[01]?[0-9]|2[0-4])(?:[:时点][0-5]?[0-9])"
    r"(?:[:分][0-5]?[0-9](?:[.,][0-9]{1,9})?)?[秒分]?"
    r"\s*(?:[aApP]\.?[mM]\.?)?\s*(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?)"
)
_YEAR_FIRST: Final = re.compile(
    r"([0-9]{4})\s*[-/.年_\\]\s*([0-9]{1,2})\s*[-/.月_\\]\s*([0-9]{1,2})\s*[日号.]?" + _TIME
)
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})" + _TIME)
_SHORT_YEAR: Final = re.compile(
    r"'?[0-9]{1,2}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*[日号]?" + _TIME
)
_COMPACT: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0+|[T\s]?[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?)?"
)
_SERIAL: Final = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_ENGLISH: Final = re.compile(
    r"(?:(?P<d1>[0-9]{1,2})(?:st|nd|rd|th)?[\s-]+(?P<m1>[A-Za-z]{3,9})|"
    r"(?P<m2>[A-Za-z]{3,9})\.?\s+(?P<d2>[0-9]{1,2})(?:st|nd|rd|th)?),?[\s.-]+(?P<y>[0-9]{4})"
    + _TIME
)
_CHINESE: Final = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]"
)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_CHINESE_DIGITS: Final = str.maketrans("〇零○一二三四五六七八九", "000123456789")


def parse_date(value: object) -> dt.date:
    """The calendar day a cell means.

    Understands `2023年5月6日`, `2023.5.6`, `2023/05/06`, `20230506`, ISO forms with a time (the day
    as written, whatever zone stands behind it), `6 May 2023`, 二〇二三年五月六日, full-width digits,
    dates and datetimes, and spreadsheet day numbers (1900 system) from 1955 to 2100.

    Raises ValueProblem: `bad_date` (unreadable, empty or without a day), `impossible_date` (not in
    the calendar, or outside 1900..2200), `ambiguous_date` (day and month, or the century, could
    be either). 05/06/2023 is taken only where one of the two cannot be a month.
    """
    if isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
        raise ValueProblem("impossible_date", value)
    if type(value) is str:
        return _from_text(value)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _from_number(value)
    raise ValueProblem("bad_date", value if value is not None else "")


def _from_text(given: str) -> dt.date:
    if len(given) > _LONGEST:
        raise ValueProblem("bad_date", given)
    match = _YEAR_FIRST.fullmatch(given)
    if match:
        return _day(given, match[1], match[2], match[3])
    cleaned = halfwidth(given)
    for pattern in (_YEAR_FIRST, _COMPACT):
        match = pattern.fullmatch(cleaned)
        if match:
            return _day(given, match[1], match[2], match[3])
    match = _YEAR_LAST.fullmatch(cleaned)
    if match:
        return _day_and_month(given, int(match[1]), int(match[2]), match[3])
    if _SHORT_YEAR.fullmatch(cleaned):
        raise ValueProblem("ambiguous_date", given)
    match = _SERIAL.fullmatch(cleaned)
    if match:
        return _from_number(int(match[1]))
    match = _ENGLISH.fullmatch(cleaned)
    if match:
        month = _MONTHS.get((match["m1"] or match["m2"]).lower())
        if month:
            return _day(given, match["y"], month, match["d1"] or match["d2"])
    match = _CHINESE.fullmatch(cleaned)
    if match:
        month, number = chinese_integer(match[2]), chinese_integer(match[3])
        if month is not None and number is not None:
            return _day(given, match[1].translate(_CHINESE_DIGITS), month, number)
    raise ValueProblem("bad_date", given)


def _from_number(value: int | float | Decimal) -> dt.date:
    """A spreadsheet's day number, or 20230506 kept as a number."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueProblem("bad_date", str(value))
    if not -1e9 < value < 1e9:  # NaN compares false
        raise ValueProblem("bad_date", value)
    whole = int(value)
    if _FIRST_SERIAL <= whole <= _LAST_SERIAL:
        return _EXCEL_EPOCH + dt.timedelta(days=whole)
    if 10000101 <= whole <= 99991231 and whole == value:
        return _day(value, whole // 10000, whole // 100 % 100, whole % 100)
    raise ValueProblem("bad_date", value)


def _day_and_month(given: str, first: int, second: int, year: str) -> dt.date:
    if first > 12 >= second:
        return _day(given, year, second, first)
    if second > 12 >= first or first == second:
        return _day(given, year, first, second)
    raise ValueProblem("impossible_date" if first > 12 else "ambiguous_date", given)


def _day(given: object, year: int | str, month: int | str, day: int | str) -> dt.date:
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise ValueProblem("impossible_date", given) from None
    if FIRST_YEAR <= found.year <= LAST_YEAR:
        return found
    raise ValueProblem("impossible_date", given)

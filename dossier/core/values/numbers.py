"""Numbers and amounts as people and spreadsheets write them (AUD-4)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from dossier.core.values.chinese import chinese_integer
from dossier.core.values.problems import ValueProblem
from dossier.core.values.text import halfwidth, text

LARGEST: Final = Decimal(10) ** 15
"""Amounts above this are taken for a slip."""
_LONGEST: Final = 64

_PLAIN: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_CURRENCY: Final = r"(?:[¥￥$€£₩]|rmb|cny|usd|eur|hkd|us\$|hk\$|人民币|美元|港币|欧元|元|圆)"
_WRITTEN: Final = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+]?)\s*{_CURRENCY}?\s*:?\s*(?P<sign2>[-+]?)\s*"
    r"(?P<number>[0-9]+(?:[,' ][0-9]{3})*(?:\.[0-9]*)?|[0-9]{1,4}(?:,[0-9]{4})+(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?:e(?P<exponent>[-+]?[0-9]{1,3}))?\s*"
    r"(?P<unit>[十百千]?[万萬]亿?|[十百千]?[亿億]|[百千]|[%‰])?\s*"
    rf"(?P<minus>-)?\s*{_CURRENCY}?[整正]?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_UNITS: Final[dict[str, Decimal]] = {
    "%": Decimal("0.01"),
    "‰": Decimal("0.001"),
    "百": Decimal(100),
    "千": Decimal(1000),
    "万": Decimal(10_000),
    "亿": Decimal(100_000_000),
    "万亿": Decimal(10) ** 12,
    **{
        few + unit: Decimal(factor * size)
        for few, factor in (("十", 10), ("百", 100), ("千", 1000))
        for unit, size in (("万", 10_000), ("亿", 100_000_000), ("万亿", 10**12))
    },
}
_DASHES: Final = str.maketrans(
    dict.fromkeys("−–—‐‑‒﹣", "-") | {"，": ",", "’": "'", "萬": "万", "億": "亿"}
)
_NOISE: Final = Decimal("1e-9")


def parse_decimal(value: object, *, max_digits: int = 20, places: int | None = None) -> Decimal:
    """The exact number a cell means.

    Understands `￥1,200.00`, `1.2万`, `3亿元`, `(1,200)` and `1,200-` as negative, `5%` as 0.05,
    `1.2E+3`, grouping by comma, blank or apostrophe, and full-width digits. A float is taken as it
    is written (0.1 stays 0.1). With `places`, a float's binary noise behind the last place is
    rounded away (half up); real digits there are refused rather than silently lost.

    Raises ValueProblem: `bad_number` (unreadable, empty, NaN, infinite, true/false), `too_large`
    (over 10^15, or more than `max_digits` significant digits), `too_many_places`.
    """
    if type(value) is str:
        number = _from_text(value)
    elif isinstance(value, bool) or value is None:
        raise ValueProblem("bad_number", text(value))
    elif isinstance(value, float):
        number = Decimal(repr(value))
    elif isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueProblem("too_large", "")
        number = Decimal(value)
    elif isinstance(value, Decimal):
        number = value
    else:
        raise ValueProblem("bad_number", value)
    if not number.is_finite():
        raise ValueProblem("bad_number", value)
    if abs(number) > LARGEST:
        raise ValueProblem("too_large", value)
    return _limited(number, value, max_digits, places)


def _limited(number: Decimal, value: object, max_digits: int, places: int | None) -> Decimal:
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:  # 1.2E+3 is kept as 1200
        number = number.quantize(Decimal(1))
        exponent = 0
    if places is not None and isinstance(exponent, int) and -exponent > places:
        unit = Decimal(1).scaleb(-places)
        rounded = number.quantize(unit, rounding=ROUND_HALF_UP)
        off = abs(rounded - number)
        if off and not (isinstance(value, float) and off <= max(abs(number) * _NOISE, _NOISE)):
            raise ValueProblem("too_many_places", value, places=places)
        number = rounded
    digits = number.as_tuple()
    if len(digits.digits) > max_digits or number.adjusted() < -max_digits:
        raise ValueProblem("too_large", value)
    return number if number else abs(number)


def _from_text(given: str) -> Decimal:
    if _PLAIN.fullmatch(given):
        return Decimal(given)
    if len(given) > _LONGEST:
        raise ValueProblem("bad_number", given)
    match = _WRITTEN.fullmatch(halfwidth(given).translate(_DASHES))
    if match is None or bool(match["open"]) != bool(match["close"]):
        raise ValueProblem("bad_number", given)
    number = Decimal(re.sub("[,' ]", "", match["number"]))
    if match["exponent"]:
        power = int(match["exponent"])
        if abs(power) > 40:
            raise ValueProblem("too_large" if power > 0 else "bad_number", given)
        number = number.scaleb(power)
    if match["unit"]:
        number *= _UNITS[match["unit"]]
        if match["unit"] not in "%‰":  # 1.2万 is 12000, not 12000.0
            number = _without_trailing_zeros(number)
    negatives = [
        match["sign"] == "-",
        match["sign2"] == "-",
        match["minus"] == "-",
        bool(match["open"]),
    ]
    if sum(negatives) > 1:
        raise ValueProblem("bad_number", given)
    return -number if any(negatives) else number


def _without_trailing_zeros(number: Decimal) -> Decimal:
    whole = number.to_integral_value()
    return whole if whole == number else number.normalize()


class Count(NamedTuple):
    """How many there are; `exact` is False where people wrote about, more than, or a range."""

    value: int
    exact: bool


_COUNT: Final = re.compile(
    r"(?P<about>大约|约|大概|近|将近|超过|超|不足|不到|至少|至多|>=?|<=?|≥|≤|~)?\s*"
    r"(?P<first>[0-9][0-9,]*(?:\.[0-9]+)?)\s*(?P<unit>[百千万])?\s*"
    r"(?:[-~至到]\s*(?P<second>[0-9][0-9,]*)\s*(?P<unit2>[百千万])?)?\s*"
    r"(?P<more>\+|多|余|来|几)?\s*(?P<unit3>[百千万])?\s*(?P<measure>[人名位个家户台套件次天年]|员工)?\s*"
    r"(?P<around>左右|上下|以上|以下|以内|多|\+)?"
)
_COUNT_WORDS: Final = re.compile(
    r"(?P<about>大约|约|大概|近|将近|超过|超)?(?P<number>[零〇一二两三四五六七八九十百千万]{1,9})"
    r"(?P<more>多|余|来|几)?[人名位个家户台套件次天年]?(?P<around>左右|上下|以上|以下)?"
)


def parse_count(value: object) -> Count:
    """A number of people or things: `50`, `约50人`, `50+`, `200多人`, `20-30人` (the middle), `1.2万`.

    Raises ValueProblem `bad_count` for anything that is no whole number from zero to 10^9.
    """
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 10:
        return Count(int(value), True)
    if isinstance(value, (int, float, Decimal)):
        try:
            number = parse_decimal(value)
        except ValueProblem as problem:
            raise ValueProblem("bad_count", value) from problem
        return _count(number, True, value)
    given = halfwidth(value).translate(_DASHES)
    if len(given) > _LONGEST:
        raise ValueProblem("bad_count", given)
    match = _COUNT.fullmatch(given)
    if match:
        return _written_count(match, given)
    match = _COUNT_WORDS.fullmatch(given)
    if match:
        whole = chinese_integer(match["number"])
        if whole is not None:
            exact = not (match["about"] or match["more"] or match["around"])
            return _count(Decimal(whole), exact, given)
    raise ValueProblem("bad_count", given)


def _written_count(match: re.Match[str], given: str) -> Count:
    unit = match["unit"] or match["unit3"] or ""
    number = Decimal(match["first"].replace(",", ""))
    exact = not (match["about"] or match["more"] or match["around"])
    if match["second"]:
        last = Decimal(match["second"].replace(",", "")) * _UNITS.get(
            match["unit2"] or unit, Decimal(1)
        )
        number = number * _UNITS.get(match["unit"] or match["unit2"] or unit, Decimal(1))
        return _count((number + last) // 2, False, given)
    return _count(number * _UNITS.get(unit, Decimal(1)), exact, given)


def _count(number: Decimal, exact: bool, given: object) -> Count:
    if not 0 <= number <= 10**9 or number != number.to_integral_value():
        raise ValueProblem("bad_count", given)
    return Count(int(number), exact)

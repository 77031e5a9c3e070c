"""Whole numbers written with Chinese numerals (一百二十, 两千, 三万五)."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = {
    **{c: n for n, c in enumerate("零一二三四五六七八九")},
    **{c: n for n, c in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "两": 2,
    "○": 0,
}
_SMALL: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE: Final = {"万": 10_000, "亿": 100_000_000}


def chinese_integer(written: str) -> int | None:
    """The whole number Chinese numerals stand for, or None where they are none.

    `十二` → 12, `两千零五` → 2005, `三万五` → 35000 (the last digit counts in the next lower unit),
    `百` → 100. Digits in a row (二〇二三) are read one by one.
    """
    if not written or len(written) > 20:
        return None
    if all(c in _DIGITS for c in written):
        return int("".join(str(_DIGITS[c]) for c in written))
    total = section = 0
    digit: int | None = None
    unit = 1
    zero = False
    for char in written:
        if char in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[char]
            zero = zero or digit == 0
        elif char in _SMALL:
            unit = _SMALL[char]
            section += (1 if digit is None else digit) * unit
            digit, zero = None, False
        elif char in _LARGE:
            unit = _LARGE[char]
            amount = section + (digit or 0)
            if unit == 10_000:
                total += (amount or 1) * unit
            else:
                total = (total + amount or 1) * unit
            section, digit, zero = 0, None, False
        else:
            return None
    if digit and unit > 10 and not zero:
        digit *= unit // 10
    return total + section + (digit or 0)

"""Codes and places in the tree of customer categories (CUS-4)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from dossier.core.values import halfwidth
from dossier.people.rules import makes_cycle

CODE_LONGEST = 20
_CODE = re.compile(r"[\w.-]{1,20}")
_DIGITS = re.compile(r"[0-9]{1,9}")


def clean_code(text: str) -> str:
    """A category code as it is stored: half-width, upper case, letters, digits, point and dashes. Empty when it is none."""
    code = halfwidth(text).strip().upper()
    return code if _CODE.fullmatch(code) else ""


def suggest_code(parent: str, siblings: Iterable[str], taken: Collection[str]) -> str:
    """The next free code below ``parent``: its code and the next of what its other children end in.

    Children numbered 0101, 0102 give 0103; A, B give C; the first child of 01 is 0101. Empty where
    no code of twenty signs is left.
    """
    used = {code.upper() for code in taken}
    ends = [code[len(parent) :] for code in siblings if code.startswith(parent) and code != parent]
    letters = sorted(end for end in ends if len(end) == 1 and end.isascii() and end.isalpha())
    if letters and len(letters) == len(ends):
        for number in range(ord(letters[-1].upper()) + 1, ord("Z") + 1):
            if f"{parent}{chr(number)}".upper() not in used:
                return f"{parent}{chr(number)}"
    numbers = [end for end in ends if _DIGITS.fullmatch(end)]
    width = max((len(end) for end in numbers), default=2)
    after = max((int(end) for end in numbers), default=0) + 1
    whole = range(after, 10**width)
    gaps = range(1, after)
    for values in (whole, gaps, range(10**width, 10 ** (width + 1))):
        for value in values:
            code = f"{parent}{value:0{width}d}"
            if code.upper() not in used:
                return code if len(code) <= CODE_LONGEST else ""
    return ""


def below(start: int, parents: Mapping[int, int | None]) -> set[int]:
    """A node and everything below it."""
    return {key for key in parents if makes_cycle(start, key, parents.get)}

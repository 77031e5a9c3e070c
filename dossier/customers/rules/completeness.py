"""How complete a profile is, by rules per grade (CUS-7, CUS-9, CUS-13): pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

GRADES: Final = ("A", "A1", "B", "B1", "C")  # best first
_PLACES: Final = re.compile(
    r"^(?:中国)?(?:(?:路[南北桥]|道[里外])区|[^\d路街道巷号]{1,9}?(?:省|自治区|市(?!场)|区|县|州|盟|旗))*"
)
"""The divisions an address begins with: province, city, district."""


class Item(NamedTuple):
    """How much an item counts and from which grade upward; '' counts for everybody."""

    key: str
    weight: int
    lowest_grade: str = ""


class Score(NamedTuple):
    """Percent, rounded down so that only a complete profile has 100, and the unanswered items."""

    percent: int
    missing: tuple[str, ...]


def counts(item: Item, grade: str) -> bool:
    """Whether the item counts for a customer of this grade; without a grade only what counts for all."""
    if not item.weight:
        return False
    if not item.lowest_grade:
        return True
    return bool(grade) and GRADES.index(grade) <= GRADES.index(item.lowest_grade)


def score(
    items: Iterable[Item], *, grade: str, blank: Collection[str], none: Collection[str]
) -> Score:
    """The score of a profile: ``blank`` items hold nothing, ``none`` are answered 'not applicable'."""
    total = answered = 0
    missing = []
    for item in items:
        if not counts(item, grade):
            continue
        total += item.weight
        if item.key in blank and item.key not in none:
            missing.append(item)
        else:
            answered += item.weight
    missing.sort(key=lambda item: -item.weight)
    percent = answered * 100 // total if total else 100
    return Score(percent, tuple(item.key for item in missing))


def has_street(address: str) -> bool:
    """Whether an address goes on after province, city and district: a street, a village, a building (CUS-9)."""
    return len(_PLACES.sub("", address.strip())) >= 2

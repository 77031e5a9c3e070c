"""Finding customers that stand in the files more than once (CUS-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

from rapidfuzz.fuzz import ratio

from dossier.customers.rules.codes import uscc_check
from dossier.customers.rules.names import NameKey, normalise_name

Reason = Literal["name", "tax_number", "phone", "address"]

SIMILAR: Final = 0.8
"""Names from this similarity on count as alike when a telephone or address is shared."""
_CROWD: Final = 40
"""Rows sharing a number or address above which only neighbours in name order are compared."""
_WINDOW: Final = 8
_SCORES: Final = {
    "tax_number": 0.98,
    "name": 0.92,
    "phone": 0.85,
    "address": 0.85,
    "bare_name": 0.7,
}


class DuplicateRow(NamedTuple):
    """What is compared of a customer.

    `tax_number` is normalised, `phones` are `Phone.digits`, `region` a six-digit division code,
    `address` the street address; '' or empty where not known.
    """

    ref: int | str
    name: str
    tax_number: str = ""
    phones: tuple[str, ...] = ()
    region: str = ""
    address: str = ""


class DuplicateGroup(NamedTuple):
    """Rows that may be one customer; score from 0 to 1 of the weakest link, and why."""

    refs: tuple[int | str, ...]
    score: float
    reasons: tuple[Reason, ...]


class _Groups:
    """Union-find that keeps companies with different valid tax numbers apart."""

    def __init__(self, taxes: Sequence[str]) -> None:
        self.above = list(range(len(taxes)))
        self.taxes = [{tax} if tax else set() for tax in taxes]
        self.score = [1.0] * len(taxes)
        self.reasons: list[set[Reason]] = [set() for _ in taxes]

    def find(self, one: int) -> int:
        above = self.above
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def join(self, first: int, second: int, score: float, reason: Reason) -> None:
        a, b = self.find(first), self.find(second)
        if a == b:
            self.reasons[a].add(reason)
            return
        if self.taxes[a] and self.taxes[b] and self.taxes[a].isdisjoint(self.taxes[b]):
            return
        self.above[b] = a
        self.taxes[a] |= self.taxes[b]
        self.score[a] = min(self.score[a], self.score[b], score)
        self.reasons[a] |= self.reasons[b]
        self.reasons[a].add(reason)


def compatible(first: str, second: str) -> bool:
    """Whether two places (six-digit codes) can be meant for one: equal, one within the other, or one unknown."""
    a, b = significant(first), significant(second)
    return a.startswith(b) or b.startswith(a)


def significant(code: str) -> str:
    """The digits of a division code that say something: 370000 → 37, 370600 → 3706."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def name_similarity(first: NameKey, second: NameKey) -> float:
    """Likeness of two names from 0 to 1; 0 where their places exclude each other.

    One core within the other (the place unknown to us, 西双正龙化工 and 正龙化工) counts 0.9. Where both
    carry the same place, it counts as two characters of the name.
    """
    if not compatible(first.place, second.place):
        return 0.0
    a, b = first.core, second.core
    if a == b:
        return 1.0 if a else 0.0
    if min(len(a), len(b)) >= 4 and (a.endswith(b) or b.endswith(a)):
        return 0.9
    if first.place and first.place == second.place:
        a, b = "地名" + a, "地名" + b
    return ratio(a, b) / 100


def possible_duplicates(rows: Iterable[DuplicateRow]) -> list[DuplicateGroup]:
    """Groups of two and more rows that may be one customer, in the order of their first row.

    Rows are linked by an equal tax number; by an equal name (same core, same place or one lying in
    the other) unless both have valid, different tax numbers; by a shared telephone or full address
    together with a similar name, because switchboards and office towers are shared; and by an equal
    name of which one lacks the place, where its region says the same or only one place is possible.
    About linear in the number of rows.
    """
    given = list(rows)
    keys = [normalise_name(row.name) for row in given]
    valid = [
        row.tax_number if len(row.tax_number) == 18 and uscc_check(row.tax_number) is None else ""
        for row in given
    ]
    groups = _Groups(valid)
    for bucket in _buckets((row.tax_number,) if len(row.tax_number) >= 15 else () for row in given):
        for other in bucket[1:]:
            groups.join(bucket[0], other, _SCORES["tax_number"], "tax_number")
    by_core = list(_buckets((key.core,) if len(key.core) >= 2 else () for key in keys))
    for bucket in by_core:
        for first, second in _same_place(bucket, keys):
            groups.join(first, second, _SCORES["name"], "name")
    _join_alike(groups, keys, _buckets(set(row.phones) for row in given), "phone")
    _join_alike(groups, keys, _buckets(_whole_address(row.address) for row in given), "address")
    for bucket in by_core:
        for first, second in _place_missing(bucket, keys, given):
            groups.join(first, second, _SCORES["bare_name"], "name")
    return _collected(groups, given)


def _buckets(keys_of_rows: Iterable[Iterable[str]]) -> Iterator[list[int]]:
    """Positions of rows sharing a key, two and more."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for position, row_keys in enumerate(keys_of_rows):
        for key in row_keys:
            if key:
                found[key].append(position)
    return (bucket for bucket in found.values() if len(bucket) > 1)


def _whole_address(address: str) -> tuple[str, ...]:
    """The address as a key where it goes down to a house number, else nothing."""
    key = "".join(char for char in address if char.isalnum())
    return (key,) if len(key) >= 8 and any(char.isdigit() for char in key) else ()


def _same_place(bucket: Sequence[int], keys: Sequence[NameKey]) -> Iterator[tuple[int, int]]:
    """Pairs of rows with one core whose places are equal, or one within the other."""
    by_place: dict[str, int] = {}
    for position in bucket:
        place = keys[position].place
        if not place:
            continue
        first = by_place.setdefault(place, position)
        if first != position:
            yield first, position
    if len(by_place) > 1:
        for place, position in by_place.items():
            province, city = place[:2] + "0000", place[:4] + "00"
            for above in {province, city} - {place}:
                inside = [
                    one for one in by_place if one != above and one.startswith(significant(above))
                ]
                if above in by_place and (above == city or len(inside) == 1):
                    yield by_place[above], position


def _place_missing(
    bucket: Sequence[int], keys: Sequence[NameKey], rows: Sequence[DuplicateRow]
) -> Iterator[tuple[int, int]]:
    """Pairs with one core of which at least one does not name its place."""
    placed = {keys[one].place: one for one in reversed(bucket) if keys[one].place}
    bare = [one for one in bucket if not keys[one].place]
    if not bare:
        return
    if (
        len(keys[bare[0]].core) < 4
    ):  # 华为: too short to tell without its place, unless all is equal
        equal: dict[tuple[str, str], int] = {}
        for one in bare:
            other = equal.setdefault((keys[one].full, rows[one].region), one)
            if other != one:
                yield other, one
        return
    first_of_region: dict[str, int] = {}
    for one in bare:
        region = rows[one].region
        same = [other for place, other in placed.items() if region and _near(place, region)]
        if region and not same:
            other = first_of_region.setdefault(region, one)
            if other != one:
                yield other, one
        elif len(same) == 1:
            yield same[0], one
        elif not region and len(placed) == 1:
            yield next(iter(placed.values())), one
        elif not region and not placed and one != bare[0]:
            yield bare[0], one


def _near(place: str, region: str) -> bool:
    """Whether a region lies in the place of a name (a county-level city also in its prefecture)."""
    return region.startswith(significant(place)[:4])


def _join_alike(
    groups: _Groups, keys: Sequence[NameKey], buckets: Iterable[list[int]], reason: Reason
) -> None:
    for bucket in buckets:
        ordered = (
            bucket if len(bucket) <= _CROWD else sorted(bucket, key=lambda one: keys[one].core)
        )
        reach = len(ordered) if len(bucket) <= _CROWD else _WINDOW
        for at, first in enumerate(ordered):
            for second in ordered[at + 1 : at + 1 + reach]:
                likeness = name_similarity(keys[first], keys[second])
                if likeness >= SIMILAR:
                    groups.join(first, second, round(_SCORES[reason] * likeness, 2), reason)


def _collected(groups: _Groups, rows: Sequence[DuplicateRow]) -> list[DuplicateGroup]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for position in range(len(rows)):
        members[groups.find(position)].append(position)
    return [
        DuplicateGroup(
            tuple(rows[one].ref for one in positions),
            groups.score[top],
            tuple(sorted(groups.reasons[top])),
        )
        for top, positions in members.items()
        if len(positions) > 1
    ]

"""Finding customers that stand in the files more than once (CUS-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from dossier.customers.rules.companies_alike import (
    Company,
    DuplicateRow,
    Likely,
    Reason,
    compare,
    compatible,
    name_similarity,
    names_alike,
    significant,
)
from dossier.customers.rules.grouping import grouped

__all__ = [
    "DuplicateGroup",
    "DuplicatePair",
    "DuplicateRow",
    "compatible",
    "duplicate_groups",
    "name_similarity",
    "possible_duplicates",
]

_CROWD: Final = 40
"""Rows sharing a number or address above which only neighbours in name order are compared."""
_WINDOW: Final = 8
_FEW: Final = 6
"""Groups of at most so many rows name every pair, not only those that made them."""
_BARE: Final = 0.7
"""How sure it is that a name without its place is the only one of that name with a place."""


class DuplicatePair(NamedTuple):
    """Two rows that may be one customer: score from 0 to 1, and why, the strongest reason first."""

    first: int | str
    second: int | str
    score: float
    reasons: tuple[Reason, ...]


class DuplicateGroup(NamedTuple):
    """Rows that may be one customer; score from 0 to 1 of the weakest link, why, and its pairs."""

    refs: tuple[int | str, ...]
    score: float
    reasons: tuple[Reason, ...]
    pairs: tuple[DuplicatePair, ...] = ()


def possible_duplicates(rows: Iterable[DuplicateRow]) -> list[DuplicateGroup]:
    """Groups of two and more rows that may be one customer, in the order of their first row.

    Rows are linked by an equal tax number; by an equal name (same core, same place or one lying in
    the other) unless both have valid, different tax numbers; by a shared telephone, full address or
    e-mail together with a similar name, because switchboards and office towers are shared; and by an
    equal name of which one lacks the place, where its region says the same or only one place is
    possible. About linear in the number of rows.
    """
    return duplicate_groups([Company(row) for row in rows])


def duplicate_groups(companies: list[Company]) -> list[DuplicateGroup]:
    """The same of rows made ready for comparing already."""
    return _Search(companies).groups()


class _Search:
    """One search through a set of rows, which are known by their position."""

    def __init__(self, companies: list[Company]) -> None:
        self.companies = companies
        self.crowd: dict[tuple[str, str], int] = {}
        self.pairs: dict[tuple[int, int], Likely] = {}

    def groups(self) -> list[DuplicateGroup]:
        """See `possible_duplicates`."""
        self._look()
        found = grouped(
            ((likely.score, *pair) for pair, likely in self.pairs.items()), self._agree, self._clash
        )
        of = {position: at for at, group in enumerate(found) for position in group}
        inside: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for first, second in self.pairs:
            group = of.get(first)
            if group is not None and group == of.get(second):
                inside[group].append((first, second))
        return [self._group(group, sorted(inside[at])) for at, group in enumerate(found)]

    def _group(self, members: list[int], pairs: list[tuple[int, int]]) -> DuplicateGroup:
        weakest = min(self.pairs[pair].score for pair in pairs)
        if len(members) <= _FEW:
            pairs = [pair for pair in combinations(members, 2) if self._told(*pair)]

        def ref(position: int) -> int | str:
            return self.companies[position].row.ref

        told = tuple(
            DuplicatePair(ref(a), ref(b), self.pairs[a, b].score, self.pairs[a, b].reasons)
            for a, b in pairs
        )
        return DuplicateGroup(
            tuple(ref(one) for one in members),
            weakest,
            tuple(sorted({reason for pair in told for reason in pair.reasons})),
            told,
        )

    def _told(self, first: int, second: int) -> bool:
        """Whether something speaks for two rows of one group; it is noted then."""
        self._compare(first, second, named=True)
        return (first, second) in self.pairs

    # -- pairs ----------------------------------------------------------------------------------

    def _look(self) -> None:
        companies = self.companies
        taxes = (c.row.tax_number for c in companies)
        for bucket in _buckets((tax,) if len(tax) >= 15 else () for tax in taxes):
            for other in bucket[1:]:
                self._compare(bucket[0], other)
        cores = (c.key.core for c in companies)
        by_core = list(_buckets((core,) if len(core) >= 2 else () for core in cores))
        shared = [
            (reason, bucket)
            for reason, keys in (
                ("phone", (c.all_phones for c in companies)),
                ("address", ((c.address,) for c in companies)),
                ("email", (c.emails for c in companies)),
                ("email_domain", (c.domains for c in companies)),
            )
            for bucket in self._counted(reason, keys)
        ]
        for bucket in by_core:
            for first, second in _same_place(bucket, companies):
                self._compare(first, second, named=True)
        for _reason, bucket in shared:
            self._neighbours(bucket)
        for bucket in by_core:
            for first, second in _place_missing(bucket, companies):
                self._bare(first, second)

    def _counted(self, reason: str, keys: Iterable[Iterable[str]]) -> Iterator[list[int]]:
        """Buckets of rows sharing a value, and how many share it."""
        for key, bucket in _keyed(keys):
            self.crowd[reason, key] = len(bucket)
            yield bucket

    def _neighbours(self, bucket: Sequence[int]) -> None:
        """Compare who shares something: all with all, a crowd only with its neighbours in name order."""
        few = len(bucket) <= _CROWD
        ordered = bucket if few else sorted(bucket, key=lambda one: self.companies[one].key.core)
        reach = len(ordered) if few else _WINDOW
        for at, first in enumerate(ordered):
            for second in ordered[at + 1 : at + 1 + reach]:
                self._compare(first, second)

    def _compare(self, first: int, second: int, *, named: bool = False) -> None:
        pair = (first, second) if first < second else (second, first)
        if pair in self.pairs:
            return
        likely = compare(self.companies[first], self.companies[second], self.crowd)
        if likely is not None and (likely.enough or named):
            self.pairs[pair] = likely

    def _bare(self, first: int, second: int) -> None:
        pair = (first, second) if first < second else (second, first)
        if pair not in self.pairs:
            likely = compare(self.companies[first], self.companies[second], self.crowd)
            if likely is not None:
                self.pairs[pair] = likely._replace(score=max(likely.score, _BARE))

    # -- groups ---------------------------------------------------------------------------------

    def _agree(self, first: int, second: int) -> bool:
        pair = (first, second) if first < second else (second, first)
        if pair in self.pairs:
            return True
        a, b = self.companies[first], self.companies[second]
        return (a.tax != "" and a.tax == b.tax) or names_alike(a.key, b.key) is not None

    def _clash(self, first: int, second: int) -> bool:
        a, b = self.companies[first].tax, self.companies[second].tax
        return bool(a and b and a != b)


def _keyed(keys_of_rows: Iterable[Iterable[str]]) -> Iterator[tuple[str, list[int]]]:
    """Keys that two and more rows share, with their positions."""
    found: dict[str, int | list[int]] = {}
    for position, row_keys in enumerate(keys_of_rows):
        for key in row_keys:
            if not key:
                continue
            there = found.get(key)
            if there is None:
                found[key] = position
            elif isinstance(there, list):
                there.append(position)
            else:
                found[key] = [there, position]
    return ((key, bucket) for key, bucket in found.items() if isinstance(bucket, list))


def _buckets(keys_of_rows: Iterable[Iterable[str]]) -> Iterator[list[int]]:
    """Positions of rows sharing a key, two and more."""
    return (bucket for _key, bucket in _keyed(keys_of_rows))


def _same_place(bucket: Sequence[int], companies: Sequence[Company]) -> Iterator[tuple[int, int]]:
    """Pairs of rows with one core whose places are equal, or one within the other.

    Where valid tax numbers tell rows of one name and place apart, each number is one company; a row
    without such a number is compared with the first of them.
    """
    by_place: dict[str, list[int]] = {}
    for position in bucket:
        place = companies[position].key.place
        if not place:
            continue
        seen = by_place.setdefault(place, [])
        for first in seen:
            yield first, position
        taxes = {companies[one].tax for one in seen}
        if len(seen) < _WINDOW and (not seen or companies[position].tax not in taxes):
            seen.append(position)
    if len(by_place) > 1:
        for place, positions in by_place.items():
            province, city = place[:2] + "0000", place[:4] + "00"
            for above in {province, city} - {place}:
                inside = [
                    one for one in by_place if one != above and one.startswith(significant(above))
                ]
                if above in by_place and (above == city or len(inside) == 1):
                    yield by_place[above][0], positions[0]


def _place_missing(
    bucket: Sequence[int], companies: Sequence[Company]
) -> Iterator[tuple[int, int]]:
    """Pairs with one core of which at least one does not name its place."""
    placed = {companies[one].key.place: one for one in reversed(bucket) if companies[one].key.place}
    bare = [one for one in bucket if not companies[one].key.place]
    if not bare:
        return
    if len(companies[bare[0]].key.core) < 4:
        # 华为: too short to tell without its place, unless all is equal
        equal: dict[tuple[str, str], int] = {}
        for one in bare:
            other = equal.setdefault((companies[one].key.full, companies[one].row.region), one)
            if other != one:
                yield other, one
        return
    first_of_region: dict[str, int] = {}
    for one in bare:
        region = companies[one].row.region
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

"""Rows of any file compared column by column: which two are one person or firm, how sure, and why (CUS-3).

Fellegi and Sunter: each column speaks in bits for or against. Equal rare values say more than equal
common ones, counted in the file itself; how often different rows have near values is measured on
pairs drawn from it. Nothing is trained, and a file without any duplicates gets none.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from dossier.customers.rules.blocking import candidate_pairs
from dossier.customers.rules.fields_alike import FieldKind, Likeness, comparable, likeness


class Column(NamedTuple):
    """A column to compare: its name, as reasons give it, and what it holds."""

    name: str
    kind: FieldKind


class Reason(NamedTuple):
    """What one column says: ``equal``, ``near`` or ``swapped`` with another, and how much (bits)."""

    column: str
    what: str
    bits: float


class RecordPair(NamedTuple):
    """Two rows (positions) that may be one; bits of evidence for it, the columns that say so."""

    first: int
    second: int
    bits: float
    reasons: tuple[Reason, ...]


class _Chances(NamedTuple):
    """How often a column is equal, near, different in two records of one person."""

    equal: float
    near: float
    different: float


_CHANCES: Final = {
    FieldKind.COMPANY: _Chances(0.80, 0.15, 0.05),
    FieldKind.NAME: _Chances(0.80, 0.15, 0.05),
    FieldKind.SURNAME: _Chances(0.80, 0.15, 0.05),
    FieldKind.NUMBER: _Chances(0.85, 0.07, 0.08),
    FieldKind.TEXT: _Chances(0.75, 0.18, 0.07),
    FieldKind.ADDRESS: _Chances(0.75, 0.18, 0.07),
    FieldKind.CODE: _Chances(0.87, 0.09, 0.04),
    FieldKind.PHONE: _Chances(0.70, 0.10, 0.20),
    FieldKind.EMAIL: _Chances(0.70, 0.10, 0.20),
    FieldKind.DATE: _Chances(0.85, 0.10, 0.05),
    FieldKind.ID: _Chances(0.90, 0.07, 0.03),
}
_BEYOND: Final = {
    FieldKind.NUMBER: 30, FieldKind.TEXT: 30, FieldKind.CODE: 100, FieldKind.DATE: 1000, FieldKind.ID: 1000,
    FieldKind.PHONE: 1000, FieldKind.EMAIL: 1000,
}  # fmt: skip
"""Other values there are besides those of the file, so that a short file does not make each one common."""
_BEYOND_NAMES: Final = 300
_NEAR_BEYOND: Final = 0.005
_SWAPPED: Final = 0.02
_SWAPPABLE: Final = (frozenset({FieldKind.NAME, FieldKind.SURNAME}), frozenset({FieldKind.ADDRESS}))
_PERSONAL: Final = frozenset(
    {FieldKind.NAME, FieldKind.COMPANY, FieldKind.DATE, FieldKind.ID, FieldKind.EMAIL}
)
"""Kinds that tell members of one household apart; the others they share."""
_DRAWN: Final = 20_000
_SEED: Final = 20_261_122


def compare_records(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], *, least: float | None = None
) -> list[RecordPair]:
    """Pairs with at least ``least`` bits (None: as many as it takes to tell a row from all others).

    Rows are as many texts as ``columns``. Two people of one household are not one: what is a person's
    own (given name, birthday, identity number) must not speak against it on the whole.
    """
    weighing = _Weighing(columns, rows)
    bound = math.log2(max(len(rows), 2)) if least is None else least
    found = []
    for first, second in candidate_pairs([c.kind for c in columns], weighing.values):
        pair = weighing.weigh(first, second)
        if pair is not None and pair.bits >= bound:
            found.append(pair)
    return sorted(found)


class _Weighing:
    """What equal, near and different values of each column are worth in this file."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        self.columns = columns
        self.values = [
            _all_comparable(column.kind, [row[at] for row in rows])
            for at, column in enumerate(columns)
        ]
        counted = [Counter(filter(None, values)) for values in self.values]
        self.totals = [sum(counts.values()) or 1 for counts in counted]
        self.counts = counted
        self.beyond = [_BEYOND.get(column.kind, _BEYOND_NAMES) for column in columns]
        self.equal = [
            {
                value: math.log2(_CHANCES[c.kind].equal * (total + beyond) / count)
                for value, count in counts.items()
            }
            for c, counts, total, beyond in zip(
                columns, counted, self.totals, self.beyond, strict=True
            )
        ]
        self.near = [
            math.log2(_CHANCES[c.kind].near / self._near_by_chance(at))
            for at, c in enumerate(columns)
        ]
        self.different = [self._different(at, c) for at, c in enumerate(columns)]
        self.swappable = [
            (a, b)
            for a in range(len(columns))
            for b in range(a + 1, len(columns))
            if any({columns[a].kind, columns[b].kind} <= kinds for kinds in _SWAPPABLE)
        ]
        self.personal = [c.kind in _PERSONAL for c in columns]

    def _draw(self, at: int) -> list[tuple[str, str]]:
        given = [value for value in self.values[at] if value]
        if len(given) < 2:
            return []
        draw = random.Random(_SEED + at)  # noqa: S311 - a sample, not a secret
        return [(draw.choice(given), draw.choice(given)) for _ in range(_DRAWN)]

    def _near_by_chance(self, at: int) -> float:
        kind = self.columns[at].kind
        near = sum(a != b and likeness(kind, a, b) == 1 for a, b in self._draw(at)) / _DRAWN
        total, beyond = self.totals[at], self.beyond[at]
        return max((near * total + _NEAR_BEYOND * beyond) / (total + beyond), 1 / _DRAWN)

    def _different(self, at: int, column: Column) -> float:
        total = self.totals[at]
        same = sum(count * count for count in self.counts[at].values()) / (total * total)
        return math.log2(
            _CHANCES[column.kind].different / max(1 - same - self._near_by_chance(at), 0.02)
        )

    def weigh(self, first: int, second: int) -> RecordPair | None:
        """The evidence of all columns; None where the people are told apart by what is their own."""
        bits: list[float] = []
        how: list[Likeness | None] = []
        for at, column in enumerate(self.columns):
            a, b = self.values[at][first], self.values[at][second]
            if not a or not b:
                bits.append(0.0)
                how.append(None)
                continue
            found = likeness(column.kind, a, b)
            how.append(found)
            if found == 2:
                bits.append(self.equal[at][a])
            else:
                bits.append(self.near[at] if found else self.different[at])
        reasons = [
            Reason(self.columns[at].name, "equal" if one == 2 else "near", round(bits[at], 1))
            for at, one in enumerate(how)
            if one
        ]
        reasons += self._swapped(first, second, bits)
        own = sum(value for value, personal in zip(bits, self.personal, strict=True) if personal)
        if own < 0:
            return None
        return RecordPair(first, second, round(sum(bits), 2), tuple(reasons))

    def _swapped(self, first: int, second: int, bits: list[float]) -> list[Reason]:
        """Given name and surname, or two lines of an address, each in the other's place."""
        found = []
        for one, other in self.swappable:
            a, b = self.values[one][first], self.values[other][first]
            if not (
                a
                and b
                and a != b
                and a == self.values[other][second]
                and b == self.values[one][second]
            ):
                continue
            seen = self._share(one, a) * self._share(other, b)
            worth = math.log2(_SWAPPED / seen)
            if worth > bits[one] + bits[other]:
                bits[one] = bits[other] = worth / 2
                name = f"{self.columns[one].name}, {self.columns[other].name}"
                found.append(Reason(name, "swapped", round(worth, 1)))
        return found

    def _share(self, at: int, value: str) -> float:
        return max(self.counts[at][value], 1) / self.totals[at]


def _all_comparable(kind: FieldKind, values: Sequence[str]) -> list[str]:
    """Comparable forms, each made once, equal ones the same object."""
    made: dict[str, str] = {}
    for value in values:
        if value not in made:
            made[value] = comparable(kind, value)
    return [made[value] for value in values]

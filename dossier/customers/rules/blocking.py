"""Which pairs of rows are worth comparing, so that a file need not be compared row by row with itself (CUS-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from dossier.customers.rules.fields_alike import FieldKind

CAP: Final = 60
"""Rows sharing a key above which it says too little to compare them for it alone."""

_PREFIX: Final = {
    FieldKind.NAME: 4,
    FieldKind.SURNAME: 4,
    FieldKind.TEXT: 4,
    FieldKind.ADDRESS: 5,
    FieldKind.COMPANY: 3,
    FieldKind.CODE: 4,
    FieldKind.NUMBER: 6,
    FieldKind.PHONE: 7,
    FieldKind.EMAIL: 6,
}
_LONG_ENOUGH: Final = 5  # shorter codes have too many neighbours one sign away


def candidate_pairs(
    kinds: Sequence[FieldKind], columns: Sequence[Sequence[str]]
) -> set[tuple[int, int]]:
    """Pairs (lower position first) that share a value, an identity number but one sign, or two beginnings.

    ``columns`` hold the comparable values, one list per column. About linear in the number of rows.
    """
    found: set[tuple[int, int]] = set()
    for kind, values in zip(kinds, columns, strict=True):
        found.update(_pairs((value,) if value else () for value in values))
        if kind in (FieldKind.ID, FieldKind.DATE, FieldKind.PHONE):
            found.update(_pairs(map(_neighbours, values)))
    for keys in _combined(kinds, columns):
        found.update(_pairs((key,) if key else () for key in keys))
    return found


def _neighbours(value: str) -> Iterator[str]:
    """The value with each sign left out in turn: values one slip apart share one."""
    if len(value) < _LONG_ENOUGH:
        return
    yield value
    for at in range(len(value)):
        yield value[:at] + value[at + 1 :]


def _combined(
    kinds: Sequence[FieldKind], columns: Sequence[Sequence[str]]
) -> Iterator[Iterator[str]]:
    """Beginnings of two columns each; of names in either order, of dates the year and the day of the year."""
    beginnings: list[list[str]] = []
    groups: list[int] = []  # beginnings of one column are not combined with each other
    for at, (kind, values) in enumerate(zip(kinds, columns, strict=True)):
        if kind is FieldKind.DATE:
            beginnings += [[v[:4] for v in values], [v[4:8] for v in values]]
            groups += [at, at]
        elif kind is FieldKind.ID:
            beginnings += [[v[:3] for v in values], [v[-3:] for v in values]]
            groups += [at, at]
        else:
            width = _PREFIX[kind]
            beginnings.append([v[:width] for v in values])
            groups.append(at)
    for first in range(len(beginnings)):
        for second in range(first + 1, len(beginnings)):
            if groups[first] != groups[second]:
                yield _both(beginnings[first], beginnings[second])
    names = [at for at, kind in enumerate(kinds) if kind in (FieldKind.NAME, FieldKind.SURNAME)]
    if len(names) > 1:
        yield _sorted_names([columns[at] for at in names])


def _both(first: Sequence[str], second: Sequence[str]) -> Iterator[str]:
    return (f"{a}|{b}" if a and b else "" for a, b in zip(first, second, strict=True))


def _sorted_names(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    return (
        "|".join(sorted(name[:3] for name in row)) if all(row) else ""
        for row in zip(*columns, strict=True)
    )


def _pairs(keys_of_rows: Iterable[Iterable[str]]) -> Iterator[tuple[int, int]]:
    """Pairs of rows sharing a key that no more than ``CAP`` rows have."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for position, keys in enumerate(keys_of_rows):
        for key in keys:
            bucket = found[key]
            if len(bucket) <= CAP and (not bucket or bucket[-1] != position):
                bucket.append(position)
    for bucket in found.values():
        if 1 < len(bucket) <= CAP:
            for at, first in enumerate(bucket):
                for second in bucket[at + 1 :]:
                    yield first, second

"""Pairs made into groups whose members agree with each other: no chain runs away (CUS-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

_ASKED: Final = 8
"""Members of each side that are held against each other; a group of hundreds is not asked in full."""


def grouped(
    pairs: Iterable[tuple[float, int, int]],
    agree: Callable[[int, int], bool],
    clash: Callable[[int, int], bool] = lambda _first, _second: False,
) -> list[list[int]]:
    """Groups of two and more positions, members in order, from (sureness, first, second).

    The surest pairs are joined first. Two groups become one where at least half of their members
    agree with each other and none clash, so that A like B and B like C does not make A and C one.
    """
    group_of: dict[int, list[int]] = {}
    for _sure, first, second in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        one = group_of.setdefault(first, [first])
        other = group_of.setdefault(second, [second])
        if one is other or not _fits(one, other, agree, clash):
            continue
        if len(one) < len(other):
            one, other = other, one
        one.extend(other)
        for member in other:
            group_of[member] = one
    found = {id(group): group for group in group_of.values() if len(group) > 1}
    return sorted(sorted(group) for group in found.values())


def _fits(
    one: list[int],
    other: list[int],
    agree: Callable[[int, int], bool],
    clash: Callable[[int, int], bool],
) -> bool:
    agreeing = asked = 0
    for a in one[:_ASKED]:
        for b in other[:_ASKED]:
            if clash(a, b):
                return False
            asked += 1
            agreeing += agree(a, b)
    return 2 * agreeing >= asked

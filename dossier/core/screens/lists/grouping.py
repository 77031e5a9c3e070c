"""A list by groups: which groups there are, and one page of their rows (CUS-4).

The groups come in their own order, the rows of each in the list's. A page is made group by group, each
by its own narrow question, so that it costs the same at a thousand and at a million rows; small groups
are asked for several at once. Nothing is counted beyond the cap of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db.models import Q
from django.utils.functional import Promise

from dossier.core.access import Actor
from dossier.core.keyset import beyond
from dossier.core.screens.lists.columns import Rows

NOTHING: Final = "-"  # the group of the rows that have no value
_WIDER: Final = 4  # how many times as many groups are asked for together next

Names = Iterable[tuple[str, str | Promise]]


@dataclass(frozen=True)
class Grouping:
    """What a list can be grouped by. ``key`` is its word in the address.

    ``groups`` are the groups of the rows within the actor's reach, (key, name) in their order; a group
    nobody of that reach belongs to must not be named. ``where`` is the condition of the rows of any of
    some groups, ``of`` the group of a row from the fields it ``reads``.
    """

    key: str
    label: str | Promise
    groups: Callable[[Actor], Names]
    where: Callable[[Sequence[str]], Q]
    reads: tuple[str, ...]
    of: Callable[..., str]


def by_choice(
    name: str,
    label: str | Promise,
    choices: Iterable[tuple[str, str | Promise]],
    *,
    key: str = "",
    blank: str | Promise = "",
) -> Grouping:
    """Groups by a column of fixed choices, in their order; ``blank`` names the group without value."""
    named = [(str(value), label) for value, label in choices if value]
    if blank:
        named.append((NOTHING, blank))

    def where(keys: Sequence[str]) -> Q:
        return Q(**{f"{name}__in": ["" if one == NOTHING else one for one in keys]})

    return Grouping(
        key or name, label, lambda _actor: named, where, (name,), lambda v: str(v) or NOTHING
    )


def by_record(
    column: str,
    label: str | Promise,
    groups: Callable[[Actor], Names],
    *,
    key: str = "",
    blank: str | Promise,
) -> Grouping:
    """Groups by another record, named and ordered by ``groups``; rows without it come last."""

    def named(actor: Actor) -> Names:
        return [*groups(actor), (NOTHING, blank)]

    def where(keys: Sequence[str]) -> Q:
        held = [one for one in keys if one != NOTHING]
        found = Q(**{f"{column}__in": held}) if held else Q()
        return found | Q(**{f"{column}__isnull": True}) if NOTHING in keys else found

    def of(value: Any) -> str:
        return NOTHING if value is None else str(value)

    return Grouping(key or column, label, named, where, (column,), of)


@dataclass(frozen=True)
class Grouped:
    """A grouping as one reader has it."""

    grouping: Grouping
    actor: Actor

    @cached_property
    def names(self) -> dict[str, str]:
        """The groups in their order, with their names."""
        return {key: str(name) for key, name in self.grouping.groups(self.actor)}

    def where(self, *keys: str) -> Q:
        """The condition of the rows of any of these groups."""
        return self.grouping.where(keys)


@dataclass
class Found:
    """(group, database key) of rows in their order, and how many rows the groups have that were read whole."""

    rows: list[tuple[str, int]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def walk(
    rows: Rows,
    grouped: Grouped,
    order: Sequence[str],
    *,
    start: tuple[Any, int, str] | None,
    down: bool,
    backward: bool,
    most: int,
    together: int,
    few: bool,
) -> Found:
    """The next ``most`` rows from ``start`` on, forward or backward through the groups.

    ``few`` says that the whole list holds no more than ``together`` rows: its groups are then read at once.
    """
    rows = rows.order_by(*order)
    waiting = list(reversed(grouped.names)) if backward else list(grouped.names)
    found = Found()
    if start is not None:
        value, pk, at = start
        waiting = waiting[waiting.index(at) :]
        rest = rows.filter(grouped.where(at)).filter(beyond(value, pk, down=down))
        found.rows += [(at, one) for one in _keys(rest, most)]
        del waiting[0]
    width = len(waiting) if few else 1
    while waiting and len(found.rows) < most:
        taken = waiting[:width]
        if len(taken) == 1:
            keys = _keys(rows.filter(grouped.where(*taken)), most)
            if len(keys) < most:
                found.counts[taken[0]] = len(keys)
            found.rows += [(taken[0], one) for one in keys]
        else:
            several = _several(rows, grouped, taken, together)
            if several is None:  # too many rows to bring into order here: fewer groups
                width = max(1, width // _WIDER)
                continue
            found.rows += several
            found.counts |= dict.fromkeys(taken, 0)
            for group, _pk in several:
                found.counts[group] += 1
        waiting = waiting[len(taken) :]
        width *= _WIDER
    del found.rows[most:]
    return found


def _keys(rows: Rows, most: int) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:most])


def _several(
    rows: Rows, grouped: Grouped, taken: Sequence[str], together: int
) -> list[tuple[str, int]] | None:
    """All rows of these groups, group by group; None where they are more than ``together``."""
    grouping = grouped.grouping
    read = rows.filter(grouped.where(*taken)).values_list("pk", *grouping.reads)[: together + 1]
    made = [(grouping.of(*values), pk) for pk, *values in read]
    if len(made) > together:
        return None
    rank = {key: place for place, key in enumerate(taken)}
    return sorted((one for one in made if one[0] in rank), key=lambda one: rank[one[0]])

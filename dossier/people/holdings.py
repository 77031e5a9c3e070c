"""What an employee holds and must hand over before leaving (ORG-1).

Higher departments register each kind of record that has an owner; people knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from dossier.core.access import Actor
from dossier.people.models import Employee


@dataclass(frozen=True)
class HoldingKind:
    """A kind of record an employee can own.

    ``count`` tells how many open ones a person holds; ``hand_over`` gives them all to another
    inside the running command and returns how many moved.
    """

    key: str
    label: str | Promise
    count: Callable[[Employee], int]
    hand_over: Callable[[Actor, Employee, Employee], int]


_holdings: dict[str, HoldingKind] = {}


def register_holding(kind: HoldingKind) -> HoldingKind:
    """Register a kind; a department calls this where its rooms are declared."""
    _holdings[kind.key] = kind
    return kind


def holding_kinds() -> tuple[HoldingKind, ...]:
    """All kinds in the order of registration."""
    return tuple(_holdings.values())


def held_by(employee: Employee) -> list[tuple[HoldingKind, int]]:
    """What the person holds now, kinds with nothing left out."""
    counted = [(kind, kind.count(employee)) for kind in _holdings.values()]
    return [(kind, count) for kind, count in counted if count]

"""Lists whose records can be changed together, registered by the departments that own them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec

if TYPE_CHECKING:
    from dossier.core.screens.lists import ListScreen


@dataclass(frozen=True)
class BulkEditable:
    """A list whose records take one value of a field together.

    ``kind`` is the object kind whose ``change`` action is needed, ``needs`` what the page itself needs;
    ``specs`` are the fields that make sense for many. ``update`` is the very service that a single edit
    calls: (actor, record, values by field, the whole list of fields answered 'not applicable' or None).
    """

    key: str
    kind: str
    needs: str
    model: type[models.Model]
    screen: Callable[[Actor], ListScreen]
    specs: Callable[[Actor], Sequence[FieldSpec]]
    update: Callable[[Actor, Any, Mapping[str, object], Sequence[str] | None], object]
    url: Callable[[Any], str]
    list_url: Callable[[], str]

    def allowed(self, actor: Actor) -> bool:
        """Whether the actor may change anything here."""
        return actor.can(*self.needs.rsplit(".", 1)) and actor.can(self.kind, "change")


_lists: dict[str, BulkEditable] = {}


def bulk_editable(entry: BulkEditable) -> BulkEditable:
    """Register a list; a department calls this beside its page."""
    _lists[entry.key] = entry
    return entry


def bulk_editable_of(key: str) -> BulkEditable | None:
    """The list of this key; None where there is none."""
    return _lists.get(key)


def may_change(actor: Actor, key: str) -> bool:
    """Whether the page of a list offers the step."""
    entry = bulk_editable_of(key)
    return entry is not None and entry.allowed(actor)

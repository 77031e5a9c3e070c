"""Lists whose cells can be edited where they stand, registered by the departments that own them."""

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
class InlineEditable:
    """A list with cells that are edited in place, each by the service of the record's own form.

    ``kind`` is the object kind whose ``change`` action is needed, ``needs`` what the list itself needs.
    ``specs`` are the fields the actor may edit here; a field's cell is the column of the same key.
    ``update`` is the very service of the form: (actor, record, the version its editor saw, values by
    field, the whole list of fields answered 'not applicable' or None). ``may`` says of a record whether
    it takes changes at all (an archived one does not).
    """

    key: str
    kind: str
    needs: str
    model: type[models.Model]
    screen: Callable[[Actor], ListScreen]
    specs: Callable[[Actor], Sequence[FieldSpec]]
    update: Callable[[Actor, Any, int, Mapping[str, object], Sequence[str] | None], object]
    may: Callable[[Any], bool] = lambda row: True

    def allowed(self, actor: Actor) -> bool:
        """Whether the actor may change any record here."""
        return actor.can(*self.needs.rsplit(".", 1)) and actor.can(self.kind, "change")

    def changeable(self, actor: Actor, rows: Sequence[Any]) -> frozenset[int]:
        """The keys of those of a page's rows which the actor may change."""
        if not self.allowed(actor):
            return frozenset()
        keys = [row.pk for row in rows if self.may(row)]
        if actor.scopes(self.kind, "change") >= actor.scopes(self.kind, "view"):
            return frozenset(keys)
        visible: Any = self.model._default_manager
        within = visible.for_user(actor, "change").filter(pk__in=keys).order_by()
        return frozenset(within.values_list("pk", flat=True))


_lists: dict[str, InlineEditable] = {}


def inline_editable(entry: InlineEditable) -> InlineEditable:
    """Register a list; a department calls this beside its page."""
    _lists[entry.key] = entry
    return entry


def inline_editable_of(key: str) -> InlineEditable | None:
    """The list of this key; None where there is none."""
    return _lists.get(key)

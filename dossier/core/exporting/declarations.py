"""Lists that can be taken out as files, registered by the departments that own them.

A list is taken out in two forms: *as shown*, the columns and rows of the page in its order; and
*complete*, every field under the names an import knows, so that bringing the file in again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind, Surface

if TYPE_CHECKING:
    from dossier.core.screens.lists import ListScreen

Form = Literal["shown", "complete"]
FORMS: Final[tuple[Form, ...]] = ("shown", "complete")
Value = str | int | Decimal | date | bool | None


@dataclass(frozen=True)
class SheetColumn:
    """A column of a file: its heading, and the value of a record, as a value rather than as a text.

    ``uncovers`` says that it shows plainly what pages cover; the record of the export names it (ORG-4).
    """

    label: str | Promise
    value: Callable[[Any], Value]
    uncovers: bool = False


@dataclass(frozen=True)
class Exportable:
    """A list that can be taken out.

    ``kind`` is the object kind whose ``export`` action is needed, ``needs`` what the page itself needs;
    ``screen`` gives the list for an actor. ``complete`` gives the columns of the complete form;
    ``prepare`` fetches what they read of other tables, a batch of records at a time.
    """

    key: str
    kind: str
    needs: str
    screen: Callable[[Actor], ListScreen]
    complete: Callable[[Actor], Sequence[SheetColumn]] | None = None
    prepare: Callable[[Actor, Sequence[Any]], None] | None = None

    def allowed(self, actor: Actor) -> bool:
        """Whether the actor may take this list out at all."""
        return actor.can(*self.needs.rsplit(".", 1)) and actor.can(self.kind, "export")


_lists: dict[str, Exportable] = {}


def exportable(entry: Exportable) -> Exportable:
    """Register a list; a department calls this beside its page."""
    _lists[entry.key] = entry
    return entry


def exportable_of(key: str) -> Exportable | None:
    """The list of this key; None where there is none."""
    return _lists.get(key)


def exportables() -> list[Exportable]:
    """All of them."""
    return list(_lists.values())


def menu(actor: Actor, key: str) -> list[dict[str, Any]]:
    """What the menu of a list offers; empty where nothing may be taken out."""
    entry = exportable_of(key)
    if entry is None or not entry.allowed(actor):
        return []
    groups = [{"title": _("As shown on this page"), "choices": _choices("shown")}]
    if entry.complete is not None:
        groups.append(
            {"title": _("Every field, to be brought in again"), "choices": _choices("complete")}
        )
    return groups


def _choices(form: Form) -> list[tuple[str, str]]:
    return [
        (f"{form}.xlsx", _("Excel")),
        (f"{form}.csv", pgettext("kind of file", "CSV")),
    ]


def field_columns(
    model: type[models.Model],
    specs: Iterable[FieldSpec],
    *,
    own: dict[str, Callable[[Any], Value]] | None = None,
    of: Callable[[Any], Any] = lambda record: record,
    uncovers: bool = False,
) -> list[SheetColumn]:
    """The columns of the complete form from a field list: what an import of the same record reads.

    ``own`` holds the values of fields by name that are not read from the column itself; ``of`` leads from
    the record of the list to the one that has these fields, or to None; ``uncovers`` says that the sensitive
    ones among them are shown plainly.
    """
    return [
        SheetColumn(
            spec.sheet_title(model),
            _reader(spec, (own or {}).get(spec.name), of),
            uncovers and spec.mask is not None,
        )
        for spec in specs
        if spec.on(Surface.IMPORT) and spec.on(Surface.EXPORT)
    ]


def _reader(
    spec: FieldSpec, own: Callable[[Any], Value] | None, of: Callable[[Any], Any]
) -> Callable[[Any], Value]:
    def value(record: Any) -> Value:
        found = of(record)
        if found is None:
            return None
        if spec.na and spec.name in found.not_applicable:
            return none_word()  # an answer, which is not the same as not known yet (CUS-7)
        return own(found) if own is not None else stored_value(spec, found)

    return value


def none_word() -> str:
    """How a file says that a field is known not to apply."""
    return pgettext("known not to apply", "None")


def stored_value(spec: FieldSpec, record: Any) -> Value:
    """A field's value for a file: numbers and days as such, a choice in the reader's words."""
    if spec.value is not None:
        found: Any = spec.value(record)
    elif spec.kind is Kind.CHOICE:
        found = getattr(record, f"get_{spec.name}_display")()
    else:
        found = getattr(record, spec.name)
    if found is None or isinstance(found, bool | int | Decimal | date):
        return found
    return str(found)

"""The values a field held: who set each, when, why, by which import; and taking one of them again (AUD-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.fields import FieldSpec, Kind, display_value, masked
from dossier.core.history.marks import redacted
from dossier.core.history.subjects import Subject
from dossier.core.models import HistoryEntry

MOST = 100


@dataclass(frozen=True)
class PastValue:
    """A value a field held from ``at`` on. ``text`` is as a person reads it, covered where it must be."""

    entry: int
    at: datetime
    who: str
    why: str
    import_run: int | None
    text: str
    is_first: bool
    is_present: bool
    is_redacted: bool
    may_restore: bool


def field_past(
    actor: Actor, subject: Subject, row: models.Model, spec: FieldSpec, column: str
) -> tuple[list[PastValue], bool]:
    """The newest hundred values of a field, newest first, and whether there were more."""
    found = list(_entries(subject, row, column)[: MOST + 1])
    plainly = spec.mask is None or subject.plainly(actor, row)
    names = _names(actor, subject, spec, {entry.text for entry in found})
    change = subject.writable(spec) and plainly and subject.may_change(actor, row)
    values = []
    for entry in found[:MOST]:
        context = entry.transaction.context or {}
        gone = redacted(entry.value)
        why = str(context.get("why") or "")
        run = context.get("import_run")
        values.append(
            PastValue(
                entry=entry.pk,
                at=entry.transaction.at,
                who=str(context.get("name") or context.get("login") or entry.transaction.db_user),
                why=(why.partition(": ")[2] or why) if run else why,
                import_run=run if isinstance(run, int) else None,
                text=gone or _shown(subject, spec, entry.text, names, plainly=plainly),
                is_first=entry.op == "I",
                is_present=entry is found[0],
                is_redacted=gone is not None,
                may_restore=change and gone is None and entry is not found[0],
            )
        )
    return values, len(found) > MOST


def past_value(
    actor: Actor, subject: Subject, row: models.Model, spec: FieldSpec, column: str, entry_id: int
) -> tuple[str, object]:
    """One old value that the actor may take again: as a person reads it, and as the edit service takes it.

    NotFound where the entry is not one of this field, or its value was emptied; NotAllowed where the value is
    covered for the actor or the field is not to be edited by this way.
    """
    entry = _entries(subject, row, column).filter(pk=entry_id).first()
    if entry is None or redacted(entry.value) is not None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    plainly = spec.mask is None or subject.plainly(actor, row)
    if not (plainly and subject.writable(spec) and subject.may_change(actor, row)):
        raise NotAllowed(
            "not_allowed",
            _("Your role does not include this. Ask the system administrator for the right."),
        )
    names = _names(actor, subject, spec, {entry.text})
    text = _shown(subject, spec, entry.text, names, plainly=True)
    return text, _stored(actor, subject, spec, entry.text)


def _entries(subject: Subject, row: models.Model, column: str) -> models.QuerySet[Any]:
    return (
        HistoryEntry.objects.filter(
            table_name=subject.model._meta.db_table, row_id=str(row.pk), after__has_key=column
        )
        .annotate(value=KeyTransform(column, "after"), text=KeyTextTransform(column, "after"))
        .defer("before", "after", "digest")
        .select_related("transaction")
        .order_by("-id")
    )


def _shown(
    subject: Subject, spec: FieldSpec, text: str | None, names: dict[str, str], *, plainly: bool
) -> str:
    if text is None or text == "":
        return ""
    if spec.kind is Kind.REF:
        return names.get(text, "…")
    shown = display_value(spec.kind, _typed(subject, spec, text))
    return masked(shown, spec.mask) if spec.mask is not None and not plainly else shown


def _typed(subject: Subject, spec: FieldSpec, text: str) -> object:
    """A value of the history as the type of its field; choices as their label."""
    column: Any = subject.model._meta.get_field(spec.name)
    if spec.kind is Kind.CHOICE:
        return str(dict(column.choices or ()).get(text, text))
    if spec.kind is Kind.BOOL:
        return text == "true"
    if spec.kind is Kind.DATE:
        return (parse_datetime(text) if len(text) > 10 else None) or parse_date(text[:10])
    return column.to_python(text)


def _stored(actor: Actor, subject: Subject, spec: FieldSpec, text: str | None) -> object:
    """A value as the edit service takes it; a record that is gone or out of reach is refused."""
    column: Any = subject.model._meta.get_field(spec.name)
    if text is None or text == "":
        return None if column.null else ""
    if spec.kind is Kind.REF:
        found = _related(actor, column.related_model).filter(pk=text).first()
        if found is None:
            raise Refusal(
                "gone",
                _("What this field referred to is gone or not yours to choose. Choose anew."),
                field=spec.name,
            )
        return found
    return text if spec.kind is Kind.CHOICE else _typed(subject, spec, text)


def _names(
    actor: Actor, subject: Subject, spec: FieldSpec, keys: Iterable[str | None]
) -> dict[str, str]:
    """Names of the records a reference named, within the actor's reach."""
    if spec.kind is not Kind.REF:
        return {}
    column: Any = subject.model._meta.get_field(spec.name)
    wanted = [key for key in keys if key and "{" not in key]
    return {
        str(row.pk): str(row) for row in _related(actor, column.related_model).filter(pk__in=wanted)
    }


def _related(actor: Actor, model: type[models.Model]) -> models.QuerySet[Any]:
    manager: Any = model._default_manager
    rows: models.QuerySet[Any] = (
        manager.for_user(actor) if hasattr(manager, "for_user") else manager.all()
    )
    return rows

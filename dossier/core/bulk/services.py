"""Changes many records together by the service of a single edit: each one's rights, rules and history hold.

What a service refuses for one record leaves that record as it is and does not hinder the others; the
preview is the very same work, taken back at its end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.bulk.declarations import BulkEditable, bulk_editable_of
from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.fields import FieldSpec, display
from dossier.core.models import BulkEdit, BulkEditRow
from dossier.core.reasons import reason_text
from dossier.core.screens.edits import NONE, text_of
from dossier.core.screens.forms import RecordForm, form_class
from dossier.core.services import command

MOST: Final = 1_000  # records in one change


@dataclass
class Outcome:
    """What a change does, or would do, to each record. ``before`` is the value in words."""

    changed: list[tuple[Any, str]] = field(default_factory=list)
    same: int = 0
    refused: list[tuple[Any, str]] = field(default_factory=list)
    edit: BulkEdit | None = None


class _TakenBack(Exception):  # noqa: N818 - ends a trial, is no error
    pass


def fingerprint(rows: Iterable[Any]) -> str:
    """The records and their versions as one word: what a preview was made of."""
    text = ",".join(f"{row.pk}:{row.version}" for row in sorted(rows, key=lambda row: row.pk))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def form_of(entry: BulkEditable, spec: FieldSpec, actor: Actor, data: Any = None) -> RecordForm:
    """A form with the one field."""
    return form_class(entry.model, [spec])(data, actor=actor)


def bulk_try(
    *,
    actor: Actor,
    entry: BulkEditable,
    spec: FieldSpec,
    rows: Sequence[Any],
    value: object,
    none: bool,
) -> Outcome:
    """What would happen; nothing is kept."""
    actor.require(entry.kind, "change")
    outcome = Outcome()
    try:
        with command(actor, why="bulk_try"):
            _all_reached(actor, entry, rows)
            _run(actor, entry, spec, rows, {spec.name: value}, none, outcome)
            raise _TakenBack
    except _TakenBack:
        return outcome


def bulk_change(
    *,
    actor: Actor,
    entry: BulkEditable,
    spec: FieldSpec,
    rows: Sequence[Any],
    value: object,
    none: bool,
    shown: str,
    seen: str,
    reason: str,
) -> Outcome:
    """Give the records the value; ``shown`` says it in words, ``seen`` is the preview's fingerprint.

    Stale where a record was changed since the preview, or others are in the list now.
    """
    actor.require(entry.kind, "change")
    why = reason_text(reason)
    with command(actor, why=why):
        _all_reached(actor, entry, rows)
        if fingerprint(rows) != seen:
            raise Stale(
                "stale",
                _("Records of this list were changed meanwhile. Look at the preview again."),
            )
        edit = BulkEdit.objects.create(
            account_id=actor.account_id,
            login=actor.login[:150],
            name=(actor.name or actor.login)[:150],
            list_key=entry.key,
            field=spec.name,
            value=shown[:300],
            reason=why,
        )
        outcome = Outcome(edit=edit)
        kept: list[BulkEditRow] = []
        _run(actor, entry, spec, rows, {spec.name: value}, none, outcome, kept=kept, edit=edit)
        BulkEditRow.objects.bulk_create(kept)
        edit.changed, edit.refused = len(outcome.changed), len(outcome.refused)
        edit.save(update_fields=["changed", "refused"])
    return outcome


def bulk_undo(*, actor: Actor, edit_id: int) -> Outcome:
    """Put the values back that stood before, where nobody has changed them since."""
    with command(actor, why="bulk_undo"):
        edit = own_edit(actor, edit_id)
        edit = BulkEdit.objects.select_for_update().get(pk=edit.pk)
        if edit.undone_at is not None:
            return Outcome(edit=edit)
        entry, spec = entry_of(edit, actor)
        outcome = Outcome(edit=edit)
        for kept in edit.rows.order_by("row_id"):
            _undo_row(actor, entry, spec, kept, outcome)
        edit.undone_at = timezone.now()
        edit.undone, edit.not_undone = len(outcome.changed), len(outcome.refused)
        edit.save(update_fields=["undone_at", "undone", "not_undone"])
    return outcome


def own_edit(actor: Actor, edit_id: int) -> BulkEdit:
    """A change of one's own; NotFound for anybody else's."""
    found = (
        BulkEdit.objects.filter(pk=edit_id, account_id=actor.account_id).first()
        if actor.account_id is not None
        else None
    )
    if found is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return found


def entry_of(edit: BulkEdit, actor: Actor) -> tuple[BulkEditable, FieldSpec]:
    """The list and the field of a change, for somebody who may still make it."""
    entry = bulk_editable_of(edit.list_key)
    if entry is None:
        raise NotFound("not_found", _("There is no such list."))
    actor.require(entry.kind, "change")
    spec = next((one for one in entry.specs(actor) if one.name == edit.field), None)
    if spec is None:
        raise NotFound("not_found", _("There is no such list."))
    return entry, spec


def _all_reached(actor: Actor, entry: BulkEditable, rows: Sequence[Any]) -> None:
    """Every record is one the actor sees: a list of others' is refused whole, and nothing is on record."""
    visible: Any = entry.model._default_manager
    keys = {row.pk for row in rows}
    if visible.for_user(actor).filter(pk__in=keys).count() != len(keys):
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))


def _run(
    actor: Actor,
    entry: BulkEditable,
    spec: FieldSpec,
    rows: Sequence[Any],
    changes: Mapping[str, object],
    none: bool,
    outcome: Outcome,
    *,
    kept: list[BulkEditRow] | None = None,
    edit: BulkEdit | None = None,
) -> None:
    for row in sorted(rows, key=lambda one: one.pk):
        before = stored(actor, entry, spec, row)
        try:
            with transaction.atomic():
                answers = answers_of(row, spec, none=none)
                entry.update(actor, row, changes, answers)
        except (NotAllowed, Refusal) as refusal:
            outcome.refused.append((row, refusal.message))
            continue
        now = entry.model._default_manager.select_related(
            *([spec.name] if spec.lookup else [])
        ).get(pk=row.pk)
        after = stored(actor, entry, spec, now)
        if after == before:
            outcome.same += 1
            continue
        outcome.changed.append((row, before["shown"]))
        if kept is not None and edit is not None:
            kept.append(BulkEditRow(edit=edit, row_id=row.pk, before=before, after=after))


def answers_of(row: Any, spec: FieldSpec, *, none: bool) -> list[str] | None:
    """The fields answered 'not applicable' after the change; None where the record has no such answers."""
    if not hasattr(row, NONE):
        return None
    others = [name for name in row.not_applicable if name != spec.name]
    return sorted([*others, spec.name]) if none else others


def stored(actor: Actor, entry: BulkEditable, spec: FieldSpec, row: Any) -> dict[str, Any]:
    """A record's value as kept for undoing: as the form has it, in words, and whether it does not apply."""
    blank = form_of(entry, spec, actor)
    value = getattr(row, spec.name)
    text = "" if value is None else text_of(blank.fields[spec.name], value)
    none = spec.name in getattr(row, NONE, ())
    return {"text": text, "none": none, "shown": display(spec, row)}


def _undo_row(
    actor: Actor, entry: BulkEditable, spec: FieldSpec, kept: BulkEditRow, outcome: Outcome
) -> None:
    visible: Any = entry.model._default_manager
    row = visible.for_user(actor).filter(pk=kept.row_id).first()
    if row is None:
        outcome.refused.append((None, str(_("No longer within your reach."))))
        return
    now = stored(actor, entry, spec, row)
    if (now["text"], now["none"]) != (kept.after["text"], kept.after["none"]):
        outcome.refused.append((row, str(_("Changed again since; left as it is."))))
        return
    form = form_of(entry, spec, actor, {spec.name: kept.before["text"]})
    if not form.is_valid():
        told = "; ".join(str(error) for errors in form.errors.values() for error in errors)
        outcome.refused.append((row, told))
        return
    try:
        with transaction.atomic():
            answers = answers_of(row, spec, none=kept.before["none"])
            entry.update(actor, row, {spec.name: form.cleaned_data[spec.name]}, answers)
    except (NotAllowed, Refusal) as refusal:
        outcome.refused.append((row, refusal.message))
    else:
        outcome.changed.append((row, now["shown"]))

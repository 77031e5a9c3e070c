"""Notes on a customer: needs, characteristics, competitors, care (CUS-14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.fields import Surface
from dossier.core.services import command, once
from dossier.customers.fields import NOTE_FIELDS
from dossier.customers.models import Customer, Note
from dossier.customers.services._rows import (
    check_version,
    locked_customer,
    refuse_archived,
    save_changes,
)
from dossier.customers.services._values import missing, read
from dossier.customers.services.standing import standing_refresh
from dossier.people.models import Employee

_NOTE = tuple(spec for spec in NOTE_FIELDS if spec.on(Surface.FORM))


def note_add(
    *,
    actor: Actor,
    customer_id: int,
    data: Mapping[str, object],
    submission: str | None = None,
) -> Note:
    """Add a note; of today and by the actor where nothing else is said."""
    with command(actor):
        customer = locked_customer(actor, customer_id)
        refuse_archived(customer)
        claim = once(actor=actor, key=submission, what="note_add") if submission else None
        if claim is not None and claim.result:
            return Note.objects.get(pk=int(claim.result), customer=customer)
        values = read(actor, Note, _NOTE, data).values
        values["noted_on"] = values.get("noted_on") or timezone.localdate()
        _check(values)
        by = Employee.objects.filter(pk=actor.employee_id).first() if actor.employee_id else None
        note = Note.objects.create(customer=customer, noted_by=by, **values)
        _touch(customer)
        if claim is not None:
            claim.result = str(note.pk)
            claim.save(update_fields=["result"])
        return note


def note_update(
    *, actor: Actor, note_id: int, expected_version: int | None, changes: Mapping[str, object]
) -> Note:
    """Change a note, or say since when it is done; a value not named in ``changes`` stays."""
    with command(actor):
        known = Note.objects.filter(pk=note_id).values_list("customer_id", flat=True).first()
        if known is None:
            raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
        customer = locked_customer(actor, known)
        refuse_archived(customer)
        note = Note.objects.select_for_update().get(pk=note_id)
        values = read(actor, Note, _NOTE, changes).values
        check_version(note, expected_version, {name: getattr(note, name) for name in values})
        _check(
            {name: getattr(note, name) for name in ("kind", "text", "noted_on", "ended_on")}
            | values
        )
        if save_changes(note, values):
            _touch(customer)
        return note


def _check(values: Mapping[str, Any]) -> None:
    if not values.get("kind"):
        raise missing("kind", _("Say what the note is about."))
    if not values.get("text"):
        raise missing("text", _("Write what is known."))
    day, end = values.get("noted_on"), values.get("ended_on")
    if day is None:
        raise missing("noted_on", _("Enter the day."))
    today = timezone.localdate()
    for name, one in (("noted_on", day), ("ended_on", end)):
        if one is not None and one > today:
            raise Refusal("future_date", _("This day is still to come."), field=name)
    if end is not None and end < day:
        raise Refusal("date_order", _("It cannot be over before it was noted."), field="ended_on")


def _touch(customer: Customer) -> None:
    """The file counts as changed; its own version does not."""
    customer.save(update_fields=["updated_at"])
    standing_refresh([customer.pk])

"""The tab of needs, characteristics, competitors and care on a customer's page (CUS-14)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.fields import FieldSpec, display
from dossier.core.screens.conflict import anew, mark, with_choices
from dossier.core.screens.edits import (
    base_of,
    changes_of,
    cover,
    initial_of,
    read_base,
    sensitive,
    write_base,
)
from dossier.core.screens.forms import RecordForm, once_token
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.templatetags.look import day_text
from dossier.customers.fields import by_name, note_fields
from dossier.customers.forms import note_form, sensitive_note_form
from dossier.customers.models import Customer, Note
from dossier.customers.registries import Tab, register_tab
from dossier.customers.screens.facts import masked_cell
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.requests import crumbs, place
from dossier.customers.selectors import customer_detail, may, may_reveal, sees_plainly
from dossier.customers.services import note_add, note_update
from dossier.customers.states import NOTE_GROUPS, SENSITIVE_NOTES, CustomerStatus, NoteKind

_MOST = 200
_FIRST = ("kind", "noted_on", "text", "party", "amount")
_MORE = ("product", "quantity", "price", "our_price", "ended_on")


def notes_url(customer_id: int) -> str:
    """The tab of a customer's notes."""
    return f"{customer_url(customer_id)}?tab=notes"


def _tab(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    actor = actor_of(request)
    plainly = sees_plainly(actor, customer)
    reveal = not plainly and may_reveal(actor, customer)
    change = may(actor, "change", customer) and customer.status != CustomerStatus.ARCHIVED
    notes = list(
        Note.objects.filter(customer=customer)
        .select_related("noted_by")
        .order_by("-noted_on", "-pk")[:_MOST]
    )
    tables = []
    for title, kinds in NOTE_GROUPS:
        mine = [note for note in notes if note.kind in kinds]
        if mine:
            tables.append(_table(str(title), mine, plainly=plainly, reveal=reveal, change=change))
    context: dict[str, Any] = {"tables": tables, "no_notes": not notes}
    if change:
        context |= _quick(note_form(actor=actor, initial={"noted_on": timezone.localdate()}))
        context["note_url"] = reverse("note-new", args=[customer.pk])
    return context


def _quick(form: RecordForm) -> dict[str, Any]:
    return {
        "note_form": form,
        "note_first": [form[name] for name in _FIRST],
        "note_more": [form[name] for name in _MORE],
        "once_token": once_token(),
    }


def _table(
    title: str, notes: list[Note], *, plainly: bool, reveal: bool, change: bool
) -> dict[str, Any]:
    """Notes of a group, newest first; what is done is faint. A column nobody filled in is left out."""
    columns: list[tuple[str, str, Callable[[Note, dict[str, FieldSpec]], dict[str, Any]]]] = []

    def covered(name: str, css: str = "") -> Callable[[Note, dict[str, FieldSpec]], dict[str, Any]]:
        return lambda note, specs: (
            masked_cell(specs[name], note, plainly=plainly, may_reveal=reveal) | {"css": css}
        )

    def plain(name: str) -> Callable[[Note, dict[str, FieldSpec]], dict[str, Any]]:
        return lambda note, specs: {"text": display(specs[name], note), "css": "text-end num"}

    columns.append((_("What is known"), "wrap", covered("text", "wrap")))
    if any(note.party for note in notes):
        columns.append((_("Competitor, partner or recipient"), "", covered("party")))
    if any(note.amount is not None for note in notes):
        columns.append((_("Amount"), "text-end", covered("amount", "text-end num")))
    if any(note.product or note.quantity is not None for note in notes):
        columns.append((_("Product"), "", _product))
    if any(note.price is not None or note.our_price is not None for note in notes):
        columns.append((_("Their price"), "text-end", plain("price")))
        columns.append((_("Our price"), "text-end", plain("our_price")))
        columns.append(
            (
                _("Difference"),
                "text-end",
                lambda note, _specs: {"text": _difference(note), "css": "text-end num"},
            )
        )
    rows = []
    for note in notes:
        specs = by_name(note_fields(note.kind))
        url = reverse("note-edit", args=[note.pk]) if change else ""
        cells = [
            {"text": note.get_kind_display(), "url": url},
            *(make(note, specs) for _label, _css, make in columns),
            {"text": _days(note)},
            {"text": str(note.noted_by or "")},
        ]
        rows.append({"url": url, "cells": cells, "css": "text-secondary" if note.ended_on else ""})
    heads = [(_("What about"), ""), *((label, css) for label, css, _make in columns)]
    heads += [(_("Date"), ""), (_("Noted by"), "")]
    return {
        "title": title,
        "count": len(rows),
        "columns": [
            {
                "key": str(at),
                "label": label,
                "css": css,
                "align": "end" if css == "text-end" else "start",
            }
            for at, (label, css) in enumerate(heads)
        ],
        "rows": rows,
    }


def _product(note: Note, specs: dict[str, FieldSpec]) -> dict[str, Any]:
    return {"text": " × ".join(filter(None, (note.product, display(specs["quantity"], note))))}


def _days(note: Note) -> str:
    """The day of a note, and until when it held."""
    day = day_text(note.noted_on)
    if note.ended_on is None:
        return day
    return _("%(from)s to %(to)s") % {"from": day, "to": day_text(note.ended_on)}


def _difference(note: Note) -> str:
    """How much dearer (+) or cheaper (−) we are, in percent of their price."""
    if not note.price or note.our_price is None:
        return ""
    share = (note.our_price - note.price) * 100 / note.price
    return f"{share:+.1f}%".replace("-", "−")


def _count(_actor: Actor, customer: Customer) -> str:
    number = Note.objects.filter(customer=customer)[:1000].count()
    return "" if not number else f"{number}" if number < 1000 else "999+"


register_tab(
    Tab(
        "notes",
        gettext_lazy("Needs and characteristics"),
        20,
        _tab,
        count=_count,
        template="customers/notes.html",
    )
)


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def note_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a note, from the tab or on a page of its own (``?kind=`` chooses what about)."""
    actor = actor_of(request)
    customer = customer_detail(actor, pk)
    Customer.objects.reachable(actor, pk, "change")
    asked = request.GET.get("kind", "")
    form = note_form(
        request.POST if request.method == "POST" else None,
        actor=actor,
        initial={
            "noted_on": timezone.localdate(),
            "kind": asked if asked in NoteKind.values else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            note_add(
                actor=actor,
                customer_id=pk,
                data={n: v for n, v in form.cleaned_data.items() if v not in (None, "")},
                submission=request.POST.get("once_token") or once_token(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            place(refusal, form)
        else:
            messages.success(request, _("Noted."))
            return redirect(notes_url(pk))
    return _form(request, form, customer, _("New note"), once=True)


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def note_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a note, or say since when it is done; covered values left blank are kept."""
    actor = actor_of(request)
    note = Note.objects.filter(pk=pk).first()
    if note is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    customer = customer_detail(actor, note.customer_id)
    Customer.objects.reachable(actor, customer.pk, "change")
    make = sensitive_note_form if note.kind in SENSITIVE_NOTES else note_form
    specs = make(actor=actor).specs
    covered = frozenset() if sees_plainly(actor, customer) else sensitive(specs)

    def present() -> RecordForm:
        return make(actor=actor, initial=initial_of(actor, note, specs, covered=covered))

    form = present()
    version, base = note.version, base_of(form)
    if covered:
        base |= mark(note)
    stale: dict[str, Any] = {}
    if request.method == "POST":
        version, base = version_of(request), read_base(request.POST.get("base", ""))
        form = make(with_choices(request.POST, base), actor=actor)
        if form.is_valid():
            try:
                note_update(
                    actor=actor,
                    note_id=pk,
                    expected_version=version,
                    changes=changes_of(form, base, covered=covered),
                )
            except Stale:
                note.refresh_from_db()
                form, stale = anew(
                    partial(make, actor=actor),
                    form,
                    base=base,
                    present=present(),
                    row=note,
                    covered=covered,
                )
            except NotFound:
                raise
            except Refusal as refusal:
                place(refusal, form)
            else:
                messages.success(request, _("Saved."))
                return redirect(notes_url(customer.pk))
    cover(form, note, covered)
    return _form(
        request,
        form,
        customer,
        _("Edit note"),
        version=version,
        base=write_base(base),
        stale=stale,
    )


def _form(
    request: HttpRequest,
    form: RecordForm,
    customer: Customer,
    title: str,
    *,
    once: bool = False,
    version: int | None = None,
    base: str = "",
    stale: dict[str, Any] | None = None,
) -> HttpResponse:
    return render(
        request,
        "screens/form.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": f"{customer.name} {customer.code}",
            "fieldsets": [
                {"title": "", "fields": [form[name] for name in _FIRST]},
                {"title": _("Compared, and until when"), "fields": [form[name] for name in _MORE]},
            ],
            "cancel_url": notes_url(customer.pk),
            "version": version,
            "base": base,
            "once_token": (request.POST.get("once_token") or once_token()) if once else "",
            "breadcrumbs": crumbs(
                (_("Customers"), reverse("customers")),
                (str(customer), customer_url(customer.pk)),
                (_("Needs and characteristics"), notes_url(customer.pk)),
                (title, ""),
            ),
            **(stale or {}),
        },
        status=409 if stale else 422 if request.method == "POST" else 200,
    )

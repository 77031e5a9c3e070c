"""Changing many records of a list: choose the field, see what would happen, do it, undo it (CUS-4)."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.access import Actor
from dossier.core.bulk.declarations import BulkEditable, bulk_editable_of
from dossier.core.bulk.services import (
    MOST,
    Outcome,
    bulk_change,
    bulk_try,
    bulk_undo,
    entry_of,
    fingerprint,
    form_of,
    own_edit,
)
from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.exporting.declarations import none_word
from dossier.core.fields import FieldSpec, display_value
from dossier.core.screens.lists import capital, rows_of_address
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import moment_text

_SHOWN = 20  # records named in the preview
_LONGEST_QUERY = 20_000
_NOBODY = "-"  # boxes were ticked, but no key could be read
_KEY = re.compile(r"[0-9]{1,18}")


def _entry(actor: Actor, key: str) -> BulkEditable:
    entry = bulk_editable_of(key)
    if entry is None:
        raise NotFound("not_found", _("There is no such list."))
    actor.require(*_parts(entry.needs))
    actor.require(entry.kind, "change")
    return entry


def _parts(permission: str) -> tuple[str, str]:
    kind, _dot, action = permission.rpartition(".")
    return kind, action


class _Chosen:
    """The records of the list, or those ticked in it, and the field they are to be given."""

    def __init__(self, request: HttpRequest, actor: Actor, entry: BulkEditable) -> None:
        given = request.POST if request.method == "POST" else request.GET
        self.query = given.get("query", "")[:_LONGEST_QUERY].removeprefix("?")
        rows = rows_of_address(entry.screen(actor), actor, self.query)
        ticked = ",".join(one for one in given.getlist("ids") if one)
        self.ids = [int(one) for one in ticked.split(",") if _KEY.fullmatch(one)][: MOST + 1]
        self.ids_text = ",".join(map(str, self.ids)) or (ticked and _NOBODY)
        if ticked:  # what cannot be read chooses nothing: never the whole list instead
            rows = rows.filter(pk__in=self.ids)
        self.specs = list(entry.specs(actor))
        name = given.get("field", "")
        self.spec = next((spec for spec in self.specs if spec.name == name), None)
        self.too_many = rows.order_by()[: MOST + 1].count() > MOST
        joined = [self.spec.name] if self.spec is not None and self.spec.lookup else []
        self.rows = [] if self.too_many else list(rows.select_related(*joined))


@page()
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Choose what to change; with POST see the preview, or do what was seen."""
    actor = actor_of(request)
    entry = _entry(actor, key)
    chosen = _Chosen(request, actor, entry)
    context = _frame(entry, actor, chosen)
    if chosen.spec is None or request.method != "POST":
        if chosen.spec is not None:
            context["form"] = form_of(entry, chosen.spec, actor)
        return render(request, "screens/bulk_edit.html", context)
    spec = chosen.spec
    form = form_of(entry, spec, actor, request.POST)
    context |= {"form": form, "reason": request.POST.get("reason", "")}
    none = bool(spec.na and request.POST.get(f"na_{spec.name}"))
    if chosen.too_many or not form.is_valid():
        return render(request, "screens/bulk_edit.html", context, status=422)
    value = None if none else form.cleaned_data[spec.name]
    shown = none_word() if none else _shown(form, spec)
    if "seen" in request.POST:
        try:
            outcome = bulk_change(
                actor=actor,
                entry=entry,
                spec=spec,
                rows=chosen.rows,
                value=value,
                none=none,
                shown=shown,
                seen=request.POST["seen"],
                reason=request.POST.get("reason", ""),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            context["step_error"] = refusal.message
            context["stale"] = isinstance(refusal, Stale)
        else:
            assert outcome.edit is not None
            return HttpResponseRedirect(reverse("bulk-edit-done", args=[outcome.edit.pk]))
    trial = bulk_try(actor=actor, entry=entry, spec=spec, rows=chosen.rows, value=value, none=none)
    context["preview"] = _preview(entry, trial, shown) | {"seen": fingerprint(chosen.rows)}
    status = (409 if context.get("stale") else 422) if context.get("step_error") else 200
    return render(request, "screens/bulk_edit.html", context, status=status)


def _frame(entry: BulkEditable, actor: Actor, chosen: _Chosen) -> dict[str, Any]:
    count = len(chosen.rows)
    screen = entry.screen(actor)
    list_url = f"{entry.list_url()}?{chosen.query}" if chosen.query else entry.list_url()
    return {
        "entry": entry,
        "query": chosen.query,
        "ids": chosen.ids_text,
        "fields": [(spec.name, capital(spec.title(entry.model))) for spec in chosen.specs],
        "field": chosen.spec.name if chosen.spec is not None else "",
        "count_text": ngettext("%(count)s record", "%(count)s records", count)
        % {"count": f"{count:,}"},
        "too_many": f"{MOST:,}" if chosen.too_many else "",
        "nothing": not chosen.rows and not chosen.too_many,
        "cancel_url": list_url,
        "breadcrumbs": [
            {"label": str(screen.title), "url": list_url},
            {"label": _("Change several")},
        ],
    }


def _shown(form: Any, spec: FieldSpec) -> str:
    value = form.cleaned_data[spec.name]
    if value in (None, ""):
        return ""
    choices = dict(getattr(form.fields[spec.name], "choices", ()) or ())
    if value in choices:
        return str(choices[value])
    return display_value(spec.kind, value)


def _preview(entry: BulkEditable, outcome: Outcome, shown: str) -> dict[str, Any]:
    return {
        "changed": len(outcome.changed),
        "same": outcome.same,
        "refused": len(outcome.refused),
        "value": shown or "—",
        "rows": [
            {"text": str(row), "url": entry.url(row), "before": before or "—"}
            for row, before in outcome.changed[:_SHOWN]
        ],
        "more": max(0, len(outcome.changed) - _SHOWN),
        "refusals": [
            {"text": str(row), "url": entry.url(row), "why": why}
            for row, why in outcome.refused[:_SHOWN]
        ],
    }


@page()
@require_http_methods(["GET", "HEAD"])
def bulk_edit_done(request: HttpRequest, pk: int) -> HttpResponse:
    """What one changed together, and the way back."""
    actor = actor_of(request)
    edit = own_edit(actor, pk)
    entry, spec = entry_of(edit, actor)
    return render(
        request,
        "screens/bulk_edit_done.html",
        {
            "edit": edit,
            "at": moment_text(edit.at),
            "undone_at": moment_text(edit.undone_at) if edit.undone_at else "",
            "field_label": capital(spec.title(entry.model)),
            "value": edit.value or "—",
            "list_url": entry.list_url(),
            "list_title": str(entry.screen(actor).title),
            "breadcrumbs": [
                {"label": str(entry.screen(actor).title), "url": entry.list_url()},
                {"label": _("Change several")},
            ],
        },
    )


@page()
@require_POST
def bulk_edit_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what stood before, where nobody has changed it since."""
    outcome = bulk_undo(actor=actor_of(request), edit_id=pk)
    if outcome.refused:
        messages.warning(
            request,
            ngettext(
                "%(count)s record was left as it is: it was changed again since, or may no longer take the old value.",
                "%(count)s records were left as they are: they were changed again since, or may no longer take the old value.",
                len(outcome.refused),
            )
            % {"count": len(outcome.refused)},
        )
    else:
        messages.success(request, _("Everything is as it was before."))
    return HttpResponseRedirect(reverse("bulk-edit-done", args=[pk]))

"""The past of one field as a panel beside the record and as a page, and taking an old value again (AUD-1)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dossier.core.history.field_past import field_past, past_value
from dossier.core.history.subjects import Subject, subject_of
from dossier.core.screens.confirm import reasoned_step
from dossier.core.screens.requests import actor_of, page, version_of


@require_safe
@page()
def past(request: HttpRequest, key: str, pk: int, name: str) -> HttpResponse:
    """What a field held, newest first; the panel's part alone where the page asks for it."""
    actor = actor_of(request)
    kind = subject_of(key)
    row = kind.reach(actor, pk)
    spec, column = kind.spec(actor, name)
    values, more = field_past(actor, kind, row, spec, column)
    context: dict[str, Any] = {
        "label": spec.title(kind.model),
        "subject": kind.title(row),
        "values": values,
        "has_more": more,
        "key": key,
        "pk": pk,
        "name": name,
        "redact_url": f"{reverse('redaction-new', args=[key, pk])}?field={name}"
        if actor.can("core.redaction", "ask")
        else "",
    }
    if request.headers.get("HX-Request"):
        return render(request, "history/_field.html", context)
    return render(
        request,
        "history/field.html",
        context | {"breadcrumbs": _crumbs(kind, row, spec.title(kind.model))},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def restore(request: HttpRequest, key: str, pk: int, name: str, entry: int) -> HttpResponse:
    """Ask, then take an old value again by the record's own edit service."""
    actor = actor_of(request)
    kind = subject_of(key)
    row = kind.reach(actor, pk)
    spec, column = kind.spec(actor, name)
    text, value = past_value(actor, kind, row, spec, column, entry)
    values, _more = field_past(actor, kind, row, spec, column)
    label = spec.title(kind.model)
    nothing = _("nothing")
    version = version_of(request) if request.method == "POST" else row.version

    def run(reason: str) -> object:
        why = _("Old value of %(field)s taken again") % {"field": label}
        return kind.restore(
            actor=actor,
            row=row,
            version=version,
            field=name,
            value=value,
            why=f"{why}: {reason.strip()}"[:200] if reason.strip() else why,
        )

    return reasoned_step(
        request,
        run,
        confirm={
            "title": _("Take this value again?"),
            "subject": f"{kind.title(row)} · {label}",
            "effects": [
                _("Now: %(value)s") % {"value": (values[0].text if values else "") or nothing},
                _("Again: %(value)s") % {"value": text or nothing},
            ],
            "text": _(
                "It is entered like any edit: today's rules hold, and the history keeps both."
            ),
            "button": _("Take this value again"),
            "icon": "arrow-back-up",
            "reason_required": False,
            "longest": 150,
        },
        version=version,
        done=_("Saved."),
        then=kind.url(row),
        cancel_url=reverse("field-past", args=[key, pk, name]),
        breadcrumbs=_crumbs(kind, row, label),
    )


def _crumbs(kind: Subject, row: Any, last: str) -> list[dict[str, Any]]:
    return [{"label": kind.title(row), "url": kind.url(row)}, {"label": last, "url": ""}]

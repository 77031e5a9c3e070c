"""Redactions: the list, asking for one, deciding, and the record of what was emptied (AUD-3)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.history.redacting import redaction_approve, redaction_ask, redaction_refuse
from dossier.core.history.subjects import subject_of
from dossier.core.models import Redaction
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.confirm import reasoned_step
from dossier.core.screens.forms import once_token
from dossier.core.screens.requests import actor_of, page

_COLORS = {"waiting": "orange", "approved": "blue", "refused": "secondary", "done": "green"}
_MOST = 200

nav(
    NavItem(
        "redactions",
        gettext_lazy("Redactions"),
        "eraser",
        order=87,
        permission="core.redaction.view",
        group=gettext_lazy("Settings"),
        prefix="/redactions/",
    )
)


@require_safe
@page("core.redaction.view")
def redaction_list(request: HttpRequest) -> HttpResponse:
    """All requests, the newest first."""
    actor = actor_of(request)
    rows = [
        {
            "url": reverse("redaction", args=[row.pk]),
            "row": row,
            "fields": _fields(row),
            "place": _place(actor, row)[0],
            "color": _COLORS[row.status],
        }
        for row in Redaction.objects.order_by("-pk")[:_MOST]
    ]
    return render(request, "history/redactions.html", {"rows": rows})


@require_safe
@page("core.redaction.view")
def redaction_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request; carried out, it is the certificate of what was emptied. It holds none of the values."""
    actor = actor_of(request)
    row = get_object_or_404(Redaction, pk=pk)
    place, url = _place(actor, row)
    decides = (
        row.status == Redaction.Status.WAITING
        and actor.can("core.redaction", "approve")
        and actor.account_id != row.asked_by_id
    )
    return render(
        request,
        "history/redaction.html",
        {
            "row": row,
            "fields": _fields(row),
            "counts": [(title, row.counts.get(column, 0)) for column, title in _titles(row)],
            "place": place,
            "place_url": url,
            "color": _COLORS[row.status],
            "decides": decides,
            "own": row.status == Redaction.Status.WAITING and actor.account_id == row.asked_by_id,
            "by_command": row.status == Redaction.Status.APPROVED
            and not settings.OWNER_DATABASE_URL,
            "breadcrumbs": [
                {"label": _("Redactions"), "url": reverse("redactions")},
                {"label": _("Request %(number)s") % {"number": row.pk}},
            ],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("core.redaction.ask")
def redaction_new(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Ask that past values of a record be emptied: which fields, on what ground, why."""
    actor = actor_of(request)
    kind = subject_of(key)
    row = kind.reach(actor, pk)
    problem: Refusal | None = None
    if request.method == "POST":
        try:
            made = redaction_ask(
                actor=actor,
                subject=key,
                pk=pk,
                fields=request.POST.getlist("fields"),
                ground=request.POST.get("ground", ""),
                reason=request.POST.get("reason", ""),
                submission=request.POST.get("once_token") or once_token(),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            problem = refusal
        else:
            messages.success(request, _("Asked for. A second person has to approve it."))
            return redirect("redaction", made.pk)
    chosen = request.POST.getlist("fields") or request.GET.getlist("field")
    return render(
        request,
        "history/redaction_new.html",
        {
            "title": kind.title(row),
            "choices": [
                {"name": spec.name, "label": spec.title(kind.model), "on": spec.name in chosen}
                for spec, _column in kind.columns(actor)
            ],
            "grounds": Redaction.Ground.choices,
            "ground": request.POST.get("ground", ""),
            "reason": request.POST.get("reason", ""),
            "problem": problem,
            "once_token": request.POST.get("once_token") or once_token(),
            "cancel_url": kind.url(row),
            "breadcrumbs": [
                {"label": kind.title(row), "url": kind.url(row)},
                {"label": _("Ask for a redaction")},
            ],
        },
        status=422 if problem else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("core.redaction.approve")
def redaction_approval(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve what somebody else asked for."""
    return _step(
        request,
        pk,
        lambda said: redaction_approve(actor=actor_of(request), redaction_id=pk, decision=said),
        {
            "title": _("Approve the redaction?"),
            "button": _("Approve"),
            "icon": "check",
            "danger": True,
            "reason_label": _("Remark"),
            "reason_required": False,
            "effects": [
                _("The past values of these fields are emptied for good; no backup is touched."),
                _("What stands in the record now stays."),
                _("The chain still verifies; everybody sees that a value was redacted."),
            ],
        },
        _("Approved. It is being carried out."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("core.redaction.approve")
def redaction_refusal(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a request and say why."""
    return _step(
        request,
        pk,
        lambda said: redaction_refuse(actor=actor_of(request), redaction_id=pk, decision=said),
        {"title": _("Refuse the redaction?"), "button": _("Refuse"), "icon": "x"},
        _("Refused."),
    )


def _step(
    request: HttpRequest, pk: int, run: Any, confirm: dict[str, Any], done: str
) -> HttpResponse:
    row = get_object_or_404(Redaction, pk=pk)
    place = _place(actor_of(request), row)[0]
    fields = _(", ").join(_fields(row))
    url = reverse("redaction", args=[pk])
    return reasoned_step(
        request,
        run,
        confirm=confirm
        | {
            "subject": f"{_('Request %(number)s') % {'number': pk}} · {place} · {fields}",
            "text": f"{row.get_ground_display()}: {row.reason}",
        },
        version=row.version,
        done=done,
        then=url,
        cancel_url=url,
        breadcrumbs=[
            {"label": _("Redactions"), "url": reverse("redactions")},
            {"label": _("Request %(number)s") % {"number": pk}, "url": url},
        ],
    )


def _titles(row: Redaction) -> list[tuple[str, str]]:
    """Each column with the name its field has on the page."""
    try:
        kind = subject_of(row.subject)
    except NotFound:
        return [(column, column) for column in row.columns]
    known = {column: spec.title(kind.model) for spec, column in kind.columns()}
    return [(column, known.get(column, column)) for column in row.columns]


def _fields(row: Redaction) -> list[str]:
    return [title for _column, title in _titles(row)]


def _place(actor: Actor, row: Redaction) -> tuple[str, str]:
    """The record as this reader may know it: its title and address within the reach, else table and number."""
    try:
        kind = subject_of(row.subject)
        record = kind.reach(actor, int(row.row_id))
    except (NotFound, NotAllowed, ValueError):
        return f"{row.table} {row.row_id}", ""
    return kind.title(record), kind.url(record)

"""The page on which auditors and administrators have the history verified (AUD-1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.errors import NotAllowed, Refusal
from dossier.core.history.proof import latest, reads_as_owner, standing, verification_ask
from dossier.core.models import Verification
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.requests import actor_of, page

Status = Verification.Status
_MOST_SHOWN = 100

nav(
    NavItem(
        "history-verification",
        gettext_lazy("Verify the history"),
        "shield-check",
        order=86,
        permission="core.history.verify",
        group=gettext_lazy("Settings"),
        prefix="/settings/verification/",
    )
)

# What a fault's code means to somebody who reads the page; the manual says what to do.
FAULTS = {
    "seal_missing": gettext_lazy("Seals inside the chain are missing"),
    "tail_missing": gettext_lazy("The newest seals are missing in the database"),
    "chain_broken": gettext_lazy("A seal does not follow the seal before it"),
    "seal_forged": gettext_lazy("A seal was altered, or made with another key"),
    "head_differs": gettext_lazy("A seal differs from the head kept outside the database"),
    "head_rewritten": gettext_lazy(
        "A seal was made twice: the chain was cut off and has grown anew"
    ),
    "head_missing": gettext_lazy("Heads kept outside the database are missing"),
    "restore_unrecorded": gettext_lazy(
        "A restore is noted outside that the database does not know"
    ),
    "entry_removed": gettext_lazy("A sealed entry was removed"),
    "entry_inserted": gettext_lazy("An entry was slipped in after sealing"),
    "entry_altered": gettext_lazy("An entry was altered after sealing"),
    "transaction_altered": gettext_lazy("Who and why was altered after sealing"),
    "entry_edited": gettext_lazy("An entry was edited"),
    "transaction_edited": gettext_lazy("Who and why was edited"),
    "transaction_missing": gettext_lazy("Who and why was removed"),
    "entry_emptied": gettext_lazy("An entry was emptied without an approved redaction"),
    "redaction_forged": gettext_lazy("A redaction was altered, or made without the key"),
    "redaction_undone": gettext_lazy("What a redaction emptied stands in the history again"),
    "trigger_off": gettext_lazy("A history trigger is missing, altered or switched off"),
    "function_altered": gettext_lazy("A database function of the history was altered"),
    "row_without_history": gettext_lazy("A record is there that the history does not know"),
    "row_gone": gettext_lazy("A record is gone past the history"),
    "row_differs": gettext_lazy("A record differs from its history"),
    "entry_out_of_line": gettext_lazy("An entry does not follow from the one before it"),
}

_PROBLEMS = {
    "interrupted": gettext_lazy("The program was stopped before the end. Ask again."),
    "InsufficientPrivilege": gettext_lazy(
        "The program may not read everything that has to be held against each other."
    ),
}


@page("core.history.verify")
@require_http_methods(["GET", "HEAD"])
def verification(request: HttpRequest) -> HttpResponse:
    """How the history stands, the last verification and those before."""
    return render(request, "history/verification.html", _context())


@page("core.history.verify")
@require_http_methods(["GET", "HEAD"])
def state(request: HttpRequest) -> HttpResponse:
    """The part that is fetched anew while a verification runs."""
    return render(request, "history/_verification.html", _context())


@page("core.history.verify")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a verification."""
    try:
        verification_ask(actor=actor_of(request))
    except NotAllowed:
        raise
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return HttpResponseRedirect(reverse("history-verification"))


def _context() -> dict[str, Any]:
    rows = [_shown(row) for row in latest()]
    last = rows[0] if rows else None
    now = standing()
    return {
        "tiles": [
            (pgettext("of the history", "Entries"), _count(now.entries), False),
            (_("Seals"), _count(now.seals), False),
            (_("Not yet sealed"), _count(now.unsealed), False),
            (_("Heads outside the database"), _count(now.heads), now.heads < now.seals - 1),
        ],
        "sealed_at": now.sealed_at,
        "as_owner": reads_as_owner(),
        "last": last,
        "rows": rows,
        "under_way": bool(last and last["under_way"]),
    }


def _count(number: int | None) -> str:
    return f"{number or 0:,}"


def _shown(row: Verification) -> dict[str, Any]:
    text, color = _result(row)
    seconds = (
        f"{(row.ended_at - row.began_at).total_seconds():.1f}"
        if row.ended_at and row.began_at
        else ""
    )
    return {
        "row": row,
        "under_way": row.status in (Status.WAITING, Status.RUNNING),
        "sound": row.status == Status.DONE and not row.fault_count,
        "text": text,
        "color": color,
        "who": row.asked_name or row.asked_by,
        "seconds": seconds,
        "problem": _problem(row) if row.status == Status.FAILED else "",
        "checked": _("%(entries)s entries were checked, %(sealed)s of them in %(seals)s seals.")
        % {
            "entries": _count(row.entries),
            "sealed": _count(row.sealed),
            "seals": _count(row.seals),
        },
        "fault_count": _count(row.fault_count),
        "faults": [_fault(fault) for fault in row.faults[:_MOST_SHOWN]],
        "more": _count(max(0, row.fault_count - _MOST_SHOWN)),
        "has_more": row.fault_count > _MOST_SHOWN,
    }


def _result(row: Verification) -> tuple[str, str]:
    if row.status == Status.DONE:
        if not row.fault_count:
            return _("untouched"), "green"
        faults = ngettext("%(count)s fault", "%(count)s faults", row.fault_count)
        return faults % {"count": _count(row.fault_count)}, "red"
    if row.status == Status.FAILED:
        return _("could not be done"), "orange"
    return str(row.get_status_display()), "blue"


def _fault(fault: dict[str, Any]) -> dict[str, Any]:
    code = str(fault["code"])
    place = " ".join(str(fault[name]) for name in ("table", "row") if fault.get(name))
    return fault | {"title": FAULTS.get(code, code), "place": place}


def _problem(row: Verification) -> str:
    """Why a verification could not be done."""
    said = _PROBLEMS.get(row.problem)
    return str(said) if said else _("The database did not answer. The log says more.")

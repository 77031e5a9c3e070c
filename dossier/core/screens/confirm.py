"""A step that is asked about first: its effects, a reason where one is kept, then done or refused on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale

TEMPLATE = "screens/confirm.html"
LONGEST_REASON = 2_000  # what the page sends; the services bound it by what they keep


def reasoned_step(
    request: HttpRequest,
    run: Callable[[str], object],
    *,
    confirm: dict[str, Any],
    version: int,
    done: str,
    then: str,
    cancel_url: str,
    breadcrumbs: list[dict[str, Any]],
    template: str = TEMPLATE,
) -> HttpResponse:
    """Ask for a reason and ``run`` it with that, then go on to the address ``then`` and say ``done``.

    ``confirm`` holds the words of `screens/confirm.html`. A refusal is shown above the reason typed (409
    where the record was changed meanwhile, 422 otherwise); what may not be seen or done stays 404 or 403.
    """
    reason, error, status = request.POST.get("reason", "")[:LONGEST_REASON], "", 200
    if request.method == "POST":
        try:
            run(reason)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error, status = refusal.message, 409 if isinstance(refusal, Stale) else 422
        else:
            messages.success(request, done)
            return redirect(then)
    return render(
        request,
        template,
        {
            "confirm": {"ask_reason": True, "reason_required": True, **confirm},
            "reason": reason,
            "reason_error": error,
            "version": version,
            "cancel_url": cancel_url,
            "breadcrumbs": breadcrumbs,
        },
        status=status,
    )

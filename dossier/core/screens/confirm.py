"""A step that is asked about first: its effects, a reason where one is kept, then done or refused on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale

TEMPLATE = "screens/confirm.html"
REASONS = ("reason", "answer")  # what services call the text that is asked for


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

    ``confirm`` holds the words of `screens/confirm.html`, and as ``longest`` the characters of a reason
    (200 where nothing is said); ``stay_on_top`` leaves the cursor where a page is read before it is answered. A refusal is shown, and the reason typed stays (409 where the record was
    changed meanwhile, 422 otherwise); what may not be seen or done stays 404 or 403.
    """
    reason, status = request.POST.get("reason", ""), 200
    error: Refusal | None = None
    if request.method == "POST":
        try:
            run(reason)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error, status = refusal, 409 if isinstance(refusal, Stale) else 422
        else:
            messages.success(request, done)
            return redirect(then)
    return render(
        request,
        template,
        {
            "confirm": {"ask_reason": True, "reason_required": True, **confirm},
            "reason": reason,
            "reason_error": error.message if error and error.field in REASONS else "",
            "step_error": error.message if error and error.field not in REASONS else "",
            "version": version,
            "cancel_url": cancel_url,
            "breadcrumbs": breadcrumbs,
        },
        status=status,
    )

"""What the pages of this department share: reading what a form sent, saving it, its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from django import forms
from django.http import HttpRequest
from django.shortcuts import render

from dossier.core.errors import Refusal, Stale

Made = TypeVar("Made")


class TakesRefusals(Protocol):
    """A form on which a service's refusal can be shown."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def is_valid(self) -> bool: ...

    def refuse(self, refusal: Refusal) -> None: ...


def token_of(request: HttpRequest) -> str:
    """The form's one-time key; forms without one are told apart by nothing."""
    return request.POST.get("once_token", "").strip()[:64]


def saved(form: TakesRefusals, run: Callable[[], Made]) -> Made | None:
    """What the service made; None when the form or the service refused, told on the form.

    A stale edit is put up to the caller.
    """
    if not form.is_valid():
        return None
    try:
        return run()
    except Stale:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def form_page(
    request: HttpRequest, form: Any, *, template: str = "screens/form.html", **context: Any
) -> Any:
    """The form's page; 422 when something has to be corrected, 409 when another was faster."""
    status = 409 if "conflict" in context else 422 if form.errors else 200
    if status == 409 and not context["conflict"]:
        context["form_errors"] = [context["stale"]]
    return render(request, template, {"form": form, **context}, status=status)

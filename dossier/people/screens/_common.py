"""What the pages of this department share: saving a form, showing both versions of a stale edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from django import forms
from django.db import models
from django.http import HttpRequest
from django.shortcuts import render

from dossier.core.errors import Refusal, Stale
from dossier.core.screens.forms import ParsedField, RefField

Made = TypeVar("Made")


class TakesRefusals(Protocol):
    """A form on which a service's refusal can be shown."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def is_valid(self) -> bool: ...

    def refuse(self, refusal: Refusal) -> None: ...


def expected_version(request: HttpRequest) -> int:
    """The version the editor saw; one that fits no record when the form lost it."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


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


def conflict(
    form: forms.Form,
    record: models.Model,
    stale: Stale,
    *,
    shown: Mapping[str, Callable[[Any], str]] | None = None,
) -> dict[str, Any]:
    """Context of the form template that puts both versions of each differing value side by side.

    ``shown`` says for a field how its value is written instead of plainly.
    """
    items = []
    for name, theirs in stale.params["theirs"].items():
        if name not in form.fields:
            continue
        mine = form.cleaned_data.get(name)
        words = (shown or {}).get(name) or partial(_words, form.fields[name])
        items.append(
            {
                "name": name,
                "label": form.fields[name].label,
                "theirs": words(theirs),
                "mine": words(mine),
                "theirs_value": _value(form.fields[name], theirs),
                "mine_value": _value(form.fields[name], mine),
                "choice": "mine",
            }
        )
    version, at = getattr(record, "version", ""), getattr(record, "updated_at", None)
    return {"conflict": items, "version": version, "conflict_at": at, "stale": stale.message}


def _words(made: forms.Field, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return made.show(value) if isinstance(made, ParsedField) else str(value)


def _value(made: forms.Field, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(made, RefField):
        return str(value.pk)
    return made.show(value) if isinstance(made, ParsedField) else str(value)


def form_page(
    request: HttpRequest, form: Any, *, template: str = "screens/form.html", **context: Any
) -> Any:
    """The form's page; 422 when something has to be corrected, 409 when another was faster."""
    status = 409 if "conflict" in context else 422 if form.errors else 200
    if status == 409 and not context["conflict"]:
        context["form_errors"] = [context["stale"]]
    return render(request, template, {"form": form, **context}, status=status)

"""Look-ups: where a form or filter finds another record by any piece of its name or code.

A department declares each one once, by ``coded`` or ``keyed``; the address ``/lookup/<key>`` serves
Tom Select with ``[{value, text, code, fill?}]`` and ``/lookup/<key>/name?code=…`` turns a typed code
into its name. What a person types is a code; what a list sends is a value. The two are never mixed up:
an employee number may look like another employee's key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from dossier.core.access import Actor
from dossier.core.screens.requests import actor_of, page, text_parameter

MOST = 20


@dataclass(frozen=True)
class Lookup:
    """``rows`` are those the actor may choose, already narrowed by the text.

    ``by_code`` finds the one a person typed; ``by_value`` the one a list sent, where that is not the code.
    """

    key: str
    permission: str  # "kind.action" a person must hold to use it; empty: anybody signed in
    rows: Callable[[Actor, str], models.QuerySet[Any]]
    by_code: Callable[[Actor, str], Any | None]
    value: Callable[[Any], str]
    code: Callable[[Any], str]
    text: Callable[[Any], str]
    fill: Callable[[Actor, Any], dict[str, str]] | None = (
        None  # what a choice puts into blank fields beside it
    )
    by_value: Callable[[Actor, str], Any | None] | None = None

    def chosen(self, actor: Actor, value: str) -> Any | None:
        """The record whose value a form or an address sent; None where the actor may not choose it."""
        if "\x00" in value:  # no text of the database holds it
            return None
        return (self.by_value or self.by_code)(actor, value)

    def url(self) -> str:
        """Where the field searches."""
        return reverse("lookup", args=[self.key])

    def name_url(self) -> str:
        """Where a typed code becomes a name."""
        return reverse("lookup-name", args=[self.key])


_lookups: dict[str, Lookup] = {}


def lookup(item: Lookup) -> Lookup:
    """Register a look-up."""
    _lookups[item.key] = item
    return item


def coded(
    key: str,
    permission: str,
    rows: Callable[[Actor, str], models.QuerySet[Any]],
    by_code: Callable[[Actor, str], Any | None],
    *,
    text: Callable[[Any], str] = lambda row: str(row.name),
    fill: Callable[[Actor, Any], dict[str, str]] | None = None,
) -> Lookup:
    """Register a look-up of records that are chosen by their ``code``."""

    def code(row: Any) -> str:
        return str(row.code)

    return lookup(Lookup(key, permission, rows, by_code, code, code, text, fill))


def keyed(
    key: str,
    permission: str,
    rows: Callable[[Actor, str], models.QuerySet[Any]],
    choosable: Callable[[Actor], models.QuerySet[Any]],
    by_code: Callable[[Actor, str], Any | None],
    *,
    code: Callable[[Any], str] = lambda row: "",
) -> Lookup:
    """Register a look-up of records that are chosen by their database key, out of ``choosable``."""

    def by_value(actor: Actor, value: str) -> Any | None:
        if not (value.isascii() and value.isdecimal() and len(value) < 19):
            return None
        return choosable(actor).filter(pk=int(value)).first()

    return lookup(
        Lookup(
            key,
            permission,
            rows,
            by_code,
            value=lambda row: str(row.pk),
            code=code,
            text=lambda row: str(row.name),
            by_value=by_value,
        )
    )


def get_lookup(key: str) -> Lookup:
    """The look-up of a key; KeyError when none is declared."""
    return _lookups[key]


def _allowed(request: HttpRequest, key: str) -> Lookup:
    item = _lookups.get(key)
    if item is None:
        raise Http404
    if item.permission:
        actor_of(request).require(*item.permission.rsplit(".", 1))
    return item


@require_safe
@page()
def lookup_view(request: HttpRequest, key: str) -> HttpResponse:
    """Up to twenty records that match ``q``."""
    item = _allowed(request, key)
    actor = actor_of(request)
    found: list[dict[str, Any]] = []
    for row in item.rows(actor, text_parameter(request, "q"))[:MOST]:
        found.append({"value": item.value(row), "code": item.code(row), "text": item.text(row)})
        if item.fill is not None:
            found[-1]["fill"] = item.fill(actor, row)
    return JsonResponse({"results": found})


@require_safe
@page()
def lookup_name_view(request: HttpRequest, key: str) -> HttpResponse:
    """The name of a typed code, as plain text; empty when unknown."""
    item = _allowed(request, key)
    code = text_parameter(request, "code") or text_parameter(request, "q")
    row = item.by_code(actor_of(request), code) if code else None
    return HttpResponse(
        item.text(row) if row is not None else "", content_type="text/plain; charset=utf-8"
    )

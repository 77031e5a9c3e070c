"""A filter of a list: what its address says, the rows it leaves, the words of its chip."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dossier.core.access import Actor
from dossier.core.bilingual import listed
from dossier.core.screens.lists.columns import Rows, capital
from dossier.core.screens.requests import (
    bad_address,
    date_parameter,
    decimal_parameter,
    text_parameter,
)
from dossier.core.templatetags.look import day_text


@dataclass(frozen=True)
class Filter:
    """One filter. ``kind``: choice, multi, ref, bool, date_range, number_range or text.

    ``options`` gives choices; for ref, ``named`` gives the label of a chosen key and ``lookup_url``
    where to search. ``apply`` narrows the rows; without it the filter compares ``column``.
    """

    name: str
    label: str | Promise
    kind: str
    column: str = ""
    options: Callable[[Actor], Iterable[tuple[str, str | Promise]]] | None = None
    named: Callable[[Actor, str], str | None] | None = None
    lookup_url: Callable[[], str] | None = None
    apply: Callable[[Rows, Any], Rows] | None = None
    quick: bool = False


def filter_state(
    item: Filter, rows: Rows, request: HttpRequest, actor: Actor
) -> tuple[Rows, dict[str, Any], str]:
    """Narrow the rows by one filter; its state for the template and the words of its chip."""
    column = item.column or item.name
    state: dict[str, Any] = {
        "name": item.name,
        "label": capital(item.label),
        "kind": item.kind,
        "quick": item.quick,
    }
    if item.kind in ("date_range", "number_range"):
        read = date_parameter if item.kind == "date_range" else decimal_parameter
        low, high = read(request, f"{item.name}_from"), read(request, f"{item.name}_to")
        state["value_from"], state["value_to"] = _plain(low), _plain(high)
        if low is not None:
            rows = rows.filter(**{f"{column}__gte": low})
        if high is not None:
            rows = rows.filter(**{f"{column}__lte": high})
        return (
            rows,
            state,
            _range_text(low, high),
        )
    if item.kind == "bool":
        value = text_parameter(request, item.name)
        state["value"] = value
        if value not in ("", "0", "1"):
            raise bad_address(item.name, value)
        if value:
            rows = (
                item.apply(rows, value == "1")
                if item.apply
                else rows.filter(**{column: value == "1"})
            )
        return rows, state, {"": "", "0": _("No"), "1": _("Yes")}[value]
    if item.kind == "text":
        value = text_parameter(request, item.name)
        state["value"] = value
        if value:
            rows = (
                item.apply(rows, value)
                if item.apply
                else rows.filter(**{f"{column}__icontains": value})
            )
        return rows, state, value
    if item.kind == "ref":
        value = text_parameter(request, item.name, longest=40)
        label = item.named(actor, value) if value and item.named else None
        if value and label is None:
            raise bad_address(item.name, value)
        state.update(
            value=value,
            options=[(value, label)] if value else [],
            lookup_url=item.lookup_url() if item.lookup_url else "",
        )
        if value:
            rows = item.apply(rows, value) if item.apply else rows.filter(**{column: value})
        return rows, state, label or ""
    options = [(str(v), label) for v, label in (item.options(actor) if item.options else ())]
    known = dict(options)
    values = [v for v in request.GET.getlist(item.name) if v]
    if any(v not in known for v in values):
        raise bad_address(item.name, next(v for v in values if v not in known))
    state.update(options=options, value=values[0] if values else "", values=values)
    if values:
        if item.apply:
            rows = item.apply(rows, values)
        else:
            rows = rows.filter(**{f"{column}__in": values})
    return rows, state, listed(known[v] for v in values)


def _range_text(low: object, high: object) -> str:
    """A chosen range in words; days as everywhere on the pages."""
    ends = {
        "low": day_text(low) if isinstance(low, date) else _plain(low),
        "high": day_text(high) if isinstance(high, date) else _plain(high),
    }
    if low is not None and high is not None:
        return f"{ends['low']} – {ends['high']}"
    if low is not None:
        return _("from %(low)s") % ends
    return _("up to %(high)s") % ends if high is not None else ""


def _plain(value: object) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)

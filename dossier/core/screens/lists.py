"""A list page as a declaration: columns, filters, search, sort, keyset pages, capped counts.

Filters, sort and place live in the address. Pages are cut by key (never by offset), counting stops
at a cap, so that a page costs the same at a thousand and at a million rows.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dossier.core.access import Actor
from dossier.core.bilingual import listed
from dossier.core.bulk.declarations import may_change as may_change_several
from dossier.core.exporting.declarations import menu as export_menu
from dossier.core.screens.requests import (
    actor_of,
    bad_address,
    date_parameter,
    decimal_parameter,
    text_parameter,
)
from dossier.core.screens.saved_views import strip as view_strip
from dossier.core.templatetags.look import day_text

PAGE_SIZE = 50
COUNT_CAP = 1_000  # counting costs as much as reading; beyond it a list says "more than"
Rows = models.QuerySet[Any]
Cell = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One column. ``cell`` makes a cell (text or a dict: text, url, badge, title, css) from a row.

    ``sort`` names the database column that orders it; ``nulls`` stands for null in that order (a
    value below all real ones), so that keys compare. ``out`` gives the value for a file, where a number
    or day should be more than its text; what a cell covers stays covered without it.
    """

    key: str
    label: str | Promise
    cell: Callable[[Any], str | Cell]
    align: str = "start"
    sort: str = ""
    nulls: object = None
    default: bool = True
    css: str = ""
    out: Callable[[Any], Any] | None = None
    reads: tuple[
        str, ...
    ] = ()  # what ``cell`` reads of the row, with ``ListScreen.reads``: paths of fields

    def order(self) -> Any:
        """What the rows are ordered by; an index of the same expression serves it."""
        by = F(self.sort)
        if self.nulls is None:
            return by
        # said by hand for counts: their own kind holds no -1, and comparing with it would find nothing
        kind = models.IntegerField() if isinstance(self.nulls, int) else None
        return Coalesce(by, Value(self.nulls), output_field=kind)

    def classes(self) -> str:
        """CSS classes of the column's cells."""
        end = "text-end num" if self.align == "end" else ""
        return f"{end} {self.css}".strip()


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


@dataclass(frozen=True)
class ListScreen:
    """Everything a list page is made of. Rows must already be cut to the actor by ``rows``."""

    key: str
    title: str | Promise
    rows: Callable[[Actor], Rows]
    columns: Sequence[Column]
    row_url: Callable[[Any], str]
    default_sort: str
    filters: Sequence[Filter] = ()
    search: Callable[[Rows, str], Rows] | None = None
    search_as: Callable[[Actor, Rows, str], Rows] | None = None  # where it matters who searches
    search_placeholder: str | Promise = ""
    icon: str = "folder"
    row_css: Callable[[Any], str] | None = None
    head: Callable[[HttpRequest], dict[str, Any]] = field(default=lambda request: {})
    template: str = "screens/list.html"
    default_filters: Callable[[Rows], Rows] | None = None  # applied while nothing is searched for …
    reads: tuple[
        str, ...
    ] = ()  # where given, a page reads of a row these fields and its columns' alone
    default_lifted_by: tuple[str, ...] = ()  # … and none of these filters is set; empty: any filter

    def view(self, request: HttpRequest, **extra: Any) -> HttpResponse:
        """Render the page, or its table alone for htmx."""
        context = self.context(request)
        context.update(extra)
        # A table fetched by htmx is pushed into the address; a browser going back must get the page.
        partial = (
            request.headers.get("HX-Request") == "true"
            and request.headers.get("HX-Target") == "list"
        )
        response = render(request, "screens/_table.html" if partial else self.template, context)
        response.headers["Vary"] = "HX-Request, HX-Target"
        return response

    # -- what the address says -----------------------------------------------------------------

    def chosen_columns(self, request: HttpRequest) -> list[Column]:
        """The columns asked for by ``columns=a,b``, else the default ones."""
        asked = text_parameter(request, "columns", longest=1000)
        if not asked:
            return [c for c in self.columns if c.default]
        known = {c.key: c for c in self.columns}
        chosen = [known[key] for key in dict.fromkeys(asked.split(",")) if key in known]
        if not chosen:
            raise bad_address("columns", asked)
        return chosen

    def narrowed(
        self, request: HttpRequest
    ) -> tuple[Rows, list[dict[str, Any]], list[dict[str, Any]], str]:
        """Rows after search and filters, the filters' state for the page, the chips, the search text."""
        actor = actor_of(request)
        rows = self.rows(actor)
        q = text_parameter(request, "q")
        if q and self.search_as is not None:
            rows = self.search_as(actor, rows, q)
        elif q and self.search is not None:
            rows = self.search(rows, q)
        states: list[dict[str, Any]] = []
        chips: list[dict[str, Any]] = []
        lifted = bool(q)
        for item in self.filters:
            rows, state, chip_text = _filter_state(item, rows, request, actor)
            states.append(state)
            if chip_text:
                lifted |= not self.default_lifted_by or item.name in self.default_lifted_by
                names = [item.name, f"{item.name}_from", f"{item.name}_to"]
                chips.append(
                    {
                        "label": capital(item.label),
                        "value": chip_text,
                        "remove_url": _address(request, drop=names),
                    }
                )
        if self.default_filters is not None and not lifted:
            rows = self.default_filters(rows)
        return rows, states, chips, q

    def ordering(self, request: HttpRequest) -> tuple[str, bool, Column]:
        """Sort parameter, whether descending, and the column it names."""
        asked = text_parameter(request, "sort", longest=60) or self.default_sort
        descending = asked.startswith("-")
        column = next((c for c in self.columns if c.sort and c.key == asked.lstrip("-")), None)
        if column is None:
            raise bad_address("sort", asked)
        return asked, descending, column

    def everything(self, request: HttpRequest) -> tuple[Rows, list[dict[str, Any]], str]:
        """All rows of the list in its order, the chips, the search text: what a file of it holds."""
        rows, _states, chips, q = self.narrowed(request)
        _asked, descending, by = self.ordering(request)
        order = ["-_sort", "-pk"] if descending else ["_sort", "pk"]
        return rows.annotate(_sort=by.order()).order_by(*order), chips, q

    # -- the page --------------------------------------------------------------------------------

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """What the list template needs."""
        rows, states, chips, q = self.narrowed(request)
        asked, descending, by = self.ordering(request)
        columns = self.chosen_columns(request)
        actor = actor_of(request)
        found, first, previous_key, next_key = self._page(
            self._read(rows, columns), request, by, descending
        )
        counted = rows.order_by()[: COUNT_CAP + 1].count()
        chosen = {c.key for c in columns}
        return {
            "views": view_strip(request, actor, self.key),
            "screen": {
                "title": self.title,
                "icon": self.icon,
                "search_placeholder": self.search_placeholder,
                "export": export_menu(actor, self.key),
                "may_change_several": may_change_several(actor, self.key),
                "key": self.key,
                **self.head(request),
            },
            "q": q,
            "filters": states,
            "chips": chips,
            "clear_url": request.path,
            "carry": [(n, request.GET[n]) for n in ("sort",) if request.GET.get(n)],
            "columns": [self._head(request, c, asked) for c in columns],
            "column_choices": [(c.key, capital(c.label), c.key in chosen) for c in self.columns],
            "columns_value": request.GET.get("columns", ""),
            "rows": [self._row(row, columns) for row in found],
            "pager": {
                "count_text": _count_text(counted),
                "first_url": _address(request, drop=["after", "before"]) if not first else "",
                "prev_url": _address(request, drop=["after"], before=previous_key)
                if previous_key
                else "",
                "next_url": _address(request, drop=["before"], after=next_key) if next_key else "",
            },
        }

    def _read(self, rows: Rows, columns: Sequence[Column]) -> Rows:
        """The rows with no more fields and joins than the page shows."""
        if not self.reads:
            return rows
        paths = dict.fromkeys((*self.reads, *(path for c in columns for path in c.reads)))
        joined = {path.rpartition("__")[0] for path in paths if "__" in path}
        rows = rows.select_related(None).defer(None)
        return rows.select_related(*sorted(joined)).only(*paths) if joined else rows.only(*paths)

    def _page(
        self, rows: Rows, request: HttpRequest, by: Column, descending: bool
    ) -> tuple[list[Any], bool, str, str]:
        """One page of rows by key: the rows, whether it is the first page, keys backward and forward."""
        after, before = request.GET.get("after", ""), request.GET.get("before", "")
        rows = rows.annotate(_sort=by.order())
        backward = bool(before)
        down = descending != backward
        cursor = before or after
        if cursor:
            kind = _kind_of(rows.query.annotations["_sort"].output_field)
            key = _read_key("before" if before else "after", cursor, kind)
            rows = rows.filter(_beyond(*key, down))
        order = ["-_sort", "-pk"] if down else ["_sort", "pk"]
        found = list(rows.order_by(*order)[: PAGE_SIZE + 1])
        more = len(found) > PAGE_SIZE
        found = found[:PAGE_SIZE]
        if backward:
            found.reverse()
        at_start = not cursor or (backward and not more)
        at_end = not backward and not more
        previous_key = _write_key(found[0]) if found and not at_start else ""
        next_key = _write_key(found[-1]) if found and not at_end else ""
        return found, at_start, previous_key, next_key

    def _head(self, request: HttpRequest, column: Column, asked: str) -> dict[str, Any]:
        head: dict[str, Any] = {
            "key": column.key,
            "label": capital(column.label),
            "align": column.align,
            "css": column.classes(),
        }
        if column.sort:
            up = asked == column.key
            head["sorted"] = "asc" if up else "desc" if asked == f"-{column.key}" else ""
            head["sort_url"] = _address(
                request, drop=["after", "before"], sort=f"-{column.key}" if up else column.key
            )
        return head

    def _row(self, row: Any, columns: Sequence[Column]) -> dict[str, Any]:
        url = self.row_url(row)
        cells = []
        for position, column in enumerate(columns):
            made = column.cell(row)
            cell = made if isinstance(made, dict) else {"text": made}
            css = column.classes()
            if css:
                cell["css"] = f"{cell.get('css', '')} {css}".strip()
            if position == 0 and url and "url" not in cell:
                cell["url"] = url
            cells.append(cell)
        return {"url": url, "cells": cells, "css": self.row_css(row) if self.row_css else ""}


def rows_of_address(screen: ListScreen, actor: Actor, query: str) -> Rows:
    """The rows that a list shows under an address, all pages of it."""
    return screen.narrowed(request_of_list(actor, query))[0]


def request_of_list(actor: Actor, query: str) -> HttpRequest:
    """The list's page as it was asked for: only its address and who asks count."""
    request = HttpRequest()
    request.method = "GET"
    request.GET = cast(Any, QueryDict(query))
    request.actor = actor  # type: ignore[attr-defined] # as ActorMiddleware does
    return request


def with_columns(screen: ListScreen, columns: Sequence[Column]) -> ListScreen:
    """The same list with other columns (for example without cost for those who may not see it)."""
    return replace(screen, columns=columns)


def _filter_state(
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


def capital(label: str | Promise) -> str:
    """A label as a heading: model labels begin small in English."""
    text = str(label)
    return text[:1].upper() + text[1:]


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


def _address(request: HttpRequest, *, drop: Iterable[str] = (), **put: str) -> str:
    """The page's own address with some parameters taken away and others put."""
    query = request.GET.copy()
    for name in (*drop, "after", "before"):
        query.pop(name, None)
    for name, value in put.items():
        query[name] = value
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path


def _count_text(counted: int) -> str:
    if counted > COUNT_CAP:
        return _("more than %(count)s records") % {"count": f"{COUNT_CAP:,}"}
    return ngettext("%(count)s record", "%(count)s records", counted) % {"count": f"{counted:,}"}


def _beyond(value: Any, pk: int, down: bool) -> Q:
    """Rows after the key in the direction of reading; the first half lets the index seek."""
    if down:
        return Q(_sort__lte=value) & (Q(_sort__lt=value) | Q(pk__lt=pk))
    return Q(_sort__gte=value) & (Q(_sort__gt=value) | Q(pk__gt=pk))


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite() or abs(value) > 10**30:
        raise ValueError
    return value


def _whole(text: str) -> int:
    value = int(text)
    if abs(value) > 2**62:
        raise ValueError
    return value


def _text(text: str) -> str:
    text.encode()  # a half of a surrogate pair is no text
    if "\x00" in text:
        raise ValueError
    return text


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None or not 1 < value.year < 9999:
        raise ValueError
    return value


_TYPES: dict[str, Callable[[str], Any]] = {
    "s": _text,
    "i": _whole,
    "n": _number,
    "d": date.fromisoformat,
    "t": _moment,
}


def _kind_of(column: models.Field[Any, Any]) -> str:
    """The kind of key a column is cut by; a key of another kind is nobody's page (SECURITY E 15)."""
    kinds: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
        (models.DateTimeField, "t"),
        (models.DateField, "d"),
        (models.DecimalField, "n"),
        (models.IntegerField, "i"),
    )
    return next((kind for of, kind in kinds if isinstance(column, of)), "s")


def _write_key(row: Any) -> str:
    value = row._sort
    kind = (
        "t"
        if isinstance(value, datetime)
        else "d"
        if isinstance(value, date)
        else "n"
        if isinstance(value, Decimal)
        else "i"
        if isinstance(value, int)
        else "s"
    )
    text = value.isoformat() if kind in "td" else str(value)
    packed = json.dumps([kind, text, row.pk], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _read_key(name: str, text: str, wanted: str) -> tuple[Any, int]:
    try:
        packed = json.loads(base64.urlsafe_b64decode(text[:600] + "=" * (-len(text) % 4)))
        kind, value, pk = packed
        if (
            kind != wanted
            or not isinstance(pk, int)
            or not isinstance(value, str)
            or abs(pk) > 2**62
        ):
            raise ValueError
        return _TYPES[kind](value), pk
    except (ValueError, TypeError, ArithmeticError, binascii.Error, RecursionError) as problem:
        raise bad_address(name, text) from problem

"""A list page as a declaration: columns, filters, search, sort, groups, keyset pages, capped counts.

Filters, sort, groups and place live in the address. Pages are cut by key (never by offset), counting
stops at a cap, so that a page costs the same at a thousand and at a million rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dossier.core.access import Actor
from dossier.core.bulk.declarations import may_change as may_change_several
from dossier.core.exporting.declarations import menu as export_menu
from dossier.core.keyset import beyond, order_kind
from dossier.core.lean import lean
from dossier.core.screens.lists.addresses import address
from dossier.core.screens.lists.columns import Column, Rows, capital
from dossier.core.screens.lists.filters import Filter, filter_state
from dossier.core.screens.lists.grouping import Grouped, Grouping, walk
from dossier.core.screens.lists.keys import read_key, write_key
from dossier.core.screens.lists.rows import RowMaker
from dossier.core.screens.requests import actor_of, bad_address, text_parameter
from dossier.core.screens.saved_views import strip as view_strip

PAGE_SIZE = 50
COUNT_CAP = 1_000  # counting costs as much as reading; beyond it a list says "more than"
Chips = list[dict[str, Any]]


@dataclass(frozen=True)
class _Page:
    """One page: its rows, each one's group (None in a plain list), what is known of the groups' sizes."""

    rows: list[Any]
    groups: list[str] | None
    counts: dict[str, int]
    at_start: bool
    at_end: bool

    def beside(self, request: HttpRequest, way: str) -> str:
        """The address of the page before or after this one; empty where there is none."""
        if not self.rows or (self.at_end if way == "after" else self.at_start):
            return ""
        place = -1 if way == "after" else 0
        group = self.groups[place] if self.groups is not None else None
        return address(request, **{way: write_key(self.rows[place], group)})


@dataclass(frozen=True)
class ListScreen:
    """Everything a list page is made of. Rows must already be cut to the actor by ``rows``.

    Where ``reads`` is given, a page reads of a row these fields and its columns' alone; ``prepare`` reads at
    once what all rows of a page need of other tables.
    ``default_filters`` are applied while nothing is searched for and none of the filters (or groups) named
    in ``default_lifted_by`` is set; where that is empty, any filter lifts them.
    ``surely`` is a part of the actor's rows that an index finds: where they alone reach the cap, the others
    are not counted, which a condition of several grounds would look for among all there are.
    """

    key: str
    title: str | Promise
    rows: Callable[[Actor], Rows]
    columns: Sequence[Column]
    row_url: Callable[[Any], str]
    default_sort: str
    filters: Sequence[Filter] = ()
    groupings: Sequence[Grouping] = ()
    search: Callable[[Rows, str], Rows] | None = None
    search_as: Callable[[Actor, Rows, str], Rows] | None = None  # where it matters who searches
    search_placeholder: str | Promise = ""
    icon: str = "folder"
    row_css: Callable[[Any], str] | None = None
    head: Callable[[HttpRequest], dict[str, Any]] = field(default=lambda request: {})
    template: str = "screens/list.html"
    default_filters: Callable[[Rows], Rows] | None = None
    reads: tuple[str, ...] = ()
    prepare: Callable[[list[Any]], None] | None = None
    default_lifted_by: tuple[str, ...] = ()
    surely: Callable[[Actor], Q | None] | None = None
    always: tuple[str, ...] = ()

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

    def narrowed(self, request: HttpRequest) -> tuple[Rows, list[dict[str, Any]], Chips, str]:
        """Rows after search and filters, the filters' state for the page, the chips, the search text."""
        actor = actor_of(request)
        rows = self.rows(actor)
        q = text_parameter(request, "q")
        if q and self.search_as is not None:
            rows = self.search_as(actor, rows, q)
        elif q and self.search is not None:
            rows = self.search(rows, q)
        states: list[dict[str, Any]] = []
        chips: Chips = []
        narrowing: list[str] = []
        for item in self.filters:
            rows, state, chip_text = filter_state(item, rows, request, actor)
            states.append(state)
            if chip_text:
                narrowing.append(item.name)
                names = [item.name, f"{item.name}_from", f"{item.name}_to"]
                chips.append(_chip(request, item.label, chip_text, names))
        inside = self._inside(request)
        if inside is not None:
            grouped, key = inside
            rows = rows.filter(grouped.where(key))
            narrowing.append(grouped.grouping.key)
            chips.append(_chip(request, grouped.grouping.label, grouped.names[key], ["within"]))
        if self.default_filters is not None and not self._lifted(request, q, narrowing):
            rows = self.default_filters(rows)
        return rows, states, chips, q

    def _lifted(self, request: HttpRequest, q: str, narrowing: Sequence[str]) -> bool:
        """Whether what the list leaves out by itself is asked for."""
        if q or not self.default_lifted_by:
            return bool(q or narrowing)
        asked = {*narrowing, request.GET.get("group", "")}
        return not asked.isdisjoint(self.default_lifted_by)

    def _inside(self, request: HttpRequest) -> tuple[Grouped, str] | None:
        """The one group a heading led to by ``within=grade:A``."""
        asked = text_parameter(request, "within")
        if not asked:
            return None
        name, _colon, key = asked.partition(":")
        grouping = next((one for one in self.groupings if one.key == name), None)
        grouped = Grouped(grouping, actor_of(request)) if grouping is not None else None
        if grouped is None or key not in grouped.names:
            raise bad_address("within", asked)
        return grouped, key

    def grouped(self, request: HttpRequest) -> Grouped | None:
        """What the rows are grouped by, by ``group=grade``; None in a plain list."""
        asked = text_parameter(request, "group", longest=60)
        if not asked:
            return None
        grouping = next((one for one in self.groupings if one.key == asked), None)
        if grouping is None:
            raise bad_address("group", asked)
        return Grouped(grouping, actor_of(request))

    def ordering(self, request: HttpRequest) -> tuple[str, bool, Column]:
        """Sort parameter, whether descending, and the column it names."""
        asked = text_parameter(request, "sort", longest=60) or self.default_sort
        descending = asked.startswith("-")
        column = next((c for c in self.columns if c.sort and c.key == asked.lstrip("-")), None)
        if column is None:
            raise bad_address("sort", asked)
        return asked, descending, column

    def everything(self, request: HttpRequest) -> tuple[Rows, Chips, str]:
        """All rows of the list in its order, the chips, the search text: what a file of it holds."""
        rows, _states, chips, q = self.narrowed(request)
        _asked, descending, by = self.ordering(request)
        return self._keyed(rows, by).order_by(*_order(descending)), chips, q

    def parts(self, request: HttpRequest, rows: Rows) -> Iterator[tuple[str, Rows]]:
        """The rows of ``everything`` group by group with the groups' names; the plain list is one part."""
        grouped = self.grouped(request)
        if grouped is None:
            yield "", rows
            return
        for key, name in grouped.names.items():
            yield name, rows.filter(grouped.where(key))

    # -- the page --------------------------------------------------------------------------------

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """What the list template needs."""
        rows, states, chips, q = self.narrowed(request)
        asked, descending, by = self.ordering(request)
        columns = self.chosen_columns(request)
        grouped = self.grouped(request)
        actor = actor_of(request)
        counted = self._counted(rows, actor)
        page = (
            self._page(rows, columns, request, by, descending)
            if grouped is None
            else self._page_of_groups(rows, columns, request, by, descending, grouped, counted)
        )
        if self.prepare is not None:
            self.prepare(page.rows)
        maker = RowMaker(self, actor, columns, page.rows)
        made = [maker.row(row) for row in page.rows]
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
            "carry": [(n, request.GET[n]) for n in ("sort", "within") if request.GET.get(n)],
            "columns": [self._head(request, c, asked) for c in columns],
            "column_choices": [(c.key, capital(c.label), c.key in chosen) for c in self.columns],
            "columns_value": request.GET.get("columns", ""),
            "group_choices": [(one.key, capital(one.label)) for one in self.groupings],
            "group": grouped.grouping.key if grouped is not None else "",
            "rows": made if grouped is None else self._headed(request, rows, page, grouped, made),
            "ticks": maker.ticks,
            "edits": json.dumps(maker.edits, ensure_ascii=False) if maker.edits else "",
            "pager": {
                "count_text": _count_text(counted),
                "first_url": "" if page.at_start else address(request),
                "prev_url": page.beside(request, "before"),
                "next_url": page.beside(request, "after"),
            },
        }

    def _counted(self, rows: Rows, actor: Actor) -> int:
        """How many rows there are, up to one more than the cap."""
        rows = rows.order_by()
        part = self.surely(actor) if self.surely is not None else None
        if part is not None and (found := rows.filter(part)[: COUNT_CAP + 1].count()) > COUNT_CAP:
            return found
        return rows[: COUNT_CAP + 1].count()

    def _keyed(self, rows: Rows, by: Column) -> Rows:
        """The rows with what they are ordered by as ``_sort``."""
        beside = by.sort.partition("__")[0]
        if beside in self.always:
            rows = rows.filter(**{f"{beside}__isnull": False})
        keyed: Rows = rows.annotate(_sort=by.order())
        return keyed

    def lean(self, rows: Rows, columns: Sequence[Column]) -> Rows:
        """The rows with no more fields and joins than these columns show."""
        if not self.reads:
            return rows
        return lean(rows, (*self.reads, *(path for column in columns for path in column.reads)))

    def _page(
        self,
        rows: Rows,
        columns: Sequence[Column],
        request: HttpRequest,
        by: Column,
        descending: bool,
    ) -> _Page:
        """One page of a plain list by key."""
        rows = self._keyed(rows, by)
        start, backward, down = _place(request, rows, descending)
        if start is not None:
            rows = rows.filter(beyond(*start[:2], down=down))
        rows = self.lean(rows, columns).order_by(*_order(down))
        return _cut(list(rows[: PAGE_SIZE + 1]), None, {}, start is not None, backward)

    def _page_of_groups(
        self,
        rows: Rows,
        columns: Sequence[Column],
        request: HttpRequest,
        by: Column,
        descending: bool,
        grouped: Grouped,
        counted: int,
    ) -> _Page:
        """One page of a grouped list: first the keys, group by group, then the rows of these keys."""
        keyed = self._keyed(rows, by)
        start, backward, down = _place(request, keyed, descending, grouped)
        found = walk(
            keyed,
            grouped,
            _order(down),
            start=start,
            down=down,
            backward=backward,
            most=PAGE_SIZE + 1,
            together=COUNT_CAP,
            few=counted <= COUNT_CAP,
        )
        shown = self.rows(actor_of(request)).annotate(_sort=by.order())
        shown = shown.filter(pk__in=[pk for _group, pk in found.rows])
        by_key = {row.pk: row for row in self.lean(shown, columns)}
        kept = [(group, by_key[pk]) for group, pk in found.rows if pk in by_key]
        groups = [group for group, _row in kept]
        return _cut(
            [row for _group, row in kept], groups, found.counts, start is not None, backward
        )

    def _headed(
        self, request: HttpRequest, rows: Rows, page: _Page, grouped: Grouped, made: list[Any]
    ) -> list[Any]:
        """The rows with a heading before each group: its name, how many it has, the way to it alone."""
        headed: list[Any] = []
        before = None
        for group, row in zip(page.groups or (), made, strict=True):
            if group != before:
                count = page.counts.get(group)
                if count is None:
                    count = rows.filter(grouped.where(group)).order_by()[: COUNT_CAP + 1].count()
                within = f"{grouped.grouping.key}:{group}"
                headed.append(
                    {
                        "heading": grouped.names[group],
                        "count": _count_text(count),
                        "url": address(request, drop=["group"], within=within),
                    }
                )
                before = group
            headed.append(row)
        return headed

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
            head["sort_url"] = address(request, sort=f"-{column.key}" if up else column.key)
        return head


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


def _chip(request: HttpRequest, label: Any, value: str, names: Sequence[str]) -> dict[str, Any]:
    """What one filter says, and the address without it."""
    return {"label": capital(label), "value": value, "remove_url": address(request, drop=names)}


def _order(down: bool) -> tuple[str, str]:
    return ("-_sort", "-pk") if down else ("_sort", "pk")


def _place(
    request: HttpRequest, rows: Rows, descending: bool, grouped: Grouped | None = None
) -> tuple[tuple[Any, int, str] | None, bool, bool]:
    """The row a page begins beside, whether it is read backward, whether its rows are read downward."""
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    backward = bool(before)
    cursor, name = before or after, "before" if before else "after"
    start = None
    if cursor:
        start = read_key(name, cursor, order_kind(rows), grouped=grouped is not None)
        if grouped is not None and start[2] not in grouped.names:
            raise bad_address(name, cursor)
    return start, backward, descending != backward


def _cut(
    rows: list[Any],
    groups: list[str] | None,
    counts: dict[str, int],
    from_key: bool,
    backward: bool,
) -> _Page:
    """A page of what was read, one row more than it shows where there are more."""
    more = len(rows) > PAGE_SIZE
    rows, groups = rows[:PAGE_SIZE], groups[:PAGE_SIZE] if groups is not None else None
    if backward:
        rows.reverse()
        if groups is not None:
            groups.reverse()
    at_start = not from_key or (backward and not more)
    at_end = not backward and not more
    return _Page(rows, groups, counts, at_start, at_end)


def _count_text(counted: int) -> str:
    if counted > COUNT_CAP:
        return _("more than %(count)s records") % {"count": f"{COUNT_CAP:,}"}
    return ngettext("%(count)s record", "%(count)s records", counted) % {"count": f"{counted:,}"}

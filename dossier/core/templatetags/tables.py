"""The rows of tables and the fields of filter panels, made by plain functions.

A page of fifty rows holds some five hundred cells. As a template each costs a handful of look-ups of names
that are mostly absent, which was the greater part of the time of a list page; made here a row costs a few
microseconds. Everything that is not marked as safe is escaped, as in a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django import template
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dossier.core.templatetags.look import icon

register = template.Library()


_SPECIAL = re.compile("[&<>\"']")


def text_html(value: Any) -> str:
    """A value as it stands in a page: escaped unless it was marked as safe.

    A page holds some fifteen hundred values, nearly all of them plain: looking is cheaper than replacing.
    """
    if type(value) is str:
        return escape(value) if _SPECIAL.search(value) else value
    if hasattr(value, "__html__"):
        return str(value.__html__())
    if isinstance(value, Promise):  # a label: a text already, of which a page's filters have 150
        return escape(str(value))
    return escape(str(localize(value)))


def _attribute(name: str, value: Any) -> str:
    return f' {name}="{text_html(value)}"' if value else ""


def _cell(cell: Mapping[str, Any], lead: str = "") -> str:
    get = cell.get
    text = get("text", "")
    if url := get("url"):
        inside = f'{lead}<a href="{text_html(url)}">{text_html(text)}</a>'
    elif badge := get("badge"):
        inside = f'{lead}<span class="badge bg-{text_html(badge)}-lt">{text_html(text)}</span>'
    elif html := get("html"):
        inside = lead + text_html(html)
    else:
        inside = lead + text_html(text)
    css, title = get("css"), get("title")
    if not css and not title:
        return f"<td>{inside}</td>"
    return f"<td{_attribute('class', css)}{_attribute('title', title)}>{inside}</td>"


def _tick(key: object, label: str) -> str:
    """The box by which a row is chosen; it belongs to the form below the table."""
    return (
        '<label class="tick"><input type="checkbox" class="form-check-input" form="ticks" name="ids"'
        f' value="{text_html(str(key))}" aria-label="{text_html(label)}"></label>'
    )


def part_of(row: Any, name: str) -> Any:
    """A part of a row that is a mapping, or a small record as short lists have."""
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)


def _row(row: Any) -> str:
    marks = (
        f"{_attribute('class', part_of(row, 'css'))}{_attribute('data-href', part_of(row, 'url'))}"
    )
    cells = part_of(row, "cells")
    tick = part_of(row, "tick")
    if tick:
        inside = f"{_cell(cells[0], _tick(*tick))}{''.join(map(_cell, cells[1:]))}"
    else:
        inside = "".join(map(_cell, cells))
    edit = part_of(row, "edit")
    return f"<tr{marks}{_attribute('data-row', str(edit) if edit else '')}>{inside}</tr>"


def _heading(row: Mapping[str, Any], width: int) -> str:
    """The line above a group: a table body begins with it."""
    return (
        f'</tbody><tbody><tr class="group"><th colspan="{width}" scope="rowgroup">'
        f'<a href="{text_html(row["url"])}">{text_html(row["heading"])}</a>'
        f'<span class="group-count">{text_html(row["count"])}</span></th></tr>'
    )


@register.simple_tag
def table_rows(rows: Iterable[Any], width: int = 1) -> SafeString:
    """The body of a table: rows with ``cells`` (text, url, badge, html, title, css), ``url`` and ``css``.

    ``tick`` (key, label) gives a row a box, ``edit`` (its key) says that its cells can be edited in place; a
    row with a ``heading`` begins a group and reaches over ``width`` columns.
    """
    made = (_heading(row, width) if part_of(row, "heading") else _row(row) for row in rows)
    return mark_safe("\n".join(made))  # noqa: S308 - each value was escaped above


_SORTED = {"asc": ("ascending", "chevron-up"), "desc": ("descending", "chevron-down")}


def _head(column: Any, lead: str) -> str:
    sorted_, url = part_of(column, "sorted"), part_of(column, "sort_url")
    said, picture = _SORTED.get(sorted_ or "", ("", "selector"))
    label = text_html(part_of(column, "label"))
    if url:
        css = "sort sort-on" if sorted_ else "sort"
        to = text_html(url)
        label = f'<a class="{css}" href="{to}" hx-get="{to}">{label}{icon(picture)}</a>'
    marks = f"{_attribute('class', part_of(column, 'css'))}{_attribute('aria-sort', said)}"
    return f'<th scope="col"{marks}>{lead}{label}</th>'


@register.simple_tag
def table_head(columns: Iterable[Any], ticks: object = None) -> SafeString:
    """The headings of a table: columns with ``label``, ``css``, ``sort_url`` and ``sorted`` (asc, desc).

    With ``ticks`` the first has the box that ticks all rows.
    """
    lead = ""
    if ticks:
        said = text_html(_("Tick all on this page"))
        lead = (
            '<label class="tick"><input type="checkbox" class="form-check-input" data-tick-all'
            f' aria-label="{said}" title="{said}"></label>'
        )
    made = (_head(column, "" if place else lead) for place, column in enumerate(columns))
    return mark_safe("".join(made))  # noqa: S308 - each value was escaped above


# Filters -----------------------------------------------------------------------------------------------


def _options(options: Iterable[tuple[Any, Any]], chosen: Any) -> str:
    return "".join(
        f'<option value="{text_html(value)}"{" selected" if value in chosen else ""}>{text_html(label)}</option>'
        for value, label in options
    )


def _yes_and_no() -> list[tuple[str, str]]:
    return [("1", _("Yes")), ("0", _("No"))]


def _select(of: Mapping[str, Any], ident: str, options: str, more: str = "") -> str:
    return f'<select class="form-select" id="{ident}" name="{text_html(of["name"])}"{more}>{options}</select>'


def _range(of: Mapping[str, Any], ident: str, kind: str, css: str) -> str:
    name, label = text_html(of["name"]), {"label": of["label"]}
    ends = (
        (f' id="{ident}"', "from", _("%(label)s from") % label),
        ("", "to", _("%(label)s to") % label),
    )
    first, last = (
        f'<input {kind} class="{css}"{at} name="{name}_{end}" value="{text_html(of.get(f"value_{end}") or "")}"'
        f' aria-label="{text_html(said)}">'
        for at, end, said in ends
    )
    return f'<div class="range">{first}<span aria-hidden="true">–</span>{last}</div>'


def _control(of: Mapping[str, Any], ident: str) -> str:
    kind, value = of["kind"], of.get("value")
    if kind == "choice":
        any_one = f'<option value="">{text_html(_("Any"))}</option>'
        return _select(of, ident, any_one + _options(of["options"], (value,)))
    if kind == "bool":
        answers = [("", _("Any")), *_yes_and_no()]
        return _select(of, ident, _options(answers, (value,) if value else ()))
    if kind == "multi":
        more = f' multiple data-pick placeholder="{text_html(_("Any"))}"'
        return _select(of, ident, _options(of["options"], of["values"]), more)
    if kind == "ref":
        several = of.get("multiple")
        more = (
            f' data-lookup-url="{text_html(of["lookup_url"])}"{" multiple" if several else ""}'
            f' placeholder="{text_html(_("Any"))}"'
        )
        empty = "" if several else '<option value=""></option>'
        options = list(of["options"])
        return _select(of, ident, empty + _options(options, [one for one, _label in options]), more)
    if kind == "date_range":
        return _range(of, ident, 'type="date"', "form-control")
    if kind == "number_range":
        return _range(
            of, ident, 'type="text" inputmode="decimal" maxlength="30"', "form-control text-end"
        )
    return (
        f'<input type="text" class="form-control" id="{ident}" name="{text_html(of["name"])}"'
        f' value="{text_html(value or "")}" maxlength="200">'
    )


def _field(of: Mapping[str, Any]) -> str:
    ident = f"f-{text_html(of['name'])}"
    return (
        f'<div class="filter filter-{text_html(of["kind"])}"><label class="form-label" for="{ident}">'
        f"{text_html(of['label'])}</label>{_control(of, ident)}</div>"
    )


@register.simple_tag
def filter_fields(filters: Iterable[Mapping[str, Any]]) -> SafeString:
    """The filters of a panel with their labels; the quick ones stand above it."""
    made = (_field(of) for of in filters if not of.get("quick"))
    return mark_safe("".join(made))  # noqa: S308 - each value was escaped above


@register.simple_tag
def quick_filters(filters: Iterable[Mapping[str, Any]]) -> SafeString:
    """The filters beside the search box, each a choice that bears its own name."""
    made = (
        f'<select class="form-select filter-quick" name="{text_html(of["name"])}" aria-label="{text_html(of["label"])}">'
        f'<option value="">{text_html(of["label"])}</option>'
        f"{_options(_yes_and_no() if of['kind'] == 'bool' else of['options'], (of['value'],))}</select>"
        for of in filters
        if of.get("quick")
    )
    return mark_safe("".join(made))  # noqa: S308 - each value was escaped above


@register.simple_tag
def group_choice(choices: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """By what the rows are grouped."""
    named = [
        ("", _("Not grouped")),
        *((key, _("By %(label)s") % {"label": label}) for key, label in choices),
    ]
    return mark_safe(  # noqa: S308 - each value was escaped above
        f'<select class="form-select filter-group" name="group" aria-label="{text_html(_("Group by"))}">'
        f"{_options(named, (chosen,) if chosen else ())}</select>"
    )


@register.simple_tag
def column_boxes(choices: Iterable[tuple[str, str, bool]]) -> SafeString:
    """A box for each column that a list can show."""
    made = (
        '<label class="dropdown-item"><input type="checkbox" class="form-check-input m-0 me-2"'
        f' value="{text_html(key)}"{" checked" if shown else ""}>{text_html(label)}</label>'
        for key, label, shown in choices
    )
    return mark_safe("".join(made))  # noqa: S308 - each value was escaped above

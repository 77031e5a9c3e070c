"""The page of a report: what is asked stands in the address, every figure opens the lines behind it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.fields import Kind, display_value
from dossier.core.money import CURRENCIES, DEFAULT_CURRENCY
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.lists import ListScreen
from dossier.core.screens.requests import (
    actor_of,
    bad_address,
    date_parameter,
    page,
    text_parameter,
)
from dossier.core.templatetags.look import money_text
from dossier.reports import sales as _sales  # noqa: F401 - registers the report
from dossier.reports.access import REPORT
from dossier.reports.declarations import (
    Answer,
    Cell,
    Figures,
    Measure,
    MeasureKind,
    Member,
    Question,
)
from dossier.reports.exports import record_answer
from dossier.reports.links import Links
from dossier.reports.output import UNKNOWN
from dossier.reports.registry import Report, report_of
from dossier.reports.workbook import as_workbook, labelled, scope_words
from dossier.sales.filters import line_filters
from dossier.sales.screens.shared import percent
from dossier.sales.selectors import counted_lines, currencies

WIDEST = 24  # members of the second dimension that still stand side by side
FIRST_ROWS, MOST_ROWS = (
    200,
    1_000,
)  # rows shown, and when more are asked for; the workbook holds all
MOST_BARS = 60
MOST_SERIES = 7  # with the others eight, each of its own colour
_OURS = ("ordered", "currency")  # filters that the report asks in its own words


# -- what is asked --------------------------------------------------------------------------------------


def _asked(
    request: HttpRequest, report: Report, actor: Actor, most: int | None = None
) -> tuple[Question, dict[str, Any]]:
    """The question in the address, and what the page needs to show it; ``most`` rows of it are shown."""
    by1 = text_parameter(request, "by1") or report.first_by[0]
    by2 = text_parameter(request, "by2")
    if not request.GET and len(report.first_by) > 1:
        by2 = report.first_by[1]
    allowed = {measure.key for measure in report.measures_for(actor)}
    measures = [key for value in request.GET.getlist("measures") for key in value.split(",") if key]
    if not measures:
        measures = [key for key in report.first_measures if key in allowed]
    places = [measure.key for measure in report.measures]
    measures.sort(
        key=lambda key: places.index(key) if key in places else -1
    )  # an unknown one is refused below
    known = currencies(actor)
    currency = text_parameter(request, "currency", longest=3) or (
        known[0] if known else DEFAULT_CURRENCY
    )
    if not (
        currency.isascii() and currency.isalpha() and currency.isupper() and len(currency) == 3
    ):
        raise Refusal("unknown_currency", _("This currency is not known."), field="currency")
    start, end = _period(request, actor)
    narrowing = ListScreen(
        key=report.key,
        title=report.title,
        rows=counted_lines,
        columns=(),
        row_url=lambda row: "",
        default_sort="",
        filters=[item for item in line_filters(actor) if item.name not in _OURS],
    )
    _rows, states, chips, _q = narrowing.narrowed(request)
    filters = {
        state["name"]: state["values"] if "values" in state else [state["value"]]
        for state in states
        if state.get("values") or state.get("value")
    }
    by = [key for key in (by1, by2 if by2 != by1 else "") if key]
    errors: list[str] = []
    if start and end and start > end:  # typed by a person, who mends it where it was typed
        errors = [_("The period ends before it begins.")]
    question = report.question(
        actor,
        by=by,
        measures=measures,
        currency=currency,
        start=start,
        end=start if errors else end,
        filters=filters,
        margins=True,
        most=most,
    )
    return question, {
        "report_errors": errors,
        "by1": by1,
        "by2": by2,
        "dimensions": [(d.key, d.label) for d in report.dimensions],
        "measures": [(m.key, m.label, m in question.measures) for m in report.measures_for(actor)],
        "period_from": start,
        "period_to": end,
        "currencies": [(code, _currency_name(code)) for code in dict.fromkeys([*known, currency])],
        "currency": currency,
        "filters": states,
        "chips": chips,
        "other_currencies": [code for code in known if code != currency],
    }


def _currency_name(code: str) -> str:
    return f"{code} {CURRENCIES[code].name}" if code in CURRENCIES else code


def _period(request: HttpRequest, actor: Actor) -> tuple[date | None, date | None]:
    """From and to in the address; where neither stands there, the twelve months up to the last order."""
    start, end = date_parameter(request, "from"), date_parameter(request, "to")
    if "from" in request.GET or "to" in request.GET:
        return start, end
    last = counted_lines(actor).aggregate(last=Max("ordered_on"))["last"] or timezone.localdate()
    return (
        date(last.year - 1, last.month + 1, 1) if last.month < 12 else date(last.year, 1, 1),
        date(last.year, last.month, monthrange(last.year, last.month)[1]),
    )


# -- the page -------------------------------------------------------------------------------------------


@page("reports.report.view")
@require_http_methods(["GET", "HEAD"])
def report_index(request: HttpRequest) -> HttpResponse:
    """The first report."""
    return redirect("report", key="sales")


@page("reports.report.view", "sales.order.view")
@require_http_methods(["GET", "HEAD"])
def report_page(request: HttpRequest, key: str) -> HttpResponse:
    """A report with chart and table."""
    actor, report = actor_of(request), _report(key)
    most = _most_rows(request)
    question, frame = _asked(request, report, actor, most=most)
    if frame["report_errors"]:
        context = frame | {"report": _heading(actor, report)}
        return render(request, "screens/report.html", context, status=400)
    answer = report.answer(actor, question)
    shown = _Shown(answer, most)
    notes = (
        [
            str(
                _("Orders in other currencies are not in these figures: %(codes)s.")
                % {"codes": ", ".join(frame["other_currencies"])}
            )
        ]
        if frame["other_currencies"]
        else []
    )
    if shown.left_out:
        notes.append(
            _("The first %(shown)s of %(all)s rows are shown; Excel holds all.")
            % {"shown": f"{len(shown.rows):,}", "all": f"{len(shown.rows) + shown.left_out:,}"}
        )
    context = frame | {
        "report": _heading(actor, report)
        | {
            "excel_url": f"{reverse('report-excel', args=[key])}?{request.GET.urlencode()}"
            if actor.can(REPORT.key, "export")
            else "",
            "coverage": percent(answer.coverage) if answer.coverage is not None else "",
            "as_of": answer.as_of,
            "notes": notes,
            "more": _more_rows(request, shown),
        },
        "clear_url": f"{request.path}?{_without_filters(request, frame['filters'])}",
        "report_corner": shown.corner,
        "report_heads": shown.heads,
        "report_span": len(question.measures) if shown.heads else 0,
        "report_columns": shown.columns,
        "report_rows": shown.rows,
        "report_totals": shown.totals,
        "chart_data": shown.chart,
    }
    return render(request, "screens/report.html", context)


@page("reports.report.view", "reports.report.export", "sales.order.view")
@require_http_methods(["GET"])
def report_excel(request: HttpRequest, key: str) -> HttpResponse:
    """The same figures as a workbook; that they were taken out is put on record first (AUD-2)."""
    actor, report = actor_of(request), _report(key)
    question, frame = _asked(request, report, actor)
    if frame["report_errors"]:
        raise Refusal("bad_period", frame["report_errors"][0], field="from")
    answer = report.answer(actor, question)
    filters = [(str(chip["label"]), str(chip["value"])) for chip in frame["chips"]]
    content = as_workbook(report, answer, actor=actor, filters=filters)
    name = f"{key}-{'-'.join(d.key for d in question.by)}-{timezone.localtime(answer.as_of):%Y%m%d-%H%M}.xlsx"
    record_answer(
        actor=actor,
        report=report,
        answer=answer,
        content=content,
        file_name=name,
        file_format="xlsx",
    )
    response = HttpResponse(
        content,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _most_rows(request: HttpRequest) -> int:
    """How many rows are shown: few, for they come at once and fit a telephone, until more are asked for."""
    asked = text_parameter(request, "rows")
    if asked not in {"", str(FIRST_ROWS), str(MOST_ROWS)}:
        raise bad_address("rows", asked)
    return int(asked or FIRST_ROWS)


def _more_rows(request: HttpRequest, shown: _Shown) -> dict[str, str] | None:
    """The way to more rows of the same question, where more are shown at all."""
    if not shown.left_out or shown.most == MOST_ROWS:
        return None
    query = request.GET.copy()
    query["rows"] = str(MOST_ROWS)
    return {
        "url": f"{request.path}?{query.urlencode()}",
        "label": _("Show up to %(most)s") % {"most": f"{MOST_ROWS:,}"},
    }


def _heading(actor: Actor, report: Report) -> dict[str, Any]:
    """What stands above the choices, with an answer or without."""
    return {
        "title": report.title,
        "subtitle": labelled(_("Scope"), scope_words(actor)),
        "today": timezone.localdate(),
    }


def _report(key: str) -> Report:
    try:
        return report_of(key)
    except Refusal as refusal:
        raise NotFound("not_found", _("There is no such report.")) from refusal


def _without_filters(request: HttpRequest, states: list[dict[str, Any]]) -> str:
    query = request.GET.copy()
    for state in states:
        query.pop(state["name"], None)
    return query.urlencode()


def value_text(measure: Measure, value: Decimal | None) -> str:
    """A figure as a person reads it; what is not known is a dash, never zero."""
    if value is None:
        return UNKNOWN
    match measure.kind:
        case MeasureKind.MONEY:
            return money_text(value)
        case MeasureKind.RATIO:
            return percent(value)
        case MeasureKind.COUNT:
            return f"{value:,.0f}"
        case MeasureKind.QUANTITY:
            return display_value(Kind.NUMBER, value)


def _figure(measure: Measure, figures: Figures, url: str) -> dict[str, str]:
    """A figure in the table, red below zero, with the lines behind it."""
    text = value_text(measure, figures.get(measure.key))
    return {"text": text, "url": url, "css": "neg" if text.startswith("-") else ""}


class _Shown:
    """An answer laid out as a table and a chart."""

    def __init__(self, answer: Answer, most: int = FIRST_ROWS) -> None:
        self.answer = answer
        self.most = most
        self.question = answer.question
        self.links = Links(answer.question)
        self.measures = self.question.measures
        first = self.question.by[0]
        self.corner: Any = first.label
        self.heads: list[dict[str, Any]] = []
        self.columns: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.left_out = 0
        self.chart: dict[str, Any] | None = None
        self.totals = [self._cell(m, answer.totals, ()) for m in self.measures]
        if not answer.cells:
            return
        if len(self.question.by) == 2:
            across = self._members(1)
            if len(across) <= WIDEST:
                self._pivot(across)
                return
            self.corner = f"{first.label} · {self.question.by[1].label}"
        self._flat()

    def lines_url(self, members: tuple[Member, ...]) -> str:
        """The lines behind a figure of these members of the first dimensions."""
        return self.links.to(*members)

    def _cell(
        self, measure: Measure, figures: Figures, members: tuple[Member, ...]
    ) -> dict[str, str]:
        return _figure(measure, figures, self.lines_url(members))

    def _members(self, place: int) -> list[Member]:
        """The members of a dimension in the order they are shown: by time or letter, else the largest
        figure first, what has no value last."""
        found = {cell.members[place].code: cell.members[place] for cell in self.answer.cells}
        first = self.measures[0].key
        alone: Mapping[str, Figures]
        if self.answer.margins:
            alone = self.answer.margins[place]
        else:
            alone = {cell.members[0].code: cell.figures for cell in self.answer.cells}

        def weight(member: Member) -> tuple[bool, str, Decimal, str]:
            value = alone[member.code].get(first)
            return (
                not member.code,
                member.place,
                -(value if value is not None else Decimal(0)),
                member.code,
            )

        return sorted(found.values(), key=weight)

    def _flat(self) -> None:
        self.columns = [{"label": measure.label} for measure in self.measures]
        places = [
            {m.code: at for at, m in enumerate(self._members(p))}
            for p in range(len(self.question.by))
        ]
        first = self.measures[0].key

        def order(cell: Cell) -> tuple[Any, ...]:
            """Below the first member the second ones by their own figure, those of time by time."""
            at = tuple(places[p][member.code] for p, member in enumerate(cell.members))
            last, value = cell.members[-1], cell.figures.get(first)
            figure = -(value if value is not None else Decimal(0))
            return (*at[:-1], not last.code, last.place, figure, *at[-1:])

        cells = sorted(self.answer.cells, key=order)
        self.left_out = max(0, len(cells) - self.most) + self.answer.left_out
        for cell in cells[: self.most]:
            self.rows.append(
                {
                    "label": " · ".join(member.label for member in cell.members),
                    "url": self.lines_url(cell.members),
                    "cells": [self._cell(m, cell.figures, cell.members) for m in self.measures],
                }
            )
        if len(self.question.by) == 1:
            self._bars(cells[:MOST_BARS])

    def _bars(self, cells: list[Cell]) -> None:
        """Chart of one dimension: the first figure, and others of its kind beside it."""
        kind = self.measures[0].kind
        alike = [m for m in self.measures if m.kind is kind]
        self.chart = {
            "kind": "bar",
            "percent": kind is MeasureKind.RATIO,
            "categories": [cell.members[0].label for cell in cells],
            "series": [
                {"name": str(m.label), "data": [_number(cell.figures[m.key]) for cell in cells]}
                for m in alike
            ],
            "urls": [[self.lines_url(cell.members) for cell in cells] for _m in alike],
        }

    def _pivot(self, across: list[Member]) -> None:
        """The second dimension side by side, with the sum of each row at its end."""
        down = self._members(0)
        by_key = {(cell.members[0].code, cell.members[1].code): cell for cell in self.answer.cells}
        many = len(self.measures) > 1
        heads = [*(member.label for member in across), _("Total")]
        if many:
            self.heads = [{"label": label, "span": len(self.measures)} for label in heads]
            self.columns = [{"label": m.label} for _label in heads for m in self.measures]
        else:
            self.columns = [{"label": label} for label in heads]
        self.corner = self.question.by[0].label
        self.left_out = max(0, len(down) - self.most)
        rows_alone, columns_alone = self.answer.margins
        for member in down[: self.most]:
            cells: list[dict[str, str]] = []
            for other in across:
                cell = by_key.get((member.code, other.code))
                cells += [
                    self._cell(m, cell.figures, (member, other)) if cell else {"text": ""}
                    for m in self.measures
                ]
            cells += [self._cell(m, rows_alone[member.code], (member,)) for m in self.measures]
            self.rows.append(
                {"label": member.label, "url": self.lines_url((member,)), "cells": cells}
            )
        foot = []
        for other in across:
            foot += [self._column_total(m, columns_alone[other.code], other) for m in self.measures]
        self.totals = foot + self.totals
        self._stack(down[:MOST_BARS], across, by_key)

    def _column_total(self, measure: Measure, figures: Figures, member: Member) -> dict[str, str]:
        return _figure(measure, figures, self.links.to(None, member))

    def _stack(
        self, down: list[Member], across: list[Member], by_key: dict[tuple[str, str], Cell]
    ) -> None:
        """Chart of two dimensions: the first figure, the largest members of the second one above another."""
        measure = self.measures[0]

        def data(members: list[Member]) -> list[float | None]:
            values = []
            for member in down:
                found = [
                    by_key[key].figures[measure.key]
                    for m in members
                    if (key := (member.code, m.code)) in by_key
                ]
                known = [value for value in found if value is not None]
                values.append(_number(sum(known, Decimal(0))) if known else None)
            return values

        largest = across[:MOST_SERIES]
        series = [{"name": member.label, "data": data([member])} for member in largest]
        urls = [[self.lines_url((member, other)) for member in down] for other in largest]
        if len(across) > MOST_SERIES and measure.adds_up:
            series.append({"name": _("Others"), "data": data(across[MOST_SERIES:])})
        self.chart = {
            "kind": "bar",
            "stacked": measure.adds_up,
            "percent": measure.kind is MeasureKind.RATIO,
            "categories": [member.label for member in down],
            "series": series,
            "urls": urls,
        }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


nav(
    NavItem(
        "reports",
        gettext_lazy("Reports"),
        "chart-bar",
        order=50,
        key="r",
        permission="reports.report.view",
        prefix="/reports/",
    )
)

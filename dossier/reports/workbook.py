"""A report's answer as a workbook for Excel: figures as numbers, days as days, every other text as text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from dossier.core.access import Actor, Scope
from dossier.core.imports.limits import too_large
from dossier.core.templatetags.look import day_text, moment_text
from dossier.core.values import formula_like
from dossier.reports.declarations import Answer, Measure, MeasureKind, Question, Source
from dossier.reports.members import span_of
from dossier.reports.output import in_order
from dossier.reports.registry import Report
from dossier.sales.access import ORDER

HEAD = 4  # the row of column titles, from zero
MOST_ROWS = 1_048_576 - HEAD - 2  # what a sheet of Excel holds, less its head and foot
_LONGEST = 32_000  # characters a cell holds
_WIDEST = 44
_MONEY, _QUANTITY, _WHOLE = "#,##0.00##", "#,##0.0###", "#,##0"
_MONTH, _DAY, _MOMENT = "yyyy-mm", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"


def scope_words(actor: Actor) -> str:
    """By which scopes the lines are cut, in words."""
    held = actor.scopes(ORDER.key, "view")
    if Scope.ALL in held:
        held = frozenset({Scope.ALL.value})
    return _(", ").join(str(scope.label) for scope in Scope if scope.value in held)


def as_workbook(
    report: Report, answer: Answer, *, actor: Actor, filters: Sequence[tuple[str, str]] = ()
) -> bytes:
    """The answer as an .xlsx: one row per cell, a foot of totals, a second sheet that says what it is.

    ``filters`` are label and value of each filter as the reader chose it.
    """
    buffer = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": str(report.title), "author": actor.name})
        _Figures(book, answer).write(str(report.title), _subtitles(answer, actor, filters))
        _about(book, report, answer, actor, filters)
    return buffer.getvalue()


class _Sheet:
    """A sheet whose texts stay texts, also where they look like formulas, and also when edited."""

    def __init__(self, book: Any, name: str) -> None:
        self.book = book
        self.sheet = book.add_worksheet(name)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._widths: dict[int, int] = {}

    def format(self, **properties: Any) -> Any:
        """A cell format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(properties)
        return self._formats[key]

    def text(self, row: int, column: int, text: str, **properties: Any) -> None:
        """A text cell. In the text format nothing typed over it is taken for a formula or a number."""
        if formula_like(text):
            properties["quote_prefix"] = True
        properties = {"num_format": "@", **properties}
        self.sheet.write_string(row, column, text[:_LONGEST], self.format(**properties))

    def measured(self, column: int, text: str) -> None:
        """Make the column wide enough for the text."""
        wide = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
        self._widths[column] = min(_WIDEST, max(self._widths.get(column, 8), wide + 2))

    def set_widths(self) -> None:
        """Set the widths measured."""
        for column, width in self._widths.items():
            self.sheet.set_column(column, column, width)


class _Figures(_Sheet):
    """The first sheet: title, head, cells, totals."""

    def __init__(self, book: Any, answer: Answer) -> None:
        super().__init__(book, _("Report"))
        self.answer = answer
        self.question: Question = answer.question

    def write(self, title: str, subtitles: Sequence[str]) -> None:
        """Write everything, row by row."""
        self.sheet.write_string(0, 0, title, self.format(bold=True, font_size=14))
        for row, text in enumerate(subtitles, 1):
            self.sheet.write_string(row, 0, text[:_LONGEST], self.format(font_color="#555555"))
        first = self._heads()
        last = self._cells(first)
        self._foot(last, first)
        self.set_widths()
        self.sheet.freeze_panes(HEAD + 1, first)
        if last > HEAD + 1:
            self.sheet.autofilter(HEAD, 0, last - 1, first + len(self.question.measures) - 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(HEAD)
        self.sheet.set_footer("&L&A&R&P / &N")

    def _heads(self) -> int:
        """The titles of the columns; the place of the first figure."""
        titles: list[str] = []
        for dimension in self.question.by:
            label = str(dimension.label)
            titles += (
                [label] if dimension.is_time else [_("%(name)s: key") % {"name": label}, label]
            )
        first = len(titles)
        titles += [str(measure.label) for measure in self.question.measures]
        for column, title in enumerate(titles):
            align = "right" if column >= first else "left"
            look = self.format(bold=True, bottom=1, bg_color="#EEF2F7", align=align)
            self.sheet.write_string(HEAD, column, title, look)
            self.measured(column, title + "    ")  # room for the button of the filter
        return first

    def _cells(self, first: int) -> int:
        row = HEAD + 1
        if len(self.answer.cells) > MOST_ROWS:  # never a file that says less than its record
            raise too_large("rows", MOST_ROWS)
        for cell in in_order(self.answer.cells):
            column = 0
            for dimension, member in zip(self.question.by, cell.members, strict=True):
                if dimension.source is Source.MONTH:
                    look = self.format(num_format=_MONTH, align="left")
                    self.sheet.write_datetime(row, column, span_of(member)[0], look)
                elif dimension.source is Source.YEAR:
                    look = self.format(num_format="0", align="left")
                    self.sheet.write_number(row, column, int(member.label), look)
                elif dimension.is_time:
                    self.text(row, column, member.label)
                else:
                    self.text(row, column, member.code)
                    self.measured(column, member.code)
                    column += 1
                    self.text(row, column, member.label)
                self.measured(column, member.label)
                column += 1
            for place, measure in enumerate(self.question.measures, first):
                self._figure(row, place, measure, cell.figures[measure.key])
            row += 1
        return row

    def _foot(self, row: int, first: int) -> None:
        for column in range(first):
            text = _("Total") if column == 0 else ""
            self.sheet.write_string(row, column, text, self.format(bold=True, top=1))
        for place, measure in enumerate(self.question.measures, first):
            self._figure(row, place, measure, self.answer.totals[measure.key], bold=True, top=1)

    def _figure(
        self, row: int, column: int, measure: Measure, value: Decimal | None, **more: Any
    ) -> None:
        if value is None:  # not known: no number, so that no sum of Excel takes it for zero
            self.sheet.write_string(row, column, "—", self.format(align="right", **more))
            return
        look = self.format(num_format=_number_format(measure.kind, value), **more)
        self.sheet.write_number(row, column, _figure_shown(measure.kind, value), look)
        self.measured(column, f"{value:,.2f}")


def _number_format(kind: MeasureKind, value: Decimal) -> str:
    match kind:
        case MeasureKind.MONEY:
            return _MONEY
        case MeasureKind.COUNT:
            return _WHOLE
        case MeasureKind.QUANTITY:
            return _WHOLE if value == value.to_integral_value() else _QUANTITY
        case MeasureKind.RATIO:
            return "0.0000%" if Decimal("0.999") < value < 1 else "0.0%"


def _figure_shown(kind: MeasureKind, value: Decimal) -> float:
    """The number a cell holds; a share just below the whole is cut, never shown as rounded up to it."""
    if kind is MeasureKind.RATIO and Decimal("0.999") < value < 1:
        value = value.quantize(Decimal("0.000001"), ROUND_DOWN)
    return float(value)


def _subtitles(answer: Answer, actor: Actor, filters: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Two lines under the title: currency, period, moment; scope and filters."""
    question = answer.question
    start = day_text(question.start) if question.start else "…"
    end = day_text(question.end) if question.end else "…"
    moment = _("as of %(moment)s") % {"moment": moment_text(answer.as_of)}
    cut = [labelled(_("Scope"), scope_words(actor))]
    cut += [labelled(label, value) for label, value in filters]
    return " · ".join([question.currency, f"{start} – {end}", moment]), " · ".join(cut)


def labelled(label: str, value: str) -> str:
    """Label and value as one text."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def _about(
    book: Any, report: Report, answer: Answer, actor: Actor, filters: Sequence[tuple[str, str]]
) -> None:
    """The second sheet: what the figures are, how they were cut, and who took them out when."""
    made = _Sheet(book, _("About"))
    question = answer.question
    bold = made.format(bold=True, valign="top")
    rows: list[tuple[str, Any, str]] = [
        (_("Report"), str(report.title), ""),
        (_("Currency"), question.currency, ""),
        (_("Period from"), question.start or _("from the beginning"), _DAY),
        (_("Period to"), question.end or _("up to now"), _DAY),
        (_("As of"), timezone.localtime(answer.as_of).replace(tzinfo=None), _MOMENT),
        (_("Scope"), scope_words(actor), ""),
        *[(label, value, "") for label, value in filters],
        (_("Number of rows"), len(answer.cells), _WHOLE),
    ]
    if answer.coverage is not None:
        rows.append(
            (_("Cost known"), answer.coverage, _number_format(MeasureKind.RATIO, answer.coverage))
        )
    rows.append((_("Taken out by"), f"{actor.name} ({actor.login})", ""))
    for row, (label, value, shown) in enumerate(rows):
        made.sheet.write_string(row, 0, label, bold)
        if isinstance(value, str):
            made.text(row, 1, value, text_wrap=True)
        elif isinstance(value, int | Decimal):
            made.sheet.write_number(
                row, 1, float(value), made.format(num_format=shown, align="left")
            )
        else:
            look = made.format(num_format=shown, align="left")
            made.sheet.write_datetime(row, 1, value, look)
    made.sheet.set_column(0, 0, 22)
    made.sheet.set_column(1, 1, 70)

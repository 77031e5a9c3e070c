"""A report's answer as JSON for programs and as a workbook for Excel."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from dossier.core.templatetags.look import day_text, moment_text
from dossier.reports.declarations import Answer, Cell, Measure, MeasureKind
from dossier.reports.registry import Report

MOST_ROWS = 1_000_000  # what a sheet of Excel holds, less its head


def plain(value: Decimal, least: int = 2) -> str:
    """A number exactly, without exponent: at least so many decimals, no zeros behind them."""
    text = f"{value:f}"
    whole, _dot, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    text = f"{whole}.{fraction}" if fraction else whole
    return text.removeprefix("-") if not value else text


def figure_text(measure: Measure, value: Decimal | None) -> str | None:
    """A figure for programs. A sum over nothing known is 0.00: the coverage says that nothing is known."""
    if value is None:
        return None if measure.kind is MeasureKind.RATIO else plain(Decimal(0))
    return plain(value, 0 if measure.kind in (MeasureKind.COUNT, MeasureKind.RATIO) else 2)


def in_order(cells: list[Cell]) -> list[Cell]:
    """Cells by their keys, as programs and sheets have them."""
    return sorted(cells, key=lambda cell: tuple((m.place or m.code, m.code) for m in cell.members))


def as_json(answer: Answer) -> dict[str, Any]:
    """The documented JSON of a report."""
    question = answer.question

    def values(figures: dict[str, Decimal | None]) -> dict[str, str | None]:
        return {
            measure.key: figure_text(measure, figures[measure.key]) for measure in question.measures
        }

    return {
        "as_of": timezone.localtime(answer.as_of).isoformat(),
        "currency": question.currency,
        "measures": [measure.key for measure in question.measures],
        "by": [dimension.key for dimension in question.by],
        "rows": [
            {
                "key": [member.code for member in cell.members],
                "label": [member.label for member in cell.members],
                "values": values(cell.figures),
            }
            for cell in in_order(answer.cells)
        ],
        "totals": values(answer.totals),
        "coverage": {
            measure.key: None if answer.coverage is None else plain(answer.coverage, 0)
            for measure in question.measures
            if measure.needs_cost
        },
    }


_FORMATS = {
    MeasureKind.MONEY: "#,##0.00##",
    MeasureKind.QUANTITY: "#,##0.####",
    MeasureKind.COUNT: "#,##0",
    MeasureKind.RATIO: "0.0%",
}


def as_workbook(report: Report, answer: Answer) -> bytes:
    """The answer as an .xlsx: one row per cell, numbers as numbers, every text as text (never a formula)."""
    question = answer.question
    buffer = BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("Report"))
        strong, head = (
            book.add_format({"bold": True, "font_size": 14}),
            book.add_format({"bold": True, "bottom": 1}),
        )
        formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        sums = {
            kind: book.add_format({"num_format": text, "bold": True, "top": 1})
            for kind, text in _FORMATS.items()
        }
        sheet.write_string(0, 0, str(report.title), strong)
        sheet.write_string(1, 0, _subtitle(answer))
        titles: list[str] = []
        for dimension in question.by:
            label = str(dimension.label)
            titles += (
                [label] if dimension.is_time else [_("%(name)s: key") % {"name": label}, label]
            )
        first = len(titles)
        sheet.set_column(0, first - 1, 18)
        sheet.set_column(first, first + len(question.measures), 16)
        for column, title in enumerate(
            [*titles, *(str(measure.label) for measure in question.measures)]
        ):
            sheet.write_string(3, column, title, head)
        sheet.freeze_panes(4, first)
        row = 4
        for cell in in_order(answer.cells)[:MOST_ROWS]:
            column = 0
            for dimension, member in zip(question.by, cell.members, strict=True):
                for text in [member.label] if dimension.is_time else [member.code, member.label]:
                    sheet.write_string(row, column, text)
                    column += 1
            for place, measure in enumerate(question.measures, first):
                value = cell.figures[measure.key]
                if value is not None:
                    sheet.write_number(row, place, float(value), formats[measure.kind])
            row += 1
        for column in range(first):
            sheet.write_string(
                row,
                column,
                _("Total") if column == 0 else "",
                book.add_format({"bold": True, "top": 1}),
            )
        for place, measure in enumerate(question.measures, first):
            value = answer.totals[measure.key]
            if value is not None:
                sheet.write_number(row, place, float(value), sums[measure.kind])
    return buffer.getvalue()


def _subtitle(answer: Answer) -> str:
    question = answer.question
    period = f"{day_text(question.start) if question.start else '…'} – {day_text(question.end) if question.end else '…'}"
    return " · ".join(
        [question.currency, period, _("as of %(moment)s") % {"moment": moment_text(answer.as_of)}]
    )

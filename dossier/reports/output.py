"""A report's answer as JSON for programs; figures written plainly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from dossier.reports.declarations import Answer, Cell, Measure, MeasureKind

UNKNOWN = "—"  # never zero


def plain(value: Decimal, least: int = 2) -> str:
    """A number exactly, without exponent: at least so many decimals, no zeros behind them."""
    text = f"{value:f}"
    whole, _dot, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    text = f"{whole}.{fraction}" if fraction else whole
    return text.removeprefix("-") if not value else text


def figure_text(measure: Measure, value: Decimal | None) -> str | None:
    """A figure for programs; None where it is unknown. Cost and profit of lines none of which has a known
    cost are unknown; revenue and quantity of no lines at all are zero."""
    if value is None:
        unknown = measure.needs_cost or measure.kind is MeasureKind.RATIO
        return None if unknown else plain(Decimal(0))
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

"""Reads the cells of one row field by field and names what cannot be read (AUD-4, CUS-7).

Pure; shared by the departments' imports. A value that cannot be read is a warning and stays in the
record of the row, unless the caller says that the row cannot do without it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from dossier.core.imports.cells import Cell
from dossier.core.imports.result import Row, Severity
from dossier.core.values import (
    NOT_APPLICABLE,
    NotApplicable,
    ValueProblem,
    answer,
    multiline_text,
    parse_choice,
    parse_date,
    parse_decimal,
    text,
)

T = TypeVar("T")


class Cells:
    """The cells of one row by field. ``on_warning`` learns of each value put aside."""

    __slots__ = ("na", "on_warning", "row", "values")

    def __init__(
        self,
        row: Row,
        values: Mapping[str, Cell],
        on_warning: Callable[[str, str, str, dict[str, Any]], None] | None = None,
    ) -> None:
        self.row = row
        self.values = values
        self.on_warning = on_warning
        self.na: list[str] = []

    def note(self, field: str, code: str, severity: Severity = "warning", **params: Any) -> None:
        """Name a problem; a warning is also told to ``on_warning`` with the value as given."""
        if severity == "error":
            self.row.error(field, code, **params)
            return
        self.row.warn(field, code, **params)
        if self.on_warning is not None:
            self.on_warning(field, code, text(self.values.get(field, "")), params)

    def put_aside(self, field: str, problem: ValueProblem, severity: Severity = "warning") -> None:
        """Name what a value could not be read for."""
        params: dict[str, Any] = dict(problem.params)
        self.note(field, problem.code, severity, **params)

    def raw(self, field: str) -> str | NotApplicable:
        """The answer in the cell: clean text, NOT_APPLICABLE, or empty. Notes a 'none' in ``na``."""
        value = self.values.get(field, "")
        if value == "":
            return ""
        found = answer(value)
        if found is NOT_APPLICABLE:
            self.na.append(field)
        return found

    def text(self, field: str, limit: int, severity: Severity = "warning") -> str:
        """Clean text of at most ``limit`` characters; empty where nothing or 'none' was given."""
        found = self.raw(field)
        if not found:
            return ""
        if len(found) > limit:
            self.note(field, "too_long", severity, limit=limit)
            return ""
        return str(found)

    def long_text(self, field: str) -> str:
        """Text with its line ends."""
        return multiline_text(self.values[field]) if self.raw(field) else ""

    def date(self, field: str, severity: Severity = "warning") -> date | None:
        """A day; None where nothing or 'none' was given, or what was given is no day."""
        return self._parsed(field, parse_date, severity)

    def decimal(
        self,
        field: str,
        *,
        places: int,
        digits: int = 18,
        least: Decimal | None = None,
        severity: Severity = "warning",
    ) -> Decimal | None:
        """A number of at most so many decimals."""
        found = self._parsed(
            field, lambda cell: parse_decimal(cell, max_digits=digits, places=places), severity
        )
        if found is not None and least is not None and found < least:
            self.note(field, "negative", severity, value=text(self.values[field])[:60])
            return None
        return found

    def choice(
        self, field: str, words: Mapping[str, T], severity: Severity = "warning"
    ) -> T | None:
        """The value a word stands for."""
        return self._parsed(field, lambda cell: parse_choice(cell, words), severity)

    def _parsed(self, field: str, parse: Callable[[Cell], T], severity: Severity) -> T | None:
        if not self.raw(field):
            return None
        try:
            return parse(self.values[field])
        except ValueProblem as problem:
            self.put_aside(field, problem, severity)
            return None


def half_widths(value: str) -> int:
    """The length counted in half-width characters: a Chinese character counts two."""
    if value.isascii():
        return len(value)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in value)

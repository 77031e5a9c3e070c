"""Reads the cells of one row field by field and names what cannot be read (AUD-4, CUS-7).

Pure; shared by the departments' imports. A value that cannot be read is a warning and stays in the
record of the row, unless the caller says that the row cannot do without it. `PlainFields` reads what
a field's entry and its column in the database say all about; the departments read the rest.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models

from dossier.core.fields import FieldSpec, Kind, Surface
from dossier.core.imports.cells import Cell
from dossier.core.imports.result import Row, Severity
from dossier.core.values import (
    NOT_APPLICABLE,
    NotApplicable,
    ValueProblem,
    answer,
    multiline_text,
    parse_choice,
    parse_count,
    parse_date,
    parse_decimal,
    parse_email,
    parse_yes_no,
    text,
)

T = TypeVar("T")
_ZERO = Decimal(0)
_MOST_KEPT = 1_000


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
        if found and found.adjusted() >= digits - places:
            self.note(field, "too_large", severity, value=text(self.values[field])[:60])
            return None
        return found

    def count(self, field: str, severity: Severity = "warning") -> int | None:
        """A number of people, days or things."""
        found = self._parsed(field, parse_count, severity)
        return None if found is None else found.value

    def email(self, field: str, limit: int, severity: Severity = "warning") -> str:
        """An e-mail address of at most ``limit`` characters."""
        found = self._parsed(field, parse_email, severity) or ""
        if len(found) > limit:
            self.note(field, "too_long", severity, limit=limit)
            return ""
        return found

    def yes_no(self, field: str, severity: Severity = "warning") -> bool | None:
        """Yes or no."""
        return self._parsed(field, parse_yes_no, severity)

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


Reader = Callable[[Cells, str], Any]


class PlainFields:
    """The fields of a record that are read by their kind alone, of those a sheet has.

    Text is as long as its column, amounts have its digits, are not below zero and count ten thousands
    under a heading with 万. ``own`` names the fields the department reads by rules of its own; a
    telephone or a reference without such a rule is a mistake of the program.
    """

    def __init__(
        self,
        model: type[models.Model],
        specs: Iterable[FieldSpec],
        *,
        columns: Collection[str],
        titles: Mapping[str, str],
        own: Collection[str],
    ) -> None:
        self._readers = [
            (spec.sheet_key, spec.name, _reader(spec, model, titles.get(spec.sheet_key, "")))
            for spec in specs
            if spec.on(Surface.IMPORT) and spec.name not in own and spec.sheet_key in columns
        ]

    def read(self, cells: Cells, values: dict[str, Any]) -> None:
        """Put what the row gives into ``values`` by the names of the record's columns."""
        given = cells.values
        for field, column, reader in self._readers:
            if given[field] != "":
                found = reader(cells, field)
                if found is not None and found != "":
                    values[column] = found


def _reader(spec: FieldSpec, model: type[models.Model], title: str) -> Reader:
    column: Any = model._meta.get_field(spec.name)
    match spec.kind:
        case Kind.TEXT | Kind.WEB:
            limit: int = column.max_length
            return lambda cells, field: cells.text(field, limit)
        case Kind.LONG:
            return Cells.long_text
        case Kind.DATE:
            return Cells.date
        case Kind.COUNT:
            return Cells.count
        case Kind.BOOL:
            return Cells.yes_no
        case Kind.EMAIL:
            limit = column.max_length
            return lambda cells, field: cells.email(field, limit)
        case Kind.CHOICE if spec.words is not None:
            return _choice(spec.words)
        case Kind.MONEY | Kind.NUMBER:
            in_wan = spec.kind is Kind.MONEY and "万" in title
            return _amount(column.max_digits, column.decimal_places, in_wan=in_wan)
    raise TypeError(f"{model.__name__}.{spec.name} ({spec.kind}) needs a rule to be read by")


def _choice(words: Mapping[str, Any]) -> Reader:
    """A choice; the few words of a column are read once each."""
    known: dict[Cell, str] = {}

    def read(cells: Cells, field: str) -> str | None:
        cell = cells.values[field]
        found = known.get(cell) if type(cell) is str else None
        if found is None:
            found = _stored(cells.choice(field, words))
            if found and type(cell) is str and len(known) < _MOST_KEPT:
                known[cell] = found
        return found

    return read


def _stored(choice: Any) -> str | None:
    return None if choice is None else str(choice)


def _amount(digits: int, places: int, *, in_wan: bool) -> Reader:
    def plain(cells: Cells, field: str) -> Decimal | None:
        return cells.decimal(field, places=places, digits=digits, least=_ZERO)

    def wan(cells: Cells, field: str) -> Decimal | None:
        if "万" in text(cells.values[field]):  # said once more in the cell
            return plain(cells, field)
        found = cells.decimal(field, places=places + 4, digits=digits, least=_ZERO)
        return None if found is None else found * 10_000

    return wan if in_wan else plain


def half_widths(value: str) -> int:
    """The length counted in half-width characters: a Chinese character counts two."""
    if value.isascii():
        return len(value)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in value)

"""The annotated copy: the sheet as it came, with its problems marked, to correct and bring in again.

Cells are written back as what they were: text stays text (``000123``, ``=1+1``), numbers numbers,
dates dates; nothing typed by a person is ever written as a formula (SECURITY 23). A problems column
stands first and is ignored on reading; a row key stands last, hidden, and tells which row of the
earlier import a corrected row is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, Literal

import xlsxwriter
from django.utils.functional import Promise

from dossier.core.values import formula_like

from .cells import Cell, is_blank
from .columns import PROBLEMS_TITLE, ROW_KEY_TITLE, is_problem_column, is_row_key
from .limits import too_large
from .pipeline import Reading

_SHEET_ROWS = 1_048_576
_MOST_COMMENTS = 2_000
_MOST_CHARS = 32_767
_EXACT = 2**53
_COLOURS = {"error": "#FFC7CE", "warning": "#FFEB9C", "": ""}
_SHAPES: dict[str, dict[str, object]] = {
    "text": {"num_format": "@"},
    "guarded": {"num_format": "@", "quote_prefix": True},
    "number": {},
    "date": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "time": {"num_format": "hh:mm:ss"},
    "span": {"num_format": "[h]:mm:ss"},
}


@dataclass(frozen=True)
class CellProblem:
    """What is wrong in a row: the message to show, its weight, and the 0-based column of the source
    sheet it concerns (None: the row, or a field the sheet has no column for)."""

    message: str | Promise
    severity: Literal["error", "warning"] = "error"
    column: int | None = None


def annotated_copy(
    reading: Reading,
    problems: Mapping[int, Sequence[CellProblem]],
    keys: Mapping[int, str],
    *,
    refused_only: bool = False,
) -> bytes:
    """The sheet of ``reading`` as an .xlsx file with ``problems`` and ``keys``, both by row number.

    ``refused_only`` keeps, below the header, the rows with an error alone; else every row stays and,
    for a workbook, keeps its row number. Refuses with ``too_large`` what a sheet cannot hold.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    try:
        _Copy(book, reading, keys).write(problems, refused_only=refused_only)
    finally:
        book.close()
    return out.getvalue()


class _Copy:
    def __init__(self, book: Any, reading: Reading, keys: Mapping[int, str]) -> None:
        self.book = book
        self.reading = reading
        self.keys = keys
        self.comments = 0
        self.formats: dict[tuple[str, str], Any] = {}
        self.sheet = book.add_worksheet()
        names = reading.header.names
        self.dropped = {
            i for i, name in enumerate(names) if is_row_key(name) or is_problem_column(name)
        }
        self.key_column = len(names) - len(self.dropped) + 1

    def write(self, problems: Mapping[int, Sequence[CellProblem]], *, refused_only: bool) -> None:
        table, header = self.reading.table, self.reading.header
        keeps_numbers = table.form == "workbook" and not refused_only
        at = -1
        for number, cells in table.rows():
            found = problems.get(number, ())
            below = number > header.row_number
            if below and refused_only and not any(each.severity == "error" for each in found):
                continue
            at = number - 1 if keeps_numbers else at + 1
            if at >= _SHEET_ROWS:
                raise too_large("rows", _SHEET_ROWS)
            if number == header.row_number:
                self._header(at)
            else:
                self._row(at, cells, found, self.keys.get(number, "") if below else "")
        self.sheet.set_column(0, 0, 44)
        self.sheet.set_column(1, self.key_column - 1, 16)
        self.sheet.set_column(self.key_column, self.key_column, 16, None, {"hidden": True})

    def _header(self, at: int) -> None:
        header = self.reading.header
        bold = self.book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        self.sheet.write_string(at, 0, PROBLEMS_TITLE, bold)
        for index, cell in enumerate(header.cells):
            if index not in self.dropped:
                named = header.names[index] if is_blank(cell) else cell
                self._cell(at, self._place(index), named, "")
        self.sheet.write_string(at, self.key_column, ROW_KEY_TITLE, bold)
        self.sheet.freeze_panes(at + 1, 1)

    def _row(self, at: int, cells: Sequence[Cell], found: Sequence[CellProblem], key: str) -> None:
        if found:
            worst = "error" if any(each.severity == "error" for each in found) else "warning"
            text = "\n".join(str(each.message) for each in found)
            self._cell(at, 0, text[:_MOST_CHARS], worst)
        marked: dict[int, CellProblem] = {}
        for each in found:
            if each.column is not None and (each.column not in marked or each.severity == "error"):
                marked[each.column] = each
        for index in range(max(len(cells), 1 + max(marked, default=-1))):
            if index in self.dropped:
                continue
            cell = cells[index] if index < len(cells) else ""
            problem = marked.get(index)
            self._cell(at, self._place(index), cell, problem.severity if problem else "")
            if problem and self.comments < _MOST_COMMENTS:
                self.comments += 1
                self.sheet.write_comment(at, self._place(index), str(problem.message)[:_MOST_CHARS])
        if key:
            self.sheet.write_string(at, self.key_column, key, self._format("text", ""))

    def _place(self, index: int) -> int:
        """The column in the copy of a column of the source; cells beyond the header come after the key."""
        before = sum(dropped < index for dropped in self.dropped)
        place = index - before + 1
        return place if place < self.key_column else place + 1

    def _format(self, shape: str, severity: str) -> Any:
        made = self.formats.get((shape, severity))
        if made is None:
            colour = {"bg_color": _COLOURS[severity]} if severity else {}
            made = self.formats[shape, severity] = self.book.add_format(
                {**_SHAPES[shape], **colour}
            )
        return made

    def _cell(self, row: int, column: int, cell: Cell, severity: str) -> None:
        """Writes the cell as the kind it is; an empty cell only to colour it."""
        sheet = self.sheet
        if cell == "":
            if severity:
                sheet.write_blank(row, column, None, self._format("text", severity))
        elif isinstance(cell, str):
            shape = "guarded" if formula_like(cell) else "text"
            sheet.write_string(row, column, cell, self._format(shape, severity))
        elif isinstance(cell, bool):
            sheet.write_boolean(row, column, cell, self._format("number", severity))
        elif isinstance(cell, (int, float)):
            if abs(cell) <= _EXACT or isinstance(cell, float):
                sheet.write_number(row, column, cell, self._format("number", severity))
            else:
                sheet.write_string(row, column, str(cell), self._format("text", severity))
        else:
            self._moment(row, column, cell, severity)

    def _moment(self, row: int, column: int, cell: date | time | timedelta, severity: str) -> None:
        shape = (
            "span" if isinstance(cell, timedelta) else "time" if isinstance(cell, time) else "date"
        )
        if isinstance(cell, datetime):
            shape = "moment"
        if isinstance(cell, date) and cell.year < 1900:  # a sheet's calendar begins in 1900
            self.sheet.write_string(row, column, cell.isoformat(), self._format("text", severity))
        else:
            self.sheet.write_datetime(row, column, cell, self._format(shape, severity))

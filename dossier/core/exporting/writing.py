"""Writes a table as a workbook or as text, row by row, in constant memory (AUD-2, SECURITY 23)."""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.core.errors import Refusal
from dossier.core.exporting.declarations import Value
from dossier.core.values import formula_like, formula_safe

FORMATS: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MOST_ROWS: Final = 1_048_576 - 1  # what a sheet of Excel holds below its heading
_TOO_MANY: Final = gettext_lazy(
    "A sheet of Excel holds at most %(most)s rows. Filter the list, or take it out as CSV."
)
_LONGEST: Final = 32_767  # characters a cell of Excel holds
_WIDEST: Final = 44
_EXACT: Final = 15  # significant digits a number of Excel holds
_SURE_ROWS: Final = 200  # the widths of columns are taken from so many rows


@dataclass(frozen=True)
class Written:
    """A finished file."""

    rows: int
    size: int
    sha256: str


def write_file(
    path: Path,
    file_format: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    title: str,
    about: Sequence[tuple[str, str]] = (),
) -> Written:
    """Write the table; ``about`` goes onto a second sheet of a workbook. Numbers stay numbers, days days,
    every other text text, also where it looks like a formula."""
    counted = _Counted(rows)
    if file_format == "csv":
        _write_csv(path, heads, counted)
    else:
        _write_xlsx(path, heads, counted, title, about)
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return Written(counted.count, path.stat().st_size, digest)


class _Counted:
    def __init__(self, rows: Iterable[Sequence[Value]]) -> None:
        self.rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Value]]:
        for row in self.rows:
            self.count += 1
            yield row


def _write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:  # the mark Excel knows UTF-8 by
        writer = csv.writer(out)
        writer.writerow([formula_safe(head) for head in heads])
        for row in rows:
            writer.writerow([_csv_cell(value) for value in row])


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return f"{_local(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else formula_safe(value)


def _write_xlsx(
    path: Path,
    heads: Sequence[str],
    rows: Iterable[Sequence[Value]],
    title: str,
    about: Sequence[tuple[str, str]],
) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": title})
        sheet = _Sheet(book, title)
        sheet.write(heads, rows)
        if about:
            _about(book, about)


class _Sheet:
    def __init__(self, book: Any, title: str) -> None:
        self.sheet = book.add_worksheet(_sheet_name(title))
        self.head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF2F7"})
        self.text = book.add_format({"num_format": "@"})
        self.guarded = book.add_format({"num_format": "@", "quote_prefix": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self.whole = book.add_format({"num_format": "0"})
        self.figure = book.add_format({"num_format": "#,##0.00####"})

    def write(self, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
        """The heading and every row. The first rows are held back until the widths are known."""
        waiting: list[Sequence[Value]] = []
        at = 0
        for row in rows:
            at += 1
            if at > MOST_ROWS:  # never a file that says less than its record
                raise Refusal("too_many_rows", _TOO_MANY, params={"most": f"{MOST_ROWS:,}"})
            if at <= _SURE_ROWS:
                waiting.append(row)
                continue
            if waiting:
                self._begin(heads, waiting)
                waiting = []
            self._row(at, row)
        if at <= _SURE_ROWS:
            self._begin(heads, waiting)
        self.sheet.freeze_panes(1, 1)
        self.sheet.autofilter(0, 0, max(at, 1), len(heads) - 1)

    def _begin(self, heads: Sequence[str], first: Sequence[Sequence[Value]]) -> None:
        for column, head in enumerate(heads):
            texts = (_csv_cell(row[column]) for row in first)
            wide = max([_width(head) + 4, *(_width(text) + 2 for text in texts)])
            self.sheet.set_column(column, column, min(_WIDEST, wide))
            self.sheet.write_string(0, column, head, self.head)
        for at, row in enumerate(first, 1):
            self._row(at, row)

    def _row(self, at: int, row: Sequence[Value]) -> None:
        sheet = self.sheet
        for column, value in enumerate(row):
            if value is None or value == "":
                continue
            if isinstance(value, bool):
                sheet.write_string(at, column, _("Yes") if value else _("No"), self.text)
            elif isinstance(value, int) and abs(value) < 10**_EXACT:
                sheet.write_number(at, column, value, self.whole)
            elif isinstance(value, Decimal) and len(value.as_tuple().digits) <= _EXACT:
                sheet.write_number(at, column, float(value), self.figure)
            elif isinstance(value, datetime):
                sheet.write_datetime(at, column, _local(value), self.moment)
            elif isinstance(value, date) and value.year >= 1900:
                sheet.write_datetime(at, column, value, self.day)
            else:
                text = value if isinstance(value, str) else _csv_cell(value)
                look = self.guarded if formula_like(text) else self.text
                sheet.write_string(at, column, text[:_LONGEST], look)


def _about(book: Any, about: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet(_("About"))
    bold = book.add_format({"bold": True, "valign": "top"})
    plain = book.add_format({"num_format": "@", "text_wrap": True})
    guarded = book.add_format({"num_format": "@", "text_wrap": True, "quote_prefix": True})
    for row, (label, value) in enumerate(about):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, value[:_LONGEST], guarded if formula_like(value) else plain)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 70)


def _sheet_name(title: str) -> str:
    """A name Excel takes: no signs of paths, at most 31 characters."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in title).strip()[:31] or "1"


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(tzinfo=None) if moment.tzinfo else moment


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text[:_WIDEST])

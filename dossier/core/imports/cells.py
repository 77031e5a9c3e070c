"""A cell as a sheet holds it, and the few things said about cells without understanding their values."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

#: What a reader hands on. An empty cell is ``""``; text files give text only; workbooks give whole
#: numbers as floats (``840.0``) and dates as ``date``/``datetime``. Values are parsed elsewhere.
Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta


def cell_text(cell: Cell) -> str:
    """The cell as a person reads it: trimmed, whole floats without ``.0``, dates in ISO form.

    A fraction is given to the fifteen digits a spreadsheet keeps. A ``datetime`` at midnight is its date, so that the same day is the same text whichever program
    wrote the sheet. Widths are left alone (see `folded` for comparing).
    """
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        if cell.time() == time.min:
            return cell.date().isoformat()
        return cell.isoformat(sep=" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)


def folded(cell: Cell) -> str:
    """The cell for comparing keys: `cell_text`, widths unified (NFKC), otherwise as written."""
    text = cell_text(cell)
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def is_blank(cell: Cell) -> bool:
    """Whether nothing is written in the cell (white space of any width counts as nothing)."""
    return isinstance(cell, str) and not cell.strip()


def column_letters(index: int) -> str:
    """The name a spreadsheet program shows for the column at 0-based ``index``: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

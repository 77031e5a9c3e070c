"""Turns one sheet of a workbook into lines of JSON on standard output. Run as a program of its own.

A workbook of five kilobytes can ask its reader for half a terabyte (two cells at opposite corners),
and the reader then ends the whole process. So the reader runs in a short-lived process with bounds
of its own; see `workbook.py` for the other end. This file imports nothing of the project.

The first line is ``{"sheets": [...], "sheet": name}`` or ``{"error": word, ...}``; each further line
is ``[row, [cells]]`` for a row in which something is written, ``row`` the sheet's own number from 1.
A date is ``{"d": iso}``, a date with time ``{"t": iso}``, a time ``{"m": iso}``, a span ``{"s": seconds}``.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

_MOST_MERGES = 20_000
_WRITING = (
    8  # times the seconds for opening: what was opened fits the memory, so writing it out ends
)


def _plain(value: object) -> dict[str, object]:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, time):
        return {"m": value.isoformat()}
    if isinstance(value, timedelta):
        return {"s": value.total_seconds()}
    raise TypeError(type(value).__name__)


_encode = json.JSONEncoder(ensure_ascii=False, default=_plain, separators=(",", ":")).encode


def _bound(options: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (options["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (options["seconds"], _WRITING * options["seconds"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (options["spool_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_writing(options: dict[str, Any]) -> None:
    most = _WRITING * options["seconds"]
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))


def _choose(book: Any, wanted: str | None) -> Any:
    """The sheet named, else the first visible one with something in it."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    if wanted is not None:
        return book.get_sheet_by_name(wanted)
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet or meta.visible != SheetVisibleEnum.Visible:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.end is not None:
            return sheet
    return None


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Rows with something in them, columns as the sheet counts them, vertical merges filled down.

    A cell merged over several rows of one column says the same for each of them.
    """
    merges: dict[int, list[tuple[int, int]]] = {}
    for (top, column), (bottom, last) in (sheet.merged_cell_ranges or [])[:_MOST_MERGES]:
        if column == last and bottom > top:
            merges.setdefault(top, []).append((bottom, column))
    offset = [""] * (sheet.start[1] if sheet.start else 0)
    active: dict[int, tuple[int, Any]] = {}
    for index, cells in enumerate(sheet.iter_rows()):
        cells = offset + cells
        for bottom, column in merges.get(index, ()):
            if column < len(cells):
                active[column] = (bottom, cells[column])
        if not any(cell != "" for cell in cells):
            continue
        for column, (bottom, value) in list(active.items()):
            if index > bottom:
                del active[column]
            elif cells[column] == "":
                cells[column] = value
        yield index + 1, cells


def _check(number: int, cells: list[Any], options: dict[str, Any]) -> dict[str, Any] | None:
    if number > options["rows"]:
        return {"error": "rows"}
    if len(cells) > options["columns"]:
        return {"error": "columns", "row": number}
    for index, cell in enumerate(cells):
        if type(cell) is str and len(cell) > options["cell_chars"]:
            return {"error": "cell_chars", "row": number, "column": index}
    return None


def _copy(options: dict[str, Any]) -> Iterator[str]:
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(options["path"])
        names = list(book.sheet_names)
        try:
            sheet = _choose(book, options["sheet"])
        except calamine.WorksheetNotFound:
            yield _encode({"error": "sheet", "sheets": names})
            return
    except calamine.PasswordError:
        yield _encode({"error": "password"})
        return
    except calamine.ZipError:
        yield _encode({"error": "damaged"})
        return
    except (calamine.CalamineError, ValueError, OSError):
        yield _encode({"error": "broken"})
        return
    if sheet is None:
        yield _encode({"error": "empty", "sheets": names})
        return
    _allow_writing(options)
    yield _encode({"sheets": names, "sheet": sheet.name})
    for number, cells in _rows(sheet):
        while cells and cells[-1] == "":
            cells.pop()
        problem = _check(number, cells, options)
        if problem is not None:
            yield _encode(problem)
            return
        yield _encode([number, cells])


def main() -> int:
    """Copies the sheet; 0 when the first line says how it went, 3 when memory ran out."""
    options = json.loads(sys.argv[1])
    _bound(options)
    with open(1, "w", encoding="utf-8", buffering=1 << 20, newline="\n", closefd=False) as out:
        try:
            for line in _copy(options):
                out.write(line)
                out.write("\n")
        except MemoryError:
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Reads a sheet of a workbook (.xlsx, .xlsb, .ods, old .xls) in a bounded process of its own.

The process (`workbook_child.py`) copies the sheet into a temporary file of one line per row, which
is then read as often as needed: to find the header, to preview, to import, to write the annotated
copy. The worker itself never holds the sheet (SECURITY 25: less than 512 MB).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal

from .archive import check_archive
from .cells import Cell, column_letters
from .limits import Limits, Source, damaged, empty_file, encrypted, not_a_table, too_large

_CHILD = Path(__file__).with_name("workbook_child.py")
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")


def _revive(value: dict[str, Any]) -> Any:
    ((kind, text),) = value.items()
    if kind == "d":
        return date.fromisoformat(text)
    if kind == "t":
        return datetime.fromisoformat(text)
    if kind == "m":
        return time.fromisoformat(text)
    return timedelta(seconds=text)


_decode = json.JSONDecoder(object_hook=_revive).decode


class Sheet:
    """One sheet, copied out of its workbook. ``names`` are all sheets of the workbook, in order."""

    def __init__(self, spool: Any, name: str, names: tuple[str, ...]) -> None:
        self._spool = spool
        weakref.finalize(self, spool.close)  # the file goes when the sheet goes
        self.name = name
        self.names = names

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """(the sheet's own row number from 1, cells) of each row in which something is written."""
        with Path(self._spool.name).open(encoding="utf-8", newline="\n") as lines:
            next(lines)
            for line in lines:
                number, cells = _decode(line)
                yield number, cells

    def close(self) -> None:
        """Removes the copy; `rows` cannot be called afterwards."""
        self._spool.close()


def open_packed(source: Source, sheet: str | None, limits: Limits) -> Sheet:
    """Opens a workbook that is a ZIP archive; refusals as of `check_archive` and `_copied`."""
    if source.size() > limits.stored_bytes:
        raise too_large("stored_bytes", limits.stored_bytes)
    with source.open() as stream:
        names = check_archive(stream, limits)
    lowered = {name.lower() for name in names}
    if not lowered.intersection(_WORKBOOK_PARTS):
        is_office = any(name.startswith(("word/", "ppt/")) for name in lowered)
        raise not_a_table("document" if is_office else "archive")
    return _copied(source, sheet, limits, old=False)


def open_old(source: Source, sheet: str | None, limits: Limits) -> Sheet:
    """Opens an old binary workbook (.xls) if it really is one."""
    if source.size() > limits.stored_bytes:
        raise too_large("stored_bytes", limits.stored_bytes)
    with source.open() as stream:
        if _ENCRYPTED_STREAM in stream.read():
            raise encrypted()
    return _copied(source, sheet, limits, old=True)


def _copied(source: Source, sheet: str | None, limits: Limits, *, old: bool) -> Sheet:
    if source.path is not None:
        return _copied_file(source.path, sheet, limits, old=old)
    with tempfile.NamedTemporaryFile(prefix="dossier-import-") as held, source.open() as stream:
        held.write(stream.read())
        held.flush()
        return _copied_file(Path(held.name), sheet, limits, old=old)


def _copied_file(path: Path, sheet: str | None, limits: Limits, *, old: bool) -> Sheet:
    options = {
        "path": str(path.resolve()),
        "sheet": sheet,
        "rows": limits.rows,
        "columns": limits.columns,
        "cell_chars": limits.cell_chars,
        "memory_bytes": limits.memory_bytes,
        "seconds": limits.seconds,
        "spool_bytes": 2 * limits.inflated_bytes,
    }
    spool = tempfile.NamedTemporaryFile(prefix="dossier-sheet-")  # noqa: SIM115 - the sheet holds it
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and script; the file's name is data
            [sys.executable, "-I", str(_CHILD), json.dumps(options)],
            stdin=subprocess.DEVNULL,
            stdout=spool,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "RUST_BACKTRACE": "0"},
            timeout=limits.seconds * 20,
            check=False,
        )
        first, last = _ends(Path(spool.name))
        _refuse(done.returncode, first, last, limits, old=old)
    except subprocess.TimeoutExpired as error:
        spool.close()
        raise too_large("memory_bytes", limits.memory_bytes) from error
    except BaseException:
        spool.close()
        raise
    return Sheet(spool, str(first["sheet"]), tuple(first["sheets"]))


def _ends(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first line and, where the copy ended with an error, the last."""
    with path.open("rb") as stream:
        first = stream.readline()
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 4096))
        last = stream.read().rstrip(b"\n").rpartition(b"\n")[2]
    head = json.loads(first) if first.endswith(b"\n") else {}
    return head, json.loads(last) if last.startswith(b'{"error"') else {}


def _refuse(
    status: int, first: dict[str, Any], last: dict[str, Any], limits: Limits, *, old: bool
) -> None:
    """Raises what the copying process found; returns when the sheet lies complete."""
    error = last.get("error", "")
    if status == -11 or error == "broken":
        raise not_a_table("xls" if old else "")
    if status == 3 or status < 0:
        raise too_large("memory_bytes", limits.memory_bytes)
    if error == "password":
        raise encrypted()
    if error == "damaged":
        raise damaged()
    if error == "empty":
        raise empty_file()
    if error == "sheet":
        raise Refusal(
            "unknown_sheet",
            _("The workbook has no sheet of this name. It has: %(sheets)s."),
            field="sheet",
            params={"sheets": ", ".join(last["sheets"])},
        )
    if error:
        row, column = last.get("row", 0), column_letters(last.get("column", 0))
        raise too_large(error, getattr(limits, error), row=row, column=column)
    if status != 0 or "sheet" not in first:
        raise not_a_table("xls" if old else "")

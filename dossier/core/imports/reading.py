"""Opens an imported file as a table of rows, whatever it is called, or refuses it (AUD-4).

What a file is, its first bytes say; its name is only repeated to the user. Workbooks and texts come
out alike: (row number, cells) in order, the row number being the one a person sees in the sheet.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from gzip import BadGzipFile
from itertools import islice
from pathlib import Path

from .cells import Cell
from .limits import DEFAULT, Limits, Opener, Source, damaged, empty_file, not_a_table, too_large
from .text import Text, gunzip, open_text
from .workbook import Sheet, open_old, open_packed

__all__ = ["DEFAULT", "Limits", "Table", "open_table"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"{\\rtf", "document"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"BZh", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
)
#: Signatures that are also two ordinary letters: they count only when binary data follows.
_SHORT = {b"BM", b"MZ"}
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<head", b"<meta", b"<workbook")


class Table:
    """An imported file, opened. ``rows`` may be called as often as needed, each time from the top.

    ``form`` is ``"workbook"`` or ``"text"``; ``sheet`` and ``sheets`` are the sheet read and all there
    are (texts: none), ``encoding`` and ``delimiter`` what was found (workbooks: empty), ``lines`` the
    physical lines of a text for showing progress (workbooks: 0, not known before reading).
    """

    def __init__(self, name: str, body: Sheet | Text, folder: Path | None) -> None:
        self.name = name
        self.folder = folder
        self._body = body
        self.form = "workbook" if isinstance(body, Sheet) else "text"
        self.sheet = body.name if isinstance(body, Sheet) else ""
        self.sheets = body.names if isinstance(body, Sheet) else ()
        self.encoding = body.encoding if isinstance(body, Text) else ""
        self.delimiter = body.delimiter if isinstance(body, Text) else ""
        self.lines = body.lines if isinstance(body, Text) else 0

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """(row number from 1, cells) of each row with something in it, streamed.

        The number is the sheet's own row; in a text the physical line where the record starts. A
        row holds as many cells as were written; the caller does not change the list.
        """
        return self._body.rows()

    def head(self, count: int) -> list[tuple[int, list[Cell]]]:
        """The first ``count`` rows; refuses with ``empty_file`` when there is none."""
        rows = list(islice(self.rows(), count))
        if not rows:
            raise empty_file()
        return rows

    def close(self) -> None:
        """Gives back the temporary copy of a workbook's sheet; also happens when the table is dropped."""
        if isinstance(self._body, Sheet):
            self._body.close()


def open_table(
    path_or_bytes: Path | str | bytes,
    *,
    name: str,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits = DEFAULT,
) -> Table:
    """Opens a workbook or a delimited text, also packed with gzip, recognised by content.

    ``name`` is the file's name as the user knows it, never used to open anything. Raises ``OSError``
    for a path that cannot be read and `Refusal` with the code ``not_a_table``, ``truncated_file``,
    ``too_large``, ``empty_file``, ``encrypted_file``, ``unsafe_xml``, ``unknown_encoding`` or
    ``unknown_sheet``.
    """
    source = Source(path_or_bytes, name)
    with source.open() as stream:
        head = stream.read(4096)
    if not head:
        raise empty_file()
    folder = source.path.resolve().parent if source.path else None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Table(name, open_packed(source, sheet, limits), folder)
    if head.startswith(_OLE):
        return Table(name, open_old(source, sheet, limits), folder)
    opener: Opener = source.open
    if head.startswith(b"\x1f\x8b"):
        if source.size() > limits.stored_bytes:
            raise too_large("stored_bytes", limits.stored_bytes)
        opener = gunzip(opener)
        head = _gzip_head(opener)
        if head.startswith((b"PK\x03\x04", _OLE, b"\x1f\x8b")):
            raise not_a_table("archive")
    _refuse_other_kinds(head)
    return Table(name, open_text(opener, limits, encoding=encoding, delimiter=delimiter), folder)


def _gzip_head(opener: Opener) -> bytes:
    try:
        with opener() as stream:
            head = stream.read(4096)
    except (EOFError, zlib.error, BadGzipFile) as error:
        raise damaged() from error
    if not head:
        raise empty_file()
    return head


def _refuse_other_kinds(head: bytes) -> None:
    """Refuses what is recognisably something else, with a word on what it is."""
    for signature, hint in _SIGNATURES:
        if head.startswith(signature) and (signature not in _SHORT or head[:256].count(0) > 4):
            raise not_a_table(hint)
    if head[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        raise not_a_table("web")

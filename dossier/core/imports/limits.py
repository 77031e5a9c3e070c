"""How much an imported file may hold, and the refusals of files that hold more or are no table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal

MEBI = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one imported file (AUD-4; SECURITY 25). Every one refuses with ``too_large``.

    ``stored_bytes`` bounds a compressed file as it lies, ``inflated_bytes`` what really comes out of
    it (never what it declares) and plain text; ``entries`` the parts of a workbook; ``rows`` the
    sheet's own row numbers; ``columns`` and ``cell_chars`` one row and one cell (32,767 is what a
    spreadsheet cell can hold). ``memory_bytes`` and ``seconds`` bound the process that opens a
    workbook: its address space (about four million cells) and the processor time to open it.
    """

    stored_bytes: int = 64 * MEBI
    inflated_bytes: int = 400 * MEBI
    entries: int = 2_000
    rows: int = 1_500_000
    columns: int = 1_000
    cell_chars: int = 32_767
    memory_bytes: int = 448 * MEBI
    seconds: int = 7


DEFAULT = Limits()


class Source:
    """The bytes of an imported file, on disk or in memory, opened as often as needed."""

    def __init__(self, path_or_bytes: Path | str | bytes, name: str) -> None:
        self.name = name
        self.path: Path | None = None
        self._data = b""
        if isinstance(path_or_bytes, bytes):
            self._data = path_or_bytes
        else:
            self.path = Path(path_or_bytes)

    def open(self) -> BinaryIO:
        """A new stream at the first byte; raises ``OSError`` as ``open`` does."""
        return BytesIO(self._data) if self.path is None else self.path.open("rb")

    def size(self) -> int:
        """Bytes as stored."""
        return len(self._data) if self.path is None else self.path.stat().st_size


Opener = Callable[[], BinaryIO]


def too_large(what: str, limit: int, **params: object) -> Refusal:
    """The refusal of a file beyond a limit; ``what`` is a field name of `Limits`."""
    messages = {
        "stored_bytes": _(
            "The file is larger than %(limit)s bytes. Divide it and bring in the parts."
        ),
        "inflated_bytes": _(
            "The file unpacks to more than %(limit)s bytes and was not read any further."
        ),
        "entries": _("The workbook consists of more than %(limit)s parts and was not opened."),
        "rows": _("The table has more than %(limit)s rows. Divide it and bring in the parts."),
        "columns": _(
            "Row %(row)s has more than %(limit)s columns. Remove the columns that hold nothing of use."
        ),
        "cell_chars": _("Row %(row)s, column %(column)s holds more than %(limit)s characters."),
        "memory_bytes": _(
            "The workbook takes more memory than an import may use. Save the sheet as CSV and bring that in."
        ),
    }
    return Refusal("too_large", messages[what], params={"what": what, "limit": limit, **params})


def not_a_table(hint: str = "") -> Refusal:
    """The refusal of a file that holds no table; ``hint`` names what it is where that is known."""
    messages = {
        "": _("This file is not a table. Save it as an Excel workbook (.xlsx) or as CSV."),
        "pdf": _("This is a PDF document, not a table. Bring in the spreadsheet it was made from."),
        "image": _("This is an image, not a table. Bring in the spreadsheet itself."),
        "xls": _("This old Excel file (.xls) cannot be read. Open it and save it as .xlsx."),
        "web": _(
            "This is a web page or XML under the name of a spreadsheet. Open it in a spreadsheet program "
            "and save it as .xlsx."
        ),
        "document": _(
            "This is a text document or presentation, not a spreadsheet. Save its table as .xlsx or CSV."
        ),
        "archive": _("This is an archive. Unpack it and bring in the tables in it one by one."),
        "program": _("This file is a program, not a table."),
    }
    return Refusal("not_a_table", messages[hint], params={"hint": hint})


def damaged() -> Refusal:
    """The refusal of a file that was cut short or whose content does not match its checksums."""
    return Refusal(
        "truncated_file",
        _("The file is damaged or was cut short. Save or download it again."),
        params={},
    )


def encrypted() -> Refusal:
    """The refusal of a file that opens only with a password."""
    return Refusal(
        "encrypted_file",
        _("The file is protected by a password. Save it without one and try again."),
        params={},
    )


def unsafe_xml(part: str) -> Refusal:
    """The refusal of a workbook whose part ``part`` defines entities or hides in a rare encoding."""
    return Refusal(
        "unsafe_xml",
        _(
            "The workbook holds a definition that a spreadsheet never needs (%(part)s) and was not opened."
        ),
        params={"part": part},
    )


def empty_file() -> Refusal:
    """The refusal of a file or sheet in which nothing is written."""
    return Refusal("empty_file", _("Nothing is written in this file or sheet."), params={})

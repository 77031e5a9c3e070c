"""Files that a map looks rows up in: where they may lie, and their columns by key in memory."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from .cells import Cell, folded
from .header import header_at
from .limits import Limits
from .mapping import Lookup, bad_map
from .reading import Table, open_table

#: Files handed in beside an import, by the name the map gives them (uploads of the pages).
Beside = Mapping[str, Path | bytes]


def find_lookup_file(name: str, folders: Iterable[Path | None], beside: Beside) -> Path | bytes:
    """The look-up file ``name``: handed in beside the import, or in one of ``folders``.

    A name that leads anywhere else is refused, also when such a file exists (SECURITY 26).
    """
    check_lookup_name(name)
    if name in beside:
        return beside[name]
    for folder in folders:
        if folder is None:
            continue
        root = folder.resolve()
        place = (root / name).resolve()
        if not place.is_relative_to(root):
            raise bad_map("path", key=name)
        if place.is_file():
            return place
    raise bad_map("file", key=name)


def check_lookup_name(name: str) -> None:
    """Refuse (``bad_map``) a name that is absolute, has ``..``, a drive, a NUL or another control sign."""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    leads_out = (
        not name.strip()
        or any(ord(char) < 32 for char in name)
        or "\\" in name
        or ":" in name
        or windows.is_absolute()
        or bool(windows.drive)
        or posix.is_absolute()
        or ".." in posix.parts
        or name.startswith("~")
    )
    if leads_out:
        raise bad_map("path", key=name)


def match_names(wanted: Iterable[str], there: Collection[str]) -> dict[str, str]:
    """{name in the map: name of the uploaded file}: an upload has no folder, and systems differ in
    how they write capitals and composed letters."""
    exact, alike = set(there), {_bare(name): name for name in there}
    found = {}
    for name in wanted:
        hit = name if name in exact else alike.get(_bare(name))
        if hit is not None:
            found[name] = hit
    return found


def _bare(name: str) -> str:
    return unicodedata.normalize("NFC", PurePosixPath(name).name).casefold()


class LookupTable:
    """One look-up file in memory: key as text → the columns wanted, empty cells included."""

    def __init__(
        self, names: list[str], wanted: list[int], rows: dict[str, tuple[Cell, ...]]
    ) -> None:
        self.names = names
        self.wanted = wanted
        self.rows = rows
        self.nothing: tuple[Cell, ...] = ("",) * len(wanted)

    def position(self, column: int) -> int:
        """Where the file's 0-based ``column`` stands in the tuples of ``rows``."""
        return self.wanted.index(column)


def open_lookup(lookup: Lookup, place: Path | bytes, limits: Limits) -> Table:
    """Opens the look-up file as any table; refusals as of `open_table`."""
    return open_table(
        place,
        name=lookup.file,
        sheet=lookup.sheet,
        encoding=lookup.encoding,
        delimiter=lookup.delimiter,
        limits=limits,
    )


def lookup_names(table: Table) -> list[str]:
    """The column names of a look-up file: those of its first row with something in it."""
    return header_at(*table.head(1)[0]).names


def read_lookup(
    lookup: Lookup, table: Table, names: list[str], key: int, wanted: list[int]
) -> LookupTable:
    """Reads the file by its column ``key``. Equal keys must agree in ``wanted``, else ``bad_map``.

    Rows without a key are left out: nothing can refer to them.
    """
    rows: dict[str, tuple[Cell, ...]] = {}
    width = max([key, *wanted]) + 1
    body = table.rows()
    next(body)
    for _number, cells in body:
        if len(cells) < width:
            cells = cells + [""] * (width - len(cells))
        found = folded(cells[key])
        if not found:
            continue
        kept = tuple([cells[index] for index in wanted])
        if rows.setdefault(found, kept) != kept:
            raise bad_map("ambiguous", key=lookup.file, value=found)
    return LookupTable(names, wanted, rows)

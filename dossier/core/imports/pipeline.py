"""From a file to records: header found, columns recognised or mapped, rows streamed (AUD-4).

Nothing is interpreted here: cells travel as the sheet holds them, every cell of a row reaches its
record either as a field or as an extra, and rows are left out only when nothing is written in them
or when they repeat the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dossier.core.values import restore_formula_safe

from .cells import Cell, cell_text, column_letters, folded, is_blank
from .columns import (
    ColumnSpec,
    KindColumns,
    is_problem_column,
    is_row_key,
    normalised,
    suggest_mapping,
)
from .compile import CompiledMap, Unmatched, compile_map
from .fingerprint import Fingerprinter, fingerprint
from .header import SEARCHED_ROWS, Header, find_header, header_at
from .limits import DEFAULT, Limits, empty_file
from .lookups import Beside
from .mapping import ImportMap, bad_map
from .reading import Table, open_table

_TOTAL = re.compile(
    r"(?:本页|本月|本期|本年|全部|各项|金额|数量)?(?:合计|总计|小计|共计|累计|总合计|总和)(?:数|金额|数量)?"
    r"|(?:grand|sub|running)?totals?|sum(?:total)?",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"[-+(]?[￥¥$€£]?\s*[\d,.]+\s*%?\)?(?:万|元|万元|%)?")


class Record:
    """One row of the table.

    ``row`` is the sheet's own row number; ``values`` the fields ({field: raw cell}, look-ups and
    constants included); ``raw`` all cells of the row as read, padded to the header; ``row_key`` the
    key of an annotated copy or ""; ``unmatched`` the (look-up, key) pairs that were not found.
    """

    __slots__ = ("_reading", "raw", "row", "row_key", "unmatched", "values")

    def __init__(
        self,
        reading: Reading,
        row: int,
        values: dict[str, Cell],
        raw: list[Cell],
        row_key: str,
        unmatched: Unmatched,
    ) -> None:
        self._reading = reading
        self.row = row
        self.values = values
        self.raw = raw
        self.row_key = row_key
        self.unmatched = unmatched

    @property
    def extra(self) -> dict[str, Cell]:
        """{column name: cell} of the columns no field uses, where something is written."""
        return self._reading.extra_of(self.raw)

    @property
    def fingerprint(self) -> bytes:
        """16 bytes of what the row itself says (fields from its own columns and extras).

        Constants, look-ups, the row key and the problems column do not count: bringing the same
        sheet in with another constant does not make its rows other rows.
        """
        return self._reading.fingerprint_of(self.raw)

    @property
    def is_total(self) -> bool:
        """Whether the row looks like a line of sums (合计, Total) rather than a record.

        True when its first written text is such a word and all else written are numbers. The caller
        names such a row as a problem; it is never dropped here.
        """
        return looks_like_total(self.raw)


def looks_like_total(cells: Sequence[Cell]) -> bool:
    """The rule of `Record.is_total` for any row."""
    said = False
    written = 0
    for cell in cells:
        if cell == "":
            continue
        if isinstance(cell, str) and not _NUMERIC.fullmatch(text := cell.strip()):
            if not text:
                continue
            if len(text) > 20 or not _TOTAL.fullmatch(normalised(text)):
                return False
            said = True
        written += 1
    return said and 2 * written <= len(cells) + 4


class Reading:
    """A table being read as one kind of import.

    ``columns`` is {0-based column: field} of the sheet's own columns in use, ``unknown`` the names of
    the columns no field uses, ``mapping`` the map in use (suggested or given, ready for
    `dump_mapping`). ``skipped`` counts rows left out, by reason (``blank``, ``header``), once
    `records` has run through.
    """

    def __init__(self, table: Table, header: Header, compiled: CompiledMap) -> None:
        self.table = table
        self.header = header
        self.compiled = compiled
        self.mapping = compiled.map
        self.columns = dict(
            sorted((index, name) for name, indices in compiled.own.items() for index in indices)
        )
        names = header.names
        own = {
            index for index, name in enumerate(names) if is_row_key(name) or is_problem_column(name)
        }
        self._own_columns = len(own)
        self._key_column = next(
            (index for index, name in enumerate(names) if is_row_key(name)), None
        )
        self._extras = [
            (names[i], i) for i in range(len(names)) if i not in self.columns and i not in own
        ]
        self.unknown = [name for name, _index in self._extras]
        self.skipped = {"blank": 0, "header": 0}
        self._named = [("*" + name, index) for name, index in self._extras]
        for name, indices in compiled.own.items():
            if len(indices) == 1:
                self._named.append((name, indices[0]))
            else:
                self._named += [
                    (f"{name}+{place}", index) for place, index in enumerate(indices, 1)
                ]
        self._fingerprinter = Fingerprinter(self._named)

    @property
    def fields(self) -> list[str]:
        """All fields the records carry, in the map's order."""
        return self.mapping.fields()

    @property
    def keyed(self) -> bool:
        """Whether the rows carry the keys of an annotated copy."""
        return self._key_column is not None

    def column_of(self, field: str) -> int | None:
        """The 0-based column that fills ``field`` (the first of several); None: none of this sheet."""
        indices = self.compiled.own.get(field)
        return indices[0] if indices else None

    def records(self) -> Iterator[Record]:
        """The rows below the header, streamed; may be called again, each time from the top."""
        header_row, width = self.header.row_number, self.header.width
        apply = self.compiled.apply_noting
        probe, heading = self._probe()
        key_column = self._key_column
        self.skipped = {"blank": 0, "header": 0}
        for number, cells in self.table.rows():
            if number <= header_row:
                continue
            if len(cells) < width:
                cells = cells + [""] * (width - len(cells))
            first = cells[0]
            if (not first or (isinstance(first, str) and first[0].isspace())) and all(
                map(is_blank, cells)
            ):
                self.skipped["blank"] += 1
                continue
            if cells[probe] == heading and self._repeats_header(cells):
                self.skipped["header"] += 1
                continue
            key = "" if key_column is None else cell_text(cells[key_column])
            values, unmatched = apply(cells)
            for field, value in values.items():
                if type(value) is str and value[:1] == "'":  # as our own CSV files guard formulas
                    values[field] = restore_formula_safe(value)
            yield Record(self, number, values, cells, key, unmatched)

    def extra_of(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """See `Record.extra`; cells beyond the header carry the letters of their column."""
        extra = {name: cells[index] for name, index in self._extras if not is_blank(cells[index])}
        extra.update(
            (name, cells[index])
            for name, index in self._beyond(cells)
            if not is_blank(cells[index])
        )
        return extra

    def _beyond(self, cells: Sequence[Cell]) -> list[tuple[str, int]]:
        """Cells beyond the header, by the letters of their column in the original sheet."""
        return [
            (column_letters(i - self._own_columns), i) for i in range(self.header.width, len(cells))
        ]

    def fingerprint_of(self, cells: Sequence[Cell]) -> bytes:
        """See `Record.fingerprint`."""
        width = self.header.width
        if len(cells) > width and not all(map(is_blank, cells[width:])):
            named = [*self._named, *(("*" + name, index) for name, index in self._beyond(cells))]
            return fingerprint({name: cells[index] for name, index in named})
        return self._fingerprinter.of(cells)

    def _probe(self) -> tuple[int, Cell]:
        """A column whose cell tells in one comparison that a row is no header."""
        for index, cell in enumerate(self.header.cells):
            if not is_blank(cell):
                return index, cell
        return 0, ""

    def _repeats_header(self, cells: Sequence[Cell]) -> bool:
        named = [
            (index, folded(cell))
            for index, cell in enumerate(self.header.cells)
            if not is_blank(cell)
        ]
        same = sum(folded(cells[index]) == name for index, name in named)
        return len(named) > 1 and 10 * same >= 8 * len(named)


def read_records(
    path_or_bytes: Path | str | bytes,
    name: str,
    columns: KindColumns | Sequence[ColumnSpec],
    mapping: ImportMap | None = None,
    limits: Limits = DEFAULT,
    *,
    sheet: str | None = None,
    beside: Beside | None = None,
) -> Reading:
    """Opens a file as one kind of import.

    Without ``mapping`` the columns are recognised by their names. With one, only the columns it
    names are used, and others too if it says ``suggest = true``. ``sheet`` overrules the map's.
    ``beside`` are look-up files handed in with the import, by the name the map gives them.
    Refusals as of `open_table`, `find_header`, `compile_map`; ``empty_file`` when no row follows the
    header.
    """
    specs, decoys = (
        (columns.specs, columns.decoys)
        if isinstance(columns, KindColumns)
        else (columns, frozenset())
    )
    kind = columns.kind if isinstance(columns, KindColumns) else None
    given = mapping or ImportMap(kind=kind, suggest=True)
    table = open_table(
        path_or_bytes,
        name=name,
        sheet=sheet or given.sheet,
        encoding=given.encoding,
        delimiter=given.delimiter,
        limits=limits,
    )
    try:
        header = _header(table, given, specs)
        used = _completed(given, header, specs, decoys)
        compiled = compile_map(
            used,
            header.names,
            fields=[spec.field for spec in specs],
            limits=limits,
            source_folder=table.folder,
            beside=beside,
        )
    except BaseException:
        table.close()
        raise
    reading = Reading(table, header, compiled)
    if next(reading.records(), None) is None:
        table.close()
        raise empty_file()
    return reading


def _header(table: Table, given: ImportMap, specs: Sequence[ColumnSpec]) -> Header:
    if given.header_row is None:
        named = {ref for refs in given.columns.values() for ref in refs if isinstance(ref, str)}
        named.update(lookup.match for lookup in given.lookups)
        return find_header(table.head(SEARCHED_ROWS), specs, named)
    for number, cells in table.rows():
        if number == given.header_row:
            return header_at(number, cells)
        if number > given.header_row:
            break
    raise bad_map("type", key="header_row", needed="1, 2, 3 …")


def _completed(
    given: ImportMap, header: Header, specs: Sequence[ColumnSpec], decoys: frozenset[str]
) -> ImportMap:
    """The map with the columns it leaves to be recognised; those it names stay as they are."""
    if not given.suggest:
        return given
    filled = set(given.fields())
    free = [spec for spec in specs if spec.field not in filled]
    named = {
        folded(ref).casefold()
        for refs in given.columns.values()
        for ref in refs
        if isinstance(ref, str)
    }
    open_names = ["" if folded(name).casefold() in named else name for name in header.names]
    suggested: Mapping[int, str] = suggest_mapping(open_names, free, decoys)
    added = {field: (header.names[index],) for index, field in suggested.items()}
    return replace(given, columns={**given.columns, **added}, suggest=False)

"""Binds a map to the columns of one sheet, so that a row becomes fields in about a microsecond."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal

from .cells import Cell, cell_text, folded
from .limits import Limits, too_large
from .lookups import Beside, LookupTable, find_lookup_file, lookup_names, open_lookup, read_lookup
from .mapping import ByIndex, ColumnRef, ImportMap, Lookup
from .reading import Table

Row = Sequence[Cell]
Unmatched = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Step:
    """One look-up: its key is the row's cell at ``column``, or what an earlier step found (``chained``)."""

    name: str
    column: int
    chained: tuple[int, int] | None
    table: LookupTable
    targets: list[tuple[str, list[int]]]


class CompiledMap:
    """A map bound to a header of ``width`` columns. Rows given to it are at least that wide.

    ``own`` are the columns of the sheet that fill a field: {field: 0-based column indices}.
    """

    def __init__(
        self,
        used: ImportMap,
        width: int,
        own: Mapping[str, tuple[int, ...]],
        steps: Sequence[_Step] = (),
    ) -> None:
        self.map = used
        self.width = width
        self.own = dict(own)
        self._steps = tuple(steps)
        self._constants = dict(used.constants)
        self._single = [(name, refs[0]) for name, refs in own.items() if len(refs) == 1]
        self._joined = [(name, refs) for name, refs in own.items() if len(refs) > 1]
        self._values = [
            (name, {folded(cell): value for cell, value in choices.items()})
            for name, choices in used.values.items()
        ]

    def apply(self, row: Row) -> dict[str, Cell]:
        """{field: cell} of one row: own columns, then look-ups, then constants. Cells stay raw."""
        return self.apply_noting(row)[0]

    def apply_noting(self, row: Row) -> tuple[dict[str, Cell], Unmatched]:
        """As `apply`, with (look-up, key) of each key that its file does not hold."""
        values = {name: row[index] for name, index in self._single}
        for name, indices in self._joined:
            values[name] = " ".join([text for index in indices if (text := cell_text(row[index]))])
        unmatched: Unmatched = ()
        if self._steps:
            unmatched = self._look_up(row, values)
        if self._constants:
            values.update(self._constants)
        for name, choices in self._values:
            if name in values:
                values[name] = choices.get(folded(values[name]), values[name])
        return values, unmatched

    def _look_up(self, row: Row, values: dict[str, Cell]) -> Unmatched:
        found: list[tuple[Cell, ...]] = []
        unmatched: list[tuple[str, str]] = []
        for step in self._steps:
            key = folded(
                row[step.column]
                if step.chained is None
                else found[step.chained[0]][step.chained[1]]
            )
            hit = step.table.rows.get(key)
            if hit is None:
                hit = step.table.nothing
                if key:
                    unmatched.append((step.name, key))
            found.append(hit)
            for target, positions in step.targets:
                if len(positions) == 1:
                    values[target] = hit[positions[0]]
                else:
                    values[target] = " ".join(
                        [text for at in positions if (text := cell_text(hit[at]))]
                    )
        return tuple(unmatched)


def compile_map(
    used: ImportMap,
    names: Sequence[str],
    *,
    fields: Collection[str],
    limits: Limits,
    source_folder: Path | None = None,
    beside: Beside | None = None,
) -> CompiledMap:
    """Binds ``used`` to a sheet whose columns are called ``names`` and loads its look-up files.

    ``fields`` are the fields this kind of import knows. Refuses with ``unknown_field``,
    ``unknown_column`` (both say what exists), ``bad_map``, and what opening a look-up file refuses.
    """
    for name in [*used.fields(), *used.values]:
        if name not in fields:
            raise Refusal(
                "unknown_field",
                _(
                    "The map fills '%(field)s', which this import does not know. It knows: %(known)s."
                ),
                field=name,
                params={"field": name, "known": ", ".join(fields)},
            )
    own = {name: _positions(refs, names, "") for name, refs in used.columns.items()}
    # files handed in by a page are all there are: where they are kept, others' files lie too
    folders = (used.folder, source_folder) if beside is None else ()
    steps: list[_Step] = []
    for lookup in used.lookups:
        table = open_lookup(lookup, find_lookup_file(lookup.file, folders, beside or {}), limits)
        try:
            steps.append(_load(lookup, table, used, names, steps))
        finally:
            table.close()
        if sum(len(step.table.rows) for step in steps) > limits.rows:
            raise too_large("rows", limits.rows)
    return CompiledMap(used, len(names), own, steps)


def _load(
    lookup: Lookup, table: Table, used: ImportMap, names: Sequence[str], steps: Sequence[_Step]
) -> _Step:
    """Loads one look-up file: the columns its fields need and those later look-ups start from."""
    theirs = lookup_names(table)
    key = _position(lookup.key, theirs, lookup.file)
    columns = {
        target: _positions(refs, theirs, lookup.file) for target, refs in lookup.columns.items()
    }
    chained = set()
    for later in used.lookups[len(steps) + 1 :]:
        start, _dot, column = later.match.partition(".")
        if start == lookup.name and _find(later.match, names) is None:
            chained.add(_position(column, theirs, lookup.file))
    wanted = sorted(chained.union(*columns.values()))
    loaded = read_lookup(lookup, table, theirs, key, wanted)
    targets = [
        (target, [loaded.position(index) for index in indices])
        for target, indices in columns.items()
    ]
    own = _find(lookup.match, names)
    if own is not None:
        return _Step(lookup.name, own, None, loaded, targets)
    start, _dot, column = lookup.match.partition(".")
    for earlier, known in enumerate(steps):
        if known.name == start:
            position = known.table.position(
                _position(column, known.table.names, used.lookups[earlier].file)
            )
            return _Step(lookup.name, 0, (earlier, position), loaded, targets)
    raise _unknown_column(lookup.match, names, "")


def _positions(refs: tuple[ColumnRef, ...], names: Sequence[str], file: str) -> tuple[int, ...]:
    return tuple(_position(ref, names, file) for ref in refs)


def _position(ref: ColumnRef, names: Sequence[str], file: str) -> int:
    """The 0-based position of a column: by its exact name, or the only one that differs in case or width."""
    found = _find(ref, names)
    if found is None:
        raise _unknown_column(f"#{ref.index}" if isinstance(ref, ByIndex) else ref, names, file)
    return found


def _find(ref: ColumnRef, names: Sequence[str]) -> int | None:
    if isinstance(ref, ByIndex):
        return ref.index - 1 if ref.index <= len(names) else None
    if ref in names:
        return names.index(ref)
    wanted = folded(" ".join(ref.split())).casefold()
    alike = [index for index, name in enumerate(names) if folded(name).casefold() == wanted]
    return alike[0] if len(alike) == 1 else None


def _unknown_column(column: str, names: Sequence[str], file: str) -> Refusal:
    return Refusal(
        "unknown_column",
        _(
            "The map names a column '%(column)s' that %(file)s does not have. Its columns: %(columns)s."
        ),
        field="map",
        params={"column": column, "file": file or _("the file"), "columns": ", ".join(names)},
    )

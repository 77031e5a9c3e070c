"""Map files: what the columns of a company's own sheets mean, in TOML, written by hand or saved (AUD-4).

    kind = "sales"                # which import this map is for
    header_row = 2                # optional; else the header is found
    sheet = "2024"                # optional; also `encoding`, `delimiter` for texts
    discount = "off"              # 0.05 = 5 % off; "factor" (the default of every kind): 0.95 = pays 95 %
    suggest = true                # optional: columns not named here are recognised by their names

    [constants]                   # the same for every row
    currency = "USD"
    [columns]                     # field = column, columns joined by a space, or a column by number from 1
    order_number = "order_id"
    address = ["street", "city"]
    remark = { index = 9 }
    [values.status]               # cell as written = value handed on
    "1" = "left"
    [lookups.orders]              # fields kept in another file, found by key
    file = "orders.csv"           # beside the map or beside the imported file, never elsewhere
    key = "order_id"              # column of that file
    match = "order_id"            # column of the imported file, or "lookup.column" of an earlier look-up
    [lookups.orders.columns]
    date = "order_date"
    [compare]                     # only for `dossier duplicates`: what a field of [columns] holds
    born = "date"

Columns not named stay extra columns of their row. `compile.py` binds a map to a sheet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal

from .cells import Cell

Discount = Literal["off", "factor"]

_MAP_BYTES = 1 << 20
_KEYS = {"kind", "header_row", "sheet", "encoding", "delimiter", "discount", "suggest",
         "constants", "columns", "values", "lookups", "compare"}  # fmt: skip
_LOOKUP_KEYS = {"file", "key", "match", "columns", "sheet", "encoding", "delimiter"}


@dataclass(frozen=True)
class ByIndex:
    """A column given by its number, counted from 1 as a person counts."""

    index: int


#: One column, by the name in the header or by number; a field may join several.
ColumnRef = str | ByIndex


@dataclass(frozen=True)
class Lookup:
    """Another file in which fields of a row are found: ``match`` of the row equals ``key`` there."""

    name: str
    file: str
    key: str
    match: str
    columns: Mapping[str, tuple[ColumnRef, ...]] = field(default_factory=dict)
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class ImportMap:
    """A map as read or as suggested. ``folder`` is where its look-up files may lie (None: nowhere)."""

    kind: str | None = None
    columns: Mapping[str, tuple[ColumnRef, ...]] = field(default_factory=dict)
    constants: Mapping[str, Cell] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)
    lookups: tuple[Lookup, ...] = ()
    discount: Discount = "factor"
    suggest: bool = False
    header_row: int | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    folder: Path | None = None
    compare: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> list[str]:
        """The fields this map fills, in its own order: columns, look-ups, constants."""
        named = [*self.columns]
        for lookup in self.lookups:
            named.extend(lookup.columns)
        named.extend(self.constants)
        return list(dict.fromkeys(named))


def bad_map(detail: str, **params: object) -> Refusal:
    """The refusal of a map file; ``detail`` names the place in it."""
    messages = {
        "toml": _("The map is not valid TOML: %(error)s"),
        "size": _("The map is larger than a map can be."),
        "unknown": _("The map says '%(key)s', which means nothing here. Possible: %(possible)s."),
        "type": _("The map's '%(key)s' is not of the right kind; needed: %(needed)s."),
        "missing": _("The map's look-up '%(key)s' needs '%(needed)s'."),
        "twice": _("The map fills the field '%(key)s' more than once."),
        "path": _(
            "The look-up file '%(key)s' must lie beside the map or the imported file, named without a path leading out."
        ),
        "file": _("The look-up file '%(key)s' was not found beside the map or the imported file."),
        "ambiguous": _(
            "The look-up file '%(key)s' has different rows with the same key '%(value)s'."
        ),
    }
    return Refusal("bad_map", messages[detail], field="map", params={"detail": detail, **params})


def load_map(path: Path | str) -> ImportMap:
    """Reads a map file; its look-up files may lie in its folder. Refuses with ``bad_map``."""
    place = Path(path)
    if place.stat().st_size > _MAP_BYTES:
        raise bad_map("size")
    try:
        text = place.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise bad_map("toml", error="UTF-8") from error
    return parse_map(text, folder=place.resolve().parent)


def parse_map(text: str, *, folder: Path | None = None) -> ImportMap:
    """Reads a map from its text. Without ``folder`` look-up files must be handed in with the import."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise bad_map("toml", error=str(error)) from error
    _only(data, _KEYS)
    header_row = _typed(data, "header_row", int)
    if header_row is not None and header_row < 1:
        raise bad_map("type", key="header_row", needed="1, 2, 3 …")
    discount = _typed(data, "discount", str) or "factor"
    if discount not in ("off", "factor"):
        raise bad_map("unknown", key=f"discount = {discount}", possible="off, factor")
    delimiter = _typed(data, "delimiter", str)
    if delimiter is not None and len(delimiter) != 1:
        raise bad_map("type", key="delimiter", needed='"," ";" "|" "\\t"')
    made = ImportMap(
        kind=_typed(data, "kind", str),
        columns=_columns(_table(data, "columns"), "columns"),
        constants={
            name: _constant(value, f"constants.{name}")
            for name, value in _table(data, "constants").items()
        },
        values=_values(_table(data, "values")),
        lookups=tuple(_lookup(name, value) for name, value in _table(data, "lookups").items()),
        discount="off" if discount == "off" else "factor",
        suggest=bool(_typed(data, "suggest", bool)),
        header_row=header_row,
        sheet=_typed(data, "sheet", str),
        encoding=_typed(data, "encoding", str),
        delimiter=delimiter,
        folder=folder,
        compare=_compared(_table(data, "compare")),
    )
    _once(
        [*made.columns, *made.constants, *(name for each in made.lookups for name in each.columns)]
    )
    return made


def dump_mapping(used: ImportMap) -> str:
    """The map as TOML text that `parse_map` reads back to an equal map (``folder`` aside)."""
    lines = [f"{key} = {_toml(value)}" for key, value in _plain_items(used)]
    if used.constants:
        lines += [
            "",
            "[constants]",
            *(f"{_toml_key(name)} = {_toml(value)}" for name, value in used.constants.items()),
        ]
    if used.columns:
        lines += ["", "[columns]", *_toml_columns(used.columns)]
    if used.compare:
        lines += ["", "[compare]"]
        lines += [f"{_toml_key(name)} = {_toml(kind)}" for name, kind in used.compare.items()]
    for name, choices in used.values.items():
        lines += ["", f"[values.{_toml_key(name)}]"]
        lines += [f"{_toml_key(cell)} = {_toml(value)}" for cell, value in choices.items()]
    for lookup in used.lookups:
        head = f"lookups.{_toml_key(lookup.name)}"
        lines += ["", f"[{head}]"]
        for key in ("file", "key", "match", "sheet", "encoding", "delimiter"):
            value = getattr(lookup, key)
            if value is not None:
                lines.append(f"{key} = {_toml(value)}")
        if lookup.columns:
            lines += ["", f"[{head}.columns]", *_toml_columns(lookup.columns)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _plain_items(used: ImportMap) -> Iterable[tuple[str, Any]]:
    if used.kind is not None:
        yield "kind", used.kind
    for key in ("header_row", "sheet", "encoding", "delimiter"):
        value = getattr(used, key)
        if value is not None:
            yield key, value
    yield "discount", used.discount
    if used.suggest:
        yield "suggest", True


def _toml_columns(columns: Mapping[str, tuple[ColumnRef, ...]]) -> Iterable[str]:
    for name, refs in columns.items():
        written = [
            f"{{ index = {ref.index} }}" if isinstance(ref, ByIndex) else _toml(ref) for ref in refs
        ]
        yield f"{_toml_key(name)} = {written[0] if len(written) == 1 else '[' + ', '.join(written) + ']'}"


def _toml(value: Cell) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    escaped = "".join(_escape(char) for char in str(value))
    return f'"{escaped}"'


def _escape(char: str) -> str:
    if char in '\\"':
        return "\\" + char
    return f"\\u{ord(char):04x}" if char < " " or char == "\x7f" else char


def _toml_key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else _toml(name)


def _only(data: Mapping[str, Any], allowed: set[str], where: str = "") -> None:
    for key in data:
        if key not in allowed:
            raise bad_map("unknown", key=where + key, possible=", ".join(sorted(allowed)))


def _typed(data: Mapping[str, Any], key: str, wanted: type, where: str = "") -> Any:
    value = data.get(key)
    if value is not None and type(value) is not wanted:
        needed = {str: "text", int: "number", bool: "true/false"}[wanted]
        raise bad_map("type", key=where + key, needed=needed)
    return value


def _table(data: Mapping[str, Any], key: str, where: str = "") -> dict[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise bad_map("type", key=where + key, needed=f"[{where}{key}]")
    return value


def _constant(value: object, where: str) -> Cell:
    if isinstance(value, (str, int, float, bool, date, datetime, time)):
        return value
    raise bad_map("type", key=where, needed="text, number, date")


def _columns(table: Mapping[str, Any], where: str) -> dict[str, tuple[ColumnRef, ...]]:
    columns: dict[str, tuple[ColumnRef, ...]] = {}
    for name, value in table.items():
        parts = value if isinstance(value, list) else [value]
        if not parts:
            raise bad_map("type", key=f"{where}.{name}", needed='"column"')
        columns[name] = tuple(_ref(part, f"{where}.{name}") for part in parts)
    return columns


def _ref(value: object, where: str) -> ColumnRef:
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, dict) and list(value) == ["index"]:
        index = value["index"]
        if type(index) is int and index >= 1:
            return ByIndex(index)
    raise bad_map("type", key=where, needed='"column", ["column", "column"], { index = 1 }')


def _compared(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: _typed(table, name, str, "compare.") for name in table}


def _values(table: Mapping[str, Any]) -> dict[str, dict[str, Cell]]:
    values: dict[str, dict[str, Cell]] = {}
    for name in table:
        choices = _table(table, name, "values.")
        values[name] = {
            cell: _constant(value, f"values.{name}.{cell}") for cell, value in choices.items()
        }
    return values


def _lookup(name: str, value: object) -> Lookup:
    where = f"lookups.{name}."
    if not isinstance(value, dict):
        raise bad_map("type", key=f"lookups.{name}", needed=f"[lookups.{name}]")
    _only(value, _LOOKUP_KEYS, where)
    for key in ("file", "key", "match"):
        if not _typed(value, key, str, where):
            raise bad_map("missing", key=name, needed=key)
    return Lookup(
        name=name,
        file=value["file"],
        key=value["key"],
        match=value["match"],
        columns=_columns(_table(value, "columns", where), where + "columns"),
        sheet=_typed(value, "sheet", str, where),
        encoding=_typed(value, "encoding", str, where),
        delimiter=_typed(value, "delimiter", str, where),
    )


def _once(fields: list[str]) -> None:
    seen: set[str] = set()
    for name in fields:
        if name in seen:
            raise bad_map("twice", key=name)
        seen.add(name)

"""A file checked against itself: which of its rows are one company or one person (CUS-3). No database.

Companies are compared as the import compares them, any other rows column by column by what each
column holds. What the file is, the map says or the names of its columns.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal
from dossier.core.imports.cells import Cell, cell_text
from dossier.core.imports.columns import ColumnSpec, KindColumns
from dossier.core.imports.mapping import ImportMap, bad_map
from dossier.core.imports.pipeline import Reading, looks_like_total, read_records
from dossier.core.values import is_none_word, is_unknown_word, parse_phones
from dossier.customers.duplicate_words import reason_words, record_reason_words
from dossier.customers.imports import COLUMNS
from dossier.customers.imports.checking import region_index
from dossier.customers.imports.compared_columns import KINDS, PERSONAL, SPECS
from dossier.customers.rules import DuplicateRow, normalise_tax_number, possible_duplicates
from dossier.customers.rules.fields_alike import FieldKind
from dossier.customers.rules.grouping import grouped
from dossier.customers.rules.records import Column, RecordPair, compare_records

What = Literal["companies", "records"]
_PHONES = ("phone", "mobile", "contact_phone")
_COMPARED = frozenset(
    {"name", "tax_number", *_PHONES, "address", "registered_address", "region", "city", "email", "website", "contact",
     "code"}
)  # fmt: skip
_OF_COMPANY = {
    FieldKind.COMPANY: "name", FieldKind.ID: "tax_number", FieldKind.PHONE: "phone", FieldKind.ADDRESS: "address",
    FieldKind.EMAIL: "email", FieldKind.NAME: "contact", FieldKind.CODE: "code",
}  # fmt: skip
"""What a column compared by kind is to a company, in a file that has a column of company names."""


@dataclass(frozen=True)
class FoundPair:
    """Two rows of the file (numbers as the sheet shows them), how sure (0 to 1), why in words."""

    rows: tuple[int, int]
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class FoundGroup:
    """Rows that look like one; the codes beside them where a column holds codes."""

    rows: tuple[int, ...]
    codes: tuple[str | None, ...]
    names: tuple[str, ...]
    score: float
    pairs: tuple[FoundPair, ...]


@dataclass
class Checked:
    """What came of checking a file. ``columns`` are the fields compared: {field: column of the file}."""

    what: What
    rows: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    groups: list[FoundGroup] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The JSON of the command (docs/howto/duplicates-json.md)."""
        return {
            "compared": self.what,
            "rows": self.rows,
            "columns": self.columns,
            "groups": [
                {
                    "rows": list(group.rows),
                    "codes": list(group.codes),
                    "score": group.score,
                    "pairs": [
                        {"rows": list(p.rows), "score": p.score, "reasons": list(p.reasons)}
                        for p in group.pairs
                    ],
                }
                for group in self.groups
            ],
            "seconds": round(self.seconds, 3),
        }


def check_file(
    source: Path | bytes, name: str, mapping: ImportMap | None = None, *, sheet: str | None = None
) -> Checked:
    """Groups of rows of a file that look like one company or person.

    Refuses what cannot be read as `read_records` does, a map that means nothing here (``bad_map``),
    and a file no column of which is known (``no_columns``).
    """
    began = time.monotonic()
    reading, kinds = _opened(source, name, mapping, sheet)
    try:
        checked = _companies(reading, kinds) if _is_companies(kinds) else _records(reading, kinds)
    finally:
        reading.table.close()
    checked.columns = {
        one: reading.header.names[column]
        for one in kinds
        if (column := reading.column_of(one)) is not None
    }
    checked.seconds = time.monotonic() - began
    return checked


# What the file is -----------------------------------------------------------------------------------


def _opened(
    source: Path | bytes, name: str, mapping: ImportMap | None, sheet: str | None
) -> tuple[Reading, dict[str, FieldKind]]:
    """The file being read, and the fields to compare with what each holds; of companies only their name."""

    def opened(columns: KindColumns | Sequence[ColumnSpec]) -> Reading:
        return read_records(source, name, columns, mapping, sheet=sheet)

    if mapping is not None:
        return _opened_by_map(mapping, opened)
    reading = opened(SPECS)
    known = {one: KINDS[one] for one in reading.fields}
    companies = opened(COLUMNS)
    if "name" in companies.fields and not _are_persons(reading.fields, companies):
        reading.table.close()
        return companies, {one: FieldKind.TEXT for one in companies.fields if one in _COMPARED} | {
            "name": FieldKind.COMPANY
        }
    companies.table.close()
    if len(known) < 2:
        names = ", ".join(reading.header.names)[:300]
        reading.table.close()
        raise Refusal(
            "no_columns",
            _(
                "No column of this file is known as something to compare. Its columns: %(columns)s. Say in a map what they hold."
            ),
            params={"columns": names},
        )
    return reading, known


def _are_persons(fields: Sequence[str], companies: Reading) -> bool:
    """Whether the names in a file are persons': the column of names is one of persons, or there is none
    of companies beside those of persons."""
    persons = PERSONAL.intersection(fields)
    column = companies.column_of("name")
    heading = "" if column is None else companies.header.names[column].casefold()
    return bool(persons) and any(
        heading == name.casefold()
        for spec in SPECS
        if spec.field in persons
        for name in spec.synonyms
    )


def _opened_by_map(mapping: ImportMap, opened: Any) -> tuple[Reading, dict[str, FieldKind]]:
    fields = mapping.fields()
    unknown = next((one for one in mapping.compare if one not in fields), None)
    if unknown is not None:
        raise bad_map("unknown", key=f"compare.{unknown}", possible=", ".join(fields))
    for one, word in mapping.compare.items():
        if word not in list(FieldKind):
            raise bad_map("unknown", key=f"compare.{one} = {word}", possible=", ".join(FieldKind))
    ours = {spec.field for spec in COLUMNS.specs}
    if mapping.kind == "customers" or (
        mapping.kind is None
        and not mapping.compare
        and "name" in fields
        and ours.issuperset(fields)
    ):
        reading = opened(COLUMNS)
        kinds = {one: FieldKind.TEXT for one in reading.fields if one in _COMPARED}
        if "name" not in kinds:
            raise bad_map("missing", key="columns", needed="name")
        return reading, kinds | {"name": FieldKind.COMPANY}
    specs = [ColumnSpec(one, one, ()) for one in fields] or list(SPECS)
    reading = opened(specs)
    kinds = {one: _kind(mapping.compare, one) for one in reading.fields}
    return reading, kinds


def _kind(compare: Mapping[str, str], name: str) -> FieldKind:
    return FieldKind(compare[name]) if name in compare else KINDS.get(name, FieldKind.TEXT)


def _is_companies(kinds: Mapping[str, FieldKind]) -> bool:
    return FieldKind.COMPANY in kinds.values()


# Companies -------------------------------------------------------------------------------------------


def _companies(reading: Reading, kinds: Mapping[str, FieldKind]) -> Checked:
    checked = Checked("companies")
    by_map = "name" not in kinds or kinds["name"] is not FieldKind.COMPANY
    given: list[DuplicateRow] = []
    codes: dict[int | str, str] = {}
    for record in _records_of(reading):
        checked.rows += 1
        values = _as_company(record.values, kinds) if by_map else _texts(record.values, kinds)
        row = _company(record.row, values)
        if row.name or row.tax_number:
            given.append(row)
            codes[row.ref] = values.get("code", "")
    names = {row.ref: row.name for row in given}
    for group in possible_duplicates(given):
        checked.groups.append(
            FoundGroup(
                tuple(int(ref) for ref in group.refs),
                tuple(codes[ref] or None for ref in group.refs),
                tuple(names[ref] for ref in group.refs),
                round(group.score, 2),
                tuple(
                    FoundPair(
                        (int(pair.first), int(pair.second)),
                        round(pair.score, 2),
                        tuple(reason_words(pair.reasons)),
                    )
                    for pair in group.pairs
                ),
            )
        )
    return checked


def _texts(values: Mapping[str, Cell], kinds: Mapping[str, FieldKind]) -> dict[str, str]:
    return {one: _said(values.get(one, "")) for one in kinds}


def _as_company(values: Mapping[str, Cell], kinds: Mapping[str, FieldKind]) -> dict[str, str]:
    """Columns compared by kind, by what they are to a company; several of a kind together."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one, kind in kinds.items():
        said = _said(values.get(one, ""))
        if said and kind in _OF_COMPANY:
            found[_OF_COMPANY[kind]].append(said)
    return {
        name: (";" if name in ("phone", "email") else "").join(all_) for name, all_ in found.items()
    }


def _said(cell: Cell) -> str:
    text = cell_text(cell)
    return "" if is_none_word(text) or is_unknown_word(text) else text


def _company(number: int, values: Mapping[str, str]) -> DuplicateRow:
    get = values.get
    phones = [
        phone.digits
        for name in _PHONES
        for phone in parse_phones(get(name, ""))
        if len(phone.digits) >= 7
    ]
    address = get("address", "") or get("registered_address", "")
    region, city = get("region", ""), get("city", "")
    front = "".join(part for part in dict.fromkeys((region, city)) if part not in address)
    whole = front + address
    placed = region_index().parse_address(whole) if whole and not whole.isascii() else None
    return DuplicateRow(
        number,
        get("name", ""),
        normalise_tax_number(get("tax_number", "")),
        tuple(dict.fromkeys(phones)),
        placed.code if placed is not None else "",
        whole,
        tuple(get("email", "").replace(",", ";").split(";")),
        get("website", ""),
        get("contact", ""),
    )


# Any rows --------------------------------------------------------------------------------------------


def _records(reading: Reading, kinds: Mapping[str, FieldKind]) -> Checked:
    compared = {
        one: kind for one, kind in kinds.items() if kind is not FieldKind.TEXT or one != "code"
    }
    columns = [Column(_title(reading, one), kind) for one, kind in compared.items()]
    numbers: list[int] = []
    rows: list[list[str]] = []
    for record in _records_of(reading):
        numbers.append(record.row)
        rows.append([cell_text(record.values.get(one, "")) for one in compared])
    pairs = compare_records(columns, rows)
    checked = Checked("records", rows=len(rows))
    known = {(pair.first, pair.second): pair for pair in pairs}
    groups = grouped(
        ((pair.bits, pair.first, pair.second) for pair in pairs),
        lambda a, b: ((a, b) if a < b else (b, a)) in known,
    )
    inside = _inside(groups, known)
    bound = math.log2(max(len(rows), 2))
    for at, members in enumerate(groups):
        told = tuple(
            FoundPair(
                (numbers[pair.first], numbers[pair.second]),
                round(1 / (1 + 2.0 ** min(bound - pair.bits, 50)), 2),
                tuple(record_reason_words(pair.reasons)),
            )
            for pair in inside[at]
        )
        checked.groups.append(
            FoundGroup(
                tuple(numbers[one] for one in members),
                (None,) * len(members),
                tuple(" ".join(filter(None, rows[one][:3])) for one in members),
                min(pair.score for pair in told),
                told,
            )
        )
    return checked


def _title(reading: Reading, name: str) -> str:
    column = reading.column_of(name)
    return name if column is None else reading.header.names[column]


def _inside(
    groups: Sequence[Sequence[int]], known: Mapping[tuple[int, int], RecordPair]
) -> list[list[RecordPair]]:
    """The pairs of each group, in order."""
    of = {member: at for at, group in enumerate(groups) for member in group}
    found: list[list[RecordPair]] = [[] for _ in groups]
    for (first, second), pair in sorted(known.items()):
        at = of.get(first)
        if at is not None and at == of.get(second):
            found[at].append(pair)
    return found


def _records_of(reading: Reading) -> Any:
    """The rows without lines of sums."""
    return (record for record in reading.records() if not looks_like_total(record.raw))

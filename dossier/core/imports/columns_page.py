"""The page on which a person says what the columns of a file mean; what was said is remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.imports.cells import cell_text, column_letters
from dossier.core.imports.columns import (
    Vocabulary,
    is_problem_column,
    is_row_key,
    normalised,
    suggest_mapping,
)
from dossier.core.imports.mapping import ImportMap, dump_mapping, parse_map
from dossier.core.imports.messages import field_label
from dossier.core.imports.pipeline import read_records
from dossier.core.imports.registry import ImportKind, kind_of
from dossier.core.imports.store import change_run
from dossier.core.imports.uploads import given_of
from dossier.core.models import ImportRun, SavedMapping
from dossier.core.services import command

_SAMPLES = 3
_LOOKED_AT = 40


@dataclass
class Seen:
    """A file as the page shows it: its columns by place, what they are taken for and why."""

    kind: ImportKind
    names: list[str]
    samples: list[list[str]]
    targets: dict[int, str]
    how: dict[int, str]
    own: frozenset[int]
    sheet: str
    sheets: tuple[str, ...]
    header_row: int
    given: ImportMap | None


def look(run: ImportRun) -> Seen:
    """Open the file and find out what its columns are: said before, remembered, or recognised."""
    kind = kind_of(run.kind)
    options = run.options
    given = parse_map(options["given_map"]) if options.get("given_map") else None
    base = given_of(run, mapping=given or ImportMap(kind=kind.key, suggest=True))
    if given is None:
        base = replace(base, mapping=ImportMap(kind=kind.key, suggest=True))
    reading = read_records(
        base.source, base.name, kind.columns, base.mapping, base.limits, sheet=base.sheet
    )
    try:
        names = reading.header.names
        samples: list[list[str]] = [[] for _name in names]
        for record in islice(reading.records(), _LOOKED_AT):
            for at, cell in enumerate(record.raw[: len(names)]):
                shown = cell_text(cell)[:40]
                if shown and len(samples[at]) < _SAMPLES and shown not in samples[at]:
                    samples[at].append(shown)
        targets, how = dict(reading.columns), dict.fromkeys(reading.columns, "recognised")
        if given is None:
            targets, how = _remembered(run, kind, names) or _recognised(kind, names)
        own = frozenset(
            at for at, name in enumerate(names) if is_row_key(name) or is_problem_column(name)
        )
        return Seen(
            kind, names, samples, targets, how, own, reading.table.sheet, reading.table.sheets,
            reading.header.row_number, given,
        )  # fmt: skip
    finally:
        reading.table.close()


def _recognised(kind: ImportKind, names: list[str]) -> tuple[dict[int, str], dict[int, str]]:
    targets = suggest_mapping(names, kind.columns.specs, kind.columns.decoys)
    vocabulary = Vocabulary(kind.columns.specs, kind.columns.decoys)
    how = {}
    for at, field in targets.items():
        costs = [cost for cost, found in vocabulary.candidates(names[at]) if found == field]
        how[at] = "recognised" if costs and min(costs)[0] <= 1 else "guessed"
    return targets, how


def _remembered(
    run: ImportRun, kind: ImportKind, names: list[str]
) -> tuple[dict[int, str], dict[int, str]] | None:
    saved: dict[str, str] | None = run.options.get("columns")
    if saved is None:
        found = SavedMapping.objects.filter(kind=kind.key, header_key=header_key(names)).first()
        saved = found.mapping if found is not None else None
    if saved is None:
        return None
    known = {spec.field for spec in kind.columns.specs}
    targets = {at: saved[name] for at, name in enumerate(names) if saved.get(name) in known}
    return targets, dict.fromkeys(targets, "remembered")


def header_key(names: list[str]) -> str:
    """The digest by which a header is known again, whatever the order of its columns."""
    return hashlib.sha256(
        "\n".join(sorted(normalised(name) for name in names)).encode()
    ).hexdigest()


def choose_sheet(run: ImportRun, actor: Actor, sheet: str) -> None:
    """Read another sheet of the workbook."""
    if sheet not in look(run).sheets:
        raise Refusal("unknown_sheet", _("The workbook has no such sheet."), field="sheet")
    options = {key: value for key, value in run.options.items() if key not in ("columns", "map")}
    change_run(run, actor=actor, why="import_columns", options=options | {"sheet": sheet})


def save(run: ImportRun, actor: Actor, seen: Seen, posted: Mapping[str, Any]) -> None:
    """Take what the person chose; one column for each field."""
    known = {spec.field for spec in seen.kind.columns.specs}
    columns: dict[str, str] = {}
    chosen: dict[str, tuple[str, ...]] = {}
    for at, name in enumerate(seen.names):
        field = str(posted.get(f"column-{at}", ""))
        if not field or at in seen.own:
            continue
        if field not in known:
            raise Refusal(
                "unknown_field",
                _("This field does not exist. Choose one from the list."),
                field=f"column-{at}",
            )
        if field in chosen:
            raise Refusal(
                "twice", _("Two columns go to “%(field)s”. Leave one out."), field=f"column-{at}",
                params={"field": field_label(field)},
            )  # fmt: skip
        chosen[field] = (name,)
        columns[name] = field
    if not chosen:
        raise Refusal("no_columns", _("Say of at least one column what it means."))
    base = seen.given or ImportMap(kind=seen.kind.key)
    used = replace(
        base, kind=seen.kind.key, columns=chosen, suggest=False, header_row=seen.header_row
    )
    if seen.given is not None:
        elsewhere = {name for lookup in base.lookups for name in lookup.columns} | set(
            base.constants
        )
        used = replace(used, columns={f: refs for f, refs in chosen.items() if f not in elsewhere})
    options = run.options | {"columns": columns, "map": dump_mapping(used)}
    change_run(run, actor=actor, why="import_columns", options=options)
    if posted.get("remember"):
        _remember(actor, seen.kind.key, header_key(seen.names), columns)


def _remember(actor: Actor, kind: str, key: str, columns: dict[str, str]) -> None:
    try:
        with command(actor, why="import_mapping"):
            SavedMapping.objects.update_or_create(
                kind=kind, header_key=key, defaults={"mapping": columns}
            )
    except IntegrityError:
        return  # somebody remembered the same header at this moment; theirs will do


def context(seen: Seen, posted: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the page shows; after a mistake, what was chosen."""
    targets = seen.targets
    if posted is not None:
        targets = {at: str(posted.get(f"column-{at}", "")) for at in range(len(seen.names))}
    named = set(targets.values())
    missing = [
        field_label(group[0]) for group in seen.kind.needs if not named.intersection(group)
        and (seen.given is None or not set(seen.given.fields()).intersection(group))
    ]  # fmt: skip
    return {
        "map_columns": [
            {
                "name": name,
                "letter": column_letters(at),
                "samples": seen.samples[at],
                "field_name": f"column-{at}",
                "target": targets.get(at, ""),
                "how": seen.how.get(at, ""),
            }
            for at, name in enumerate(seen.names)
            if at not in seen.own
        ],
        "targets": [
            (seen.kind.label, [(s.field, field_label(s.field)) for s in seen.kind.columns.specs])
        ],
        "missing_targets": missing,
        "sheets": [(name, name) for name in seen.sheets],
        "sheet": seen.sheet,
    }

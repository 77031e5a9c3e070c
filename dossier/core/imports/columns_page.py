"""The page on which a person says what the columns of a file mean; what was said is remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db import IntegrityError
from django.utils.functional import Promise
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
from dossier.core.imports.mapping import ByIndex, ColumnRef, ImportMap, dump_mapping
from dossier.core.imports.messages import field_label
from dossier.core.imports.named_maps import keep_map
from dossier.core.imports.pipeline import read_records
from dossier.core.imports.registry import ImportKind, kind_of
from dossier.core.imports.uploads import change_waiting, given_of, map_of
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
    joined: Mapping[str, tuple[int, ...]]  # columns of each field as the map has them

    def fields_of(self, at: int, field: str) -> list[str]:
        """What a column chosen for ``field`` fills: all that the map makes of it, if it is one of these."""
        mapped = [name for name, places in self.joined.items() if at in places]
        return mapped if self.given is not None and field in mapped else [field]

    def elsewhere(self) -> dict[str, str]:
        """{field: where from} of what the map takes from other files and constants."""
        if self.given is None:
            return {}
        found = {name: str(value) for name, value in self.given.constants.items()}
        for lookup in self.given.lookups:
            for name, refs in lookup.columns.items():
                columns = " + ".join(f"#{r.index}" if isinstance(r, ByIndex) else r for r in refs)
                found[name] = f"{lookup.file}: {columns}"
        return found


def look(run: ImportRun) -> Seen:
    """Open the file and find out what its columns are: said before, remembered, or recognised."""
    kind = kind_of(run.kind)
    given = map_of(run)
    base = given_of(run, mapping=given or ImportMap(kind=kind.key, suggest=True))
    reading = read_records(
        base.source, base.name, kind.columns, base.mapping, base.limits, sheet=base.sheet,
        beside=base.beside,
    )  # fmt: skip
    try:
        names = reading.header.names
        samples: list[list[str]] = [[] for _name in names]
        for record in islice(reading.records(), _LOOKED_AT):
            for at, cell in enumerate(record.raw[: len(names)]):
                shown = cell_text(cell)[:40]
                if shown and len(samples[at]) < _SAMPLES and shown not in samples[at]:
                    samples[at].append(shown)
        if given is None:
            targets, how = _remembered(run, kind, names) or _recognised(kind, names)
        else:
            targets, how = _mapped(run, names, dict(reading.columns))
        own = frozenset(
            at for at, name in enumerate(names) if is_row_key(name) or is_problem_column(name)
        )
        return Seen(
            kind, names, samples, targets, how, own, reading.table.sheet, reading.table.sheets,
            reading.header.row_number, given, dict(reading.compiled.own),
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


def _mapped(
    run: ImportRun, names: list[str], columns: dict[int, str]
) -> tuple[dict[int, str], dict[int, str]]:
    """As the map has it, unless the person said otherwise for this file."""
    said = run.options.get("columns")
    if said is not None:
        columns = {at: said[name] for at, name in enumerate(names) if said.get(name)}
    return columns, dict.fromkeys(columns, "mapped")


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
    change_waiting(
        run, actor=actor, why="import_columns",
        options=lambda known: {
            key: value for key, value in known.items() if key not in ("columns", "map")
        } | {"sheet": sheet},
    )  # fmt: skip


def save(run: ImportRun, actor: Actor, seen: Seen, posted: Mapping[str, Any]) -> None:
    """Take what the person chose: one column for each field, or the columns the map joins in it."""
    columns, chosen = _chosen(seen, posted)
    base = seen.given or ImportMap(kind=seen.kind.key)
    used = replace(base, kind=seen.kind.key, columns=chosen, suggest=False)
    text = dump_mapping(replace(used, header_row=seen.header_row))
    name = " ".join(str(posted.get("save_as", "")).split())
    if name:
        keep_map(actor=actor, kind=seen.kind, name=name, text=dump_mapping(used))
    change_waiting(
        run, actor=actor, why="import_columns",
        options=lambda known: known | {"columns": columns, "map": text},
    )  # fmt: skip
    if posted.get("remember") and seen.given is None:  # a map is chosen, not known by the header
        _remember(actor, seen.kind.key, header_key(seen.names), columns)


def _chosen(
    seen: Seen, posted: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, tuple[ColumnRef, ...]]]:
    """({column: field}, {field: its columns}) of the form."""
    known = {spec.field for spec in seen.kind.columns.specs}
    elsewhere = seen.elsewhere()
    places: dict[str, list[int]] = {}
    own: dict[int, str] = {}
    for at in range(len(seen.names)):
        field = str(posted.get(f"column-{at}", ""))
        if not field or at in seen.own:
            continue
        if field not in known:
            raise Refusal(
                "unknown_field",
                _("This field does not exist. Choose one from the list."),
                field=f"column-{at}",
            )
        own[at] = field
        if field in elsewhere:
            raise Refusal(
                "twice",
                _("The map fills “%(field)s” already, from %(source)s. Leave the column out."),
                field=f"column-{at}",
                params={"field": field_label(field, seen.kind.key), "source": elsewhere[field]},
            )
        for each in seen.fields_of(at, field):
            places.setdefault(each, []).append(at)
            if len(places[each]) > 1 and not set(places[each]) <= set(seen.joined.get(each, ())):
                raise Refusal(
                    "twice",
                    _("Two columns go to “%(field)s”. Leave one out."),
                    field=f"column-{at}",
                    params={"field": field_label(each, seen.kind.key)},
                )
    if not places:
        raise Refusal("no_columns", _("Say of at least one column what it means."))
    chosen: dict[str, tuple[ColumnRef, ...]] = {}
    for field, found in places.items():
        order = seen.joined.get(field, ())
        if len(found) > 1:
            found.sort(key=order.index)
        chosen[field] = tuple(seen.names[at] for at in found)
    return {seen.names[at]: field for at, field in own.items()}, chosen


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
    named, kept = set(targets.values()), seen.kind.columns.kept
    missing = [
        field_label(group[0], seen.kind.key) for group in seen.kind.needs if not named.intersection(group)
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
                "kept": targets.get(at, "") in kept,
                "also": [
                    field_label(name, seen.kind.key)
                    for name in seen.fields_of(at, targets.get(at, ""))
                    if name != targets.get(at, "")
                ],
            }
            for at, name in enumerate(seen.names)
            if at not in seen.own
        ],
        "targets": _targets(seen.kind),
        "elsewhere": [
            (field_label(name, seen.kind.key), source) for name, source in seen.elsewhere().items()
        ],
        "missing_targets": missing,
        "sheets": [(name, name) for name in seen.sheets],
        "sheet": seen.sheet,
    }


def _targets(kind: ImportKind) -> list[tuple[str | Promise, list[tuple[str, str]]]]:
    """The fields to choose from; apart from them those no record has a place for."""
    kept = kind.columns.kept
    fields = [(spec.field, str(spec.label)) for spec in kind.columns.specs]
    aside = [one for one in fields if one[0] in kept]
    groups: list[tuple[str | Promise, list[tuple[str, str]]]] = [
        (kind.label, [one for one in fields if one[0] not in kept])
    ]
    return [*groups, (_("Kept with the row, not on the file"), aside)] if aside else groups

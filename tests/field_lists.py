"""What holds for every department's field list and the sheets it is brought in from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.utils import translation

from dossier.core.fields import FieldSpec, Kind, Surface
from dossier.core.imports.columns import suggest_mapping
from dossier.core.imports.registry import kind_of

Lists = Sequence[tuple[type[Model], Iterable[FieldSpec]]]


def importable(lists: Lists) -> dict[str, FieldSpec]:
    """The entries with a column in a sheet, by the word an import knows them by."""
    found = [spec for _model, specs in lists for spec in specs if spec.on(Surface.IMPORT)]
    assert len({spec.sheet_key for spec in found}) == len(found)
    return {spec.sheet_key: spec for spec in found}


def check_sheets(kind: str, lists: Lists, sheet_only: Iterable[FieldSpec]) -> None:
    """Who is brought in has names, who is not has none; the kind's columns are these and no others."""
    known = importable(lists)
    for _model, specs in lists:
        for spec in specs:
            assert bool(spec.sheet) == spec.on(Surface.IMPORT), spec.name
            assert not spec.kept, spec.name
    only = {spec.sheet_key for spec in sheet_only}
    assert not only & known.keys()
    assert {spec.field for spec in kind_of(kind).columns.specs} == known.keys() | only


def check_titles(kind: str, lists: Lists) -> None:
    """A title written on an export is known by the import as the same field, alone and among all."""
    columns = kind_of(kind).columns
    for language in ("zh-hans", "en"):
        with translation.override(language):
            titles = {
                spec.sheet_key: spec.sheet_title(model)
                for model, specs in lists
                for spec in specs
                if spec.on(Surface.EXPORT) and spec.on(Surface.IMPORT)
            }
        assert len(set(titles.values())) == len(titles)
        for key, title in titles.items():
            assert suggest_mapping([title], columns.specs, columns.decoys) == {0: key}, title
        found = suggest_mapping(list(titles.values()), columns.specs, columns.decoys)
        assert list(found.values()) == list(titles)


def check_words(lists: Lists) -> None:
    """A choice is understood by its value and by its label in both languages."""
    from dossier.core.values import parse_choice

    for key, spec in importable(lists).items():
        if spec.kind is not Kind.CHOICE:
            continue
        assert spec.words is not None, key
        model = next(one for one, specs in lists if spec in tuple(specs))
        choices: Any = model._meta.get_field(spec.name).choices  # type: ignore[union-attr] # a real field
        for value, label in choices:
            said = [value]
            for language in ("zh-hans", "en"):
                with translation.override(language):
                    said.append(str(label))
            for word in said:
                assert parse_choice(word, spec.words) == value, (key, word)


def first_names(lists: Lists, cells: Mapping[str, object]) -> tuple[list[str], list[object]]:
    """A header of the most trusted names and a row of these cells; every entry must have a cell."""
    known = importable(lists)
    assert known.keys() == cells.keys()
    return [spec.sheet[0] for spec in known.values()], [cells[key] for key in known]

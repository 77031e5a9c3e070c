"""Recognises what the columns of a sheet mean by the names people give them.

The mechanism alone: each kind of import brings its own list, made by `columns_of` from the field
lists of its department. What is not recognised stays an extra column and travels with its row;
nothing typed is thrown away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils.functional import Promise
from rapidfuzz import fuzz, process

from dossier.core.fields import FieldSpec, Kind, Surface, sheet_names, title_later

from .cells import Cell, cell_text

#: Columns the program itself adds to an annotated copy, recognised when the copy is brought in again.
ROW_KEY_TITLE = "行标识 / Row key"
PROBLEMS_TITLE = "问题 / Problems"
ROW_KEY_NAMES = frozenset({"行标识rowkey", "行标识", "rowkey"})
PROBLEM_NAMES = frozenset({"问题problems"})

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>")
_FUZZY_FROM = 90.0
_FUZZY_SHORTEST = 5


@dataclass(frozen=True)
class ColumnSpec:
    """A field an import can fill: its stable name, its label, and the names sheets give it.

    Synonyms are in order of trust: where two columns claim the field, the earlier synonym wins. A
    ``kept`` column is recognised and stays with its row; no record has a place for it. ``choices`` are
    the values it can have, as people read them. ``covered`` values are masked from some readers (ORG-4).
    """

    field: str
    label: str | Promise
    synonyms: tuple[str, ...]
    kept: bool = False
    choices: tuple[str | Promise, ...] = ()
    covered: bool = False


@dataclass(frozen=True)
class KindColumns:
    """All columns known for one kind of import.

    ``decoys`` are names that look like a field and are not (折扣金额 is not 金额): they stay extra.
    """

    kind: str
    specs: tuple[ColumnSpec, ...]
    decoys: frozenset[str] = field(default_factory=frozenset)

    @property
    def kept(self) -> frozenset[str]:
        """Fields that are recognised and kept with their row alone."""
        return frozenset(spec.field for spec in self.specs if spec.kept)

    def label_of(self, name: str) -> str:
        """What a field is called in the language active now; empty for an unknown one."""
        return next((str(spec.label) for spec in self.specs if spec.field == name), "")

    def choices_of(self, name: str) -> list[str]:
        """The values a field can have, in the language active now; none where it is not a choice."""
        return [str(one) for spec in self.specs if spec.field == name for one in spec.choices]


def columns_of(model: type[models.Model], specs: Iterable[FieldSpec]) -> tuple[ColumnSpec, ...]:
    """The columns of the entries of a field list that sheets can fill."""
    return tuple(
        ColumnSpec(
            spec.sheet_key,
            title_later(spec, model),
            spec.sheet,
            spec.kept,
            _choices(spec, model),
            spec.mask is not None,
        )
        for spec in specs
        if spec.on(Surface.IMPORT)
    )


def _choices(spec: FieldSpec, model: type[models.Model]) -> tuple[str | Promise, ...]:
    if spec.kind is not Kind.CHOICE:
        return ()
    column: Any = model._meta.get_field(spec.name)
    return tuple(label for _value, label in column.choices)


def kind_columns(kind: str, *parts: Iterable[ColumnSpec], decoys: str = "") -> KindColumns:
    """The columns of a kind: those of a record, of its parts, of sheets alone."""
    specs = tuple(spec for part in parts for spec in part)
    return KindColumns(kind, specs, frozenset(sheet_names(decoys)))


@lru_cache(maxsize=8192)
def normalised(name: str) -> str:
    """A column name for comparing: one width, lower case, letters and digits only.

    ``客户编号 *``, ``Customer ID`` and ``customer_id`` lose what does not tell them apart.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in text if char.isalnum())


@lru_cache(maxsize=8192)
def without_brackets(name: str) -> str:
    """As `normalised`, without remarks in brackets: ``金额（元）`` is ``金额``."""
    text = unicodedata.normalize("NFKC", name)
    return normalised(_BRACKETED.sub("", text))


def is_row_key(name: str) -> bool:
    """Whether the column is the row key of an annotated copy."""
    return normalised(name) in ROW_KEY_NAMES


def is_problem_column(name: str) -> bool:
    """Whether the column is the list of problems of an annotated copy (ignored on reading)."""
    return normalised(name) in PROBLEM_NAMES


class Vocabulary:
    """The names of one set of specs, indexed. Build once per file; cheap to ask."""

    def __init__(self, specs: Sequence[ColumnSpec], decoys: Collection[str] = ()) -> None:
        self.exact: dict[str, list[tuple[int, str]]] = {}
        for spec in specs:
            ranks: dict[str, int] = {}
            # a department's own field name is understood, after the names people use
            for rank, name in enumerate((*spec.synonyms, spec.field)):
                key = normalised(name)
                if key:
                    ranks.setdefault(key, rank)
            for key, rank in ranks.items():
                self.exact.setdefault(key, []).append((rank, spec.field))
        self.decoys = {normalised(name) for name in decoys}
        self._long = [key for key in self.exact if len(key) >= _FUZZY_SHORTEST]

    def candidates(self, name: str) -> list[tuple[tuple[int, float], str]]:
        """Fields the name may mean, each with a cost (stage, rank within it); smaller is surer.

        Stages: 0 the name itself, 1 without brackets, 2 ending in a synonym that makes up at least
        half of it, 3 nearly equal (rapidfuzz ratio of 90 or more).
        """
        whole, bare = normalised(name), without_brackets(name)
        if not whole or whole in self.decoys or bare in self.decoys:
            return []
        for stage, key in enumerate((whole, bare)):
            if key in self.exact:
                return [((stage, float(rank)), target) for rank, target in self.exact[key]]
        costs = {
            key: (3, 100.0 - ratio)
            for key, ratio, _place in process.extract_iter(
                bare, self._long, scorer=fuzz.ratio, score_cutoff=_FUZZY_FROM
            )
        }
        for start in range(len(bare) // 2 + 1):  # the endings that make up half of it, looked up
            key = bare[start:]
            if key in self.exact and _is_head(key):
                costs[key] = (2, 1.0 - len(key) / len(bare))
        return [(cost, target) for key, cost in costs.items() for _rank, target in self.exact[key]]


def _is_head(synonym: str) -> bool:
    """Chinese and English compounds both end in their head: 公司客户名称 is a 客户名称."""
    return len(synonym) >= (4 if synonym.isascii() else 2)


def suggest_mapping(
    names: Sequence[str], specs: Sequence[ColumnSpec], decoys: Collection[str] = ()
) -> dict[int, str]:
    """{0-based column index: field} for the names recognised; at most one column per field.

    The surest claim wins, then the earlier synonym, then the earlier column. Columns not in the
    result are extra. Row keys and problem columns of annotated copies are never mapped.
    """
    vocabulary = Vocabulary(specs, decoys)
    claims: list[tuple[tuple[int, float], int, str]] = []
    for index, name in enumerate(names):
        if is_row_key(name) or is_problem_column(name):
            continue
        claims.extend((cost, index, target) for cost, target in vocabulary.candidates(name))
    mapping: dict[int, str] = {}
    taken: set[str] = set()
    for _cost, index, target in sorted(claims):
        if index not in mapping and target not in taken:
            mapping[index] = target
            taken.add(target)
    return dict(sorted(mapping.items()))


def distinct_names(cells: Sequence[Cell], fallback: Mapping[int, str]) -> list[str]:
    """Column names for people and maps: one line each, none empty, none twice.

    An empty name becomes the letters of its column (``fallback``); the second 电话 becomes 电话 (2).
    """
    names: list[str] = []
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        stem = " ".join(cell_text(cell).split()) or fallback[index]
        name, count = stem, 1
        while name in seen:
            count += 1
            name = f"{stem} ({count})"
        seen.add(name)
        names.append(name)
    return names

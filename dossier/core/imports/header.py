"""Finds the row that names the columns, below titles, dates of printing and merged group heads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal

from .cells import Cell, cell_text, column_letters, is_blank
from .columns import ColumnSpec, Vocabulary, distinct_names

SEARCHED_ROWS = 30
_POINTS = {0: 4.0, 1: 4.0, 2: 2.0, 3: 2.0}


@dataclass(frozen=True)
class Header:
    """The header row: its number in the sheet, a distinct name per column, and its cells as written."""

    row_number: int
    names: list[str]
    cells: list[Cell]

    @property
    def width(self) -> int:
        """How many columns the header names."""
        return len(self.names)


def find_header(
    rows: Sequence[tuple[int, list[Cell]]],
    specs: Sequence[ColumnSpec],
    extra_names: Collection[str] = (),
) -> Header:
    """The best header among the first rows of a table (`SEARCHED_ROWS` are looked at).

    A cell that is a known name of a field counts most; ``extra_names`` (columns a map names) count
    the same. Where nothing is recognised the first row of texts that is as wide as the table is
    taken, so that a person can say what its columns mean. Refuses with ``no_header``.
    """
    vocabulary = Vocabulary(specs)
    known = set(extra_names)
    searched = rows[:SEARCHED_ROWS]
    best, best_score = None, 0.0
    for number, cells in searched:
        score = _score(cells, vocabulary, known)
        if score > best_score:
            best, best_score = (number, cells), score
    if best is None or best_score < 4.0:
        best = _first_of_texts(searched) or best
    if best is None:
        raise Refusal(
            "no_header",
            _(
                "No row among the first %(count)s names the columns. Add a row with their names above the data."
            ),
            params={"count": SEARCHED_ROWS},
        )
    return header_at(*best)


def header_at(number: int, cells: Sequence[Cell]) -> Header:
    """The header made of a given row; trailing empty cells name nothing and are left off."""
    kept = list(cells)
    while kept and is_blank(kept[-1]):
        kept.pop()
    letters = {index: column_letters(index) for index in range(len(kept))}
    return Header(number, distinct_names(kept, letters), kept)


def _score(cells: Sequence[Cell], vocabulary: Vocabulary, known: Collection[str]) -> float:
    score = 0.0
    fields: set[str] = set()
    for cell in cells:
        if not isinstance(cell, str) or is_blank(cell) or len(cell) > 60:
            continue
        name = cell_text(cell)
        if name in known:
            score += 4.0
            continue
        claims = sorted(vocabulary.candidates(name))
        if claims and claims[0][1] not in fields:
            fields.add(claims[0][1])
            score += _POINTS[claims[0][0][0]]
    return score


def _first_of_texts(rows: Sequence[tuple[int, list[Cell]]]) -> tuple[int, list[Cell]] | None:
    """The first row of distinct texts about as wide as the table; None where numbers stand in all."""
    width = max((sum(not is_blank(cell) for cell in cells) for _number, cells in rows), default=0)
    for number, cells in rows:
        written = [cell for cell in cells if not is_blank(cell)]
        texts = {cell for cell in written if isinstance(cell, str) and not _is_number(cell)}
        if written and len(texts) == len(written) and 2 * len(written) > width:
            return number, cells
    return None


def _is_number(text: str) -> bool:
    bare = text.strip().replace(",", "").replace(".", "").lstrip("+-￥¥$")
    return bare.isdigit()

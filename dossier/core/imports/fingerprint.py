"""Knows a row again: sixteen bytes of what is written in it, and a number among equal rows.

The same file brought in twice must change nothing, also where codes are blank or repeated and two
equal lines of one order are two lines (AUD-4). A row is known by (fingerprint, ordinal).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from .cells import Cell, cell_text

_BETWEEN = "\x1e"
_EQUALS = "\x1f"


def fingerprint(values: Mapping[str, Cell]) -> bytes:
    """16 bytes of the cells by field: the same whatever the order of columns and the kind of file.

    Cells are compared as read: trimmed, widths unified (NFKC), whole floats as integers, dates in
    ISO form. An empty cell is as good as no column. ``840`` as text and 840.0 are the same,
    ``0840`` and ``2019.01.27`` against a real date are not: values are not interpreted here.
    """
    parts = [name + _EQUALS + text for name in sorted(values) if (text := cell_text(values[name]))]
    return _digest(parts)


class Fingerprinter:
    """`fingerprint` for rows of one sheet, about three times as fast: the order is settled once.

    ``columns`` are (name of field or extra column, 0-based index); names are distinct. Its results
    equal `fingerprint` of the same names and cells.
    """

    def __init__(self, columns: Iterable[tuple[str, int]]) -> None:
        ordered = sorted(columns)
        self._prefixes = [name + _EQUALS for name, _index in ordered]
        self._indices = [index for _name, index in ordered]
        self._pairs = list(zip(self._prefixes, self._indices, strict=True))

    def of(self, row: Sequence[Cell]) -> bytes:
        """The fingerprint of a row that is at least as wide as the header."""
        try:
            parts = [prefix + text for prefix, index in self._pairs if (text := row[index].strip())]  # type: ignore[union-attr] # most cells are text
        except AttributeError:  # a number or date among the cells
            parts = [
                prefix + text for prefix, index in self._pairs if (text := cell_text(row[index]))
            ]
        return _digest(parts)


def _digest(parts: list[str]) -> bytes:
    text = _BETWEEN.join(parts)
    if text.count(_EQUALS) != len(parts) or (parts and text.count(_BETWEEN) != len(parts) - 1):
        # a cell holds a separator itself: tell the parts apart by their lengths
        text = _BETWEEN.join([f"{len(part)}{_EQUALS}{_EQUALS}{part}" for part in parts])
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Ordinals:
    """Counts equal fingerprints in one file: the first is 1, the next equal row 2, and so on."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def of(self, mark: bytes) -> int:
        """The running ordinal of this fingerprint, from 1."""
        count = self._seen.get(mark, 0) + 1
        self._seen[mark] = count
        return count

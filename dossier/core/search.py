"""Finding records by any fragment: what is kept with a row, and the condition a search makes of it.

A searchable row keeps two derived columns. ``search_text`` holds its texts bare (half-width, lower case,
letters and digits only), parted by blanks; ``search_terms`` holds numbers that stand for the short pieces
(`terms_of`) under which the row is found by a GIN index:

* of a text: each Chinese character, each two neighbouring characters, each three neighbouring digits;
* of a sound: two, four and six letters from the beginning of each syllable (`tianjin` finds 天津, `ianj`
  finds nothing).

A fragment is found where the row has its terms and its text holds the fragment: the terms make it fast,
the text makes it exact. Why this and nothing else: docs/decisions/0006-search-by-short-pieces.md.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

MOST_FRAGMENTS: Final = 8
_SOUND: Final = "'"  # no letter or digit, so no piece of a text begins with it
_SOUND_LENGTHS: Final = (6, 4, 2)
_SIGN: Final = 2**31


class Searchable(NamedTuple):
    """The two columns of a row."""

    text: str
    terms: list[int]


def bare(text: str) -> str:
    """The form in which texts are compared: half-width, lower case, letters and digits only."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return folded if folded.isalnum() else "".join(c for c in folded if c.isalnum())


def searchable(texts: Iterable[str], sounds: Iterable[Sequence[str]] = ()) -> Searchable:
    """What is kept of a row's texts (names, codes, numbers) and sounds (syllables in order)."""
    pieces = list(dict.fromkeys(piece for piece in map(bare, texts) if piece))
    found: set[str] = set()
    for piece in pieces:
        found.update(_grams(piece))
    for syllables in sounds:
        whole = "".join(syllables)
        at = 0
        for syllable in syllables:
            found.update(_starts(whole[at : at + 6]))
            at += len(syllable)
        pieces.append(whole)
    return Searchable(" ".join(dict.fromkeys(pieces)), sorted(map(_number, found)))


def _grams(text: str) -> Iterator[str]:
    """The short pieces of a bare text; those of a part of it are among them."""
    last = len(text) - 1
    for at, char in enumerate(text):
        if not char.isascii():
            yield char
        if at < last:
            pair = text[at : at + 2]
            if not _digits(pair):
                yield pair
            elif _digits(three := text[at : at + 3]) and len(three) == 3:
                yield three


def _starts(sound: str) -> Iterator[str]:
    for length in _SOUND_LENGTHS:
        if len(sound) >= length:
            yield _SOUND + sound[:length]


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _number(term: str) -> int:
    """A term as the 32-bit number that is kept; two that fall together are told apart by the text."""
    made = zlib.crc32(term.encode())
    return made - 2 * _SIGN if made >= _SIGN else made


# -- searching ------------------------------------------------------------------------------------------


class Fragment(NamedTuple):
    """One piece of what was typed: its terms as text, and as the beginning of a sound (or none)."""

    text: str
    terms: tuple[int, ...]
    sound: tuple[int, ...]


def fragments(typed: str) -> list[Fragment]:
    """The pieces between blanks, bare: '格致 022-8123' → 格致 and 0228123."""
    pieces = dict.fromkeys(piece for piece in map(bare, typed.split()) if piece)
    return [_fragment(piece) for piece in list(pieces)[:MOST_FRAGMENTS]]


def _fragment(piece: str) -> Fragment:
    terms = tuple(sorted(_number(term) for term in set(_grams(piece))))
    sound: tuple[int, ...] = ()
    if piece.isascii() and piece.isalnum() and not piece.isdigit():
        sound = tuple(_number(start) for start in list(_starts(piece))[:1])
    return Fragment(piece, terms, sound)


def narrowed(rows: QuerySet[Any], typed: str) -> QuerySet[Any]:
    """Rows that hold every fragment typed; all rows where nothing was, none where only signs were."""
    if not typed.strip():
        return rows
    pieces = fragments(typed)
    return rows.filter(condition(pieces)) if pieces else rows.none()


def condition(pieces: Iterable[Fragment], *, terms: str = "search_terms", text: str = "search_text") -> Q:
    """Rows that hold every fragment in any order; no condition where there is none.

    One letter, and one or two digits, have no terms: they narrow by the text alone, which finds enough
    within a few hundred rows, because nearly every row holds them.
    """
    found = Q()
    plain: set[int] = set()
    for piece in pieces:
        if piece.sound:
            sounds = Q(**{f"{terms}__contains": list(piece.sound)})
            found &= Q(**{f"{terms}__contains": list(piece.terms)}) | sounds
        else:
            plain.update(piece.terms)
        # not LIKE: the planner would multiply its guess with that of the terms and think nothing is left
        found &= Q(GreaterThan(StrIndex(F(text), Value(piece.text)), 0))
    if plain:
        found = Q(**{f"{terms}__contains": sorted(plain)}) & found
    return found

"""Finding records by any fragment: what is kept with a row, and the condition a search makes of it.

A searchable row keeps two derived columns. ``search_text`` holds its texts bare (half-width, lower case,
letters and digits only), parted by blanks; ``search_terms`` holds numbers that stand for the short pieces
(`terms_of`) under which the row is found by a GIN index:

* of a text: each Chinese character, each two neighbouring characters, each three neighbouring digits;
* of a sound: two, four and six letters from the beginning of each syllable (`tianjin` finds 天津, `ianj`
  finds nothing).

A fragment is found where the row has its terms and its text holds the fragment: the terms make it fast,
the text makes it exact. Why this and nothing else: docs/decisions/0007-search-by-short-pieces.md.
"""

from __future__ import annotations

import re
import time
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from functools import reduce
from itertools import chain, pairwise
from operator import and_
from typing import Any, Final, NamedTuple, TypeVar

import psycopg
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

MOST_FRAGMENTS: Final = 8
PENDING_KB: Final = 16_384
"""What an index of terms may hold unsorted (fastupdate). Sorting in a few large steps instead of many small
ones saves an import a quarter of PostgreSQL's work; readers look through it, so a job sorts it each minute
(`sort_pending`)."""
_SOUND: Final = "'"  # no letter or digit, so no piece of a text begins with it
_SOUND_LENGTHS: Final = (6, 4, 2)
_LATIN: Final = re.compile(r"[a-z0-9]")
_SIGN: Final = 2**31
_MOST_LEARNT: Final = 200_000  # some 25 MB

T = TypeVar("T")


class Searchable(NamedTuple):
    """The two columns of a row."""

    text: str
    terms: list[int]


def bare(text: str) -> str:
    """The form in which texts are compared: half-width, lower case, letters and digits only."""
    folded = (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower()
    return folded if folded.isalnum() else "".join(c for c in folded if c.isalnum())


class SearchableLine(NamedTuple):
    """The two columns of a row as COPY reads them."""

    text: str
    terms: str


def searchable(texts: Iterable[str], sounds: Iterable[Sequence[str]] = ()) -> Searchable:
    """What is kept of a row's texts (names, codes, numbers) and sounds (syllables in order).

    A text that is part of one before it, as most short names are, adds nothing: what finds it finds the
    longer one, in the text and by the terms.
    """
    text, terms = _kept(texts, sounds)
    return Searchable(text, [int(term) for term in terms])


def searchable_line(texts: Iterable[str], sounds: Iterable[Sequence[str]] = ()) -> SearchableLine:
    """`searchable` for an import: the terms are written out already, which takes a tenth of writing out a
    list of numbers (80 terms: 2 in place of 20 µs)."""
    text, terms = _kept(texts, sounds)
    return SearchableLine(text, "{" + ",".join(terms) + "}")


def _kept(texts: Iterable[str], sounds: Iterable[Sequence[str]]) -> tuple[str, Iterable[str]]:
    """The text, and the terms in decimal digits, each once."""
    pieces: list[str] = []
    found: list[str] = []
    for piece in map(bare, texts):
        if piece and not any(piece in other for other in pieces):
            pieces.append(piece)
            found.extend(map(_NUMBERS.__getitem__, _grams(piece)))
    for syllables in sounds:
        whole = "".join(syllables)
        at = 0
        for syllable in syllables:
            found += _STARTS[whole[at : at + 6]]
            at += len(syllable)
        if whole and not any(whole in other for other in pieces):
            pieces.append(whole)
    return " ".join(pieces), dict.fromkeys(found)


def _grams(text: str) -> Iterable[str]:
    """The short pieces of a bare text; those of a part of it are among them."""
    if text.isascii():
        if text.isdigit():
            return map("".join, zip(text, text[1:], text[2:], strict=False))
        return map("".join, pairwise(text)) if text.isalpha() else _mixed(text)
    return _mixed(text) if _LATIN.search(text) else chain(text, map("".join, pairwise(text)))


def _mixed(text: str) -> Iterator[str]:
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


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


class _Learnt(dict[str, T]):
    """What was worked out for a text, kept for the next time; many at once, but not without end."""

    def __init__(self, work: Callable[[str], T]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, text: str) -> T:
        if len(self) >= _MOST_LEARNT:
            self.clear()
        made = self[text] = self._work(text)
        return made


def _number(term: str) -> int:
    """A term as the 32-bit number that is kept; two that fall together are told apart by the text."""
    made = zlib.crc32(term.encode())
    return made - 2 * _SIGN if made >= _SIGN else made


def _digits_of(term: str) -> str:
    """The number of a term in decimal digits."""
    return str(_number(term))


_NUMBERS: Final = _Learnt(_digits_of)


def _starts(sound: str) -> tuple[str, ...]:
    """The terms of a sound that begins here in decimal digits, the longest first."""
    return tuple(_digits_of(_SOUND + sound[:n]) for n in _SOUND_LENGTHS if len(sound) >= n)


_STARTS: Final = _Learnt(_starts)


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
    grams = set(_grams(piece))
    if len(piece) > 1:  # what two neighbours have in common, each of them has
        grams = {gram for gram in grams if len(gram) > 1}
    terms = tuple(sorted(map(_number, grams)))
    sound: tuple[int, ...] = ()
    if piece.isascii() and piece.isalnum() and not piece.isdigit():
        sound = tuple(map(int, _STARTS[piece[:6]][:1]))
    return Fragment(piece, terms, sound)


class AnyOf(Func):
    """``value = ANY (array)``: a check of a row, which no GIN index serves."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def condition(pieces: Iterable[Fragment], *, indexed: bool = True) -> Q:
    """Rows that hold every fragment in any order; no condition where there is none.

    ``indexed=False`` says the same in a way that the index of terms does not serve, for searches that
    read rows in their order. One letter, and one or two digits, have no terms and narrow by the text
    alone, which finds enough within a few rows, because nearly every row holds them.
    """
    found = Q()
    plain: set[int] = set()
    for piece in pieces:
        if piece.sound:
            found &= _has(piece.terms, indexed=indexed) | _has(piece.sound, indexed=indexed)
        elif indexed:
            plain.update(piece.terms)
        # not LIKE: the planner would multiply its guess with that of the terms and think nothing is left
        found &= Q(GreaterThan(StrIndex(F("search_text"), Value(piece.text)), 0))
    return _has(sorted(plain), indexed=True) & found if plain else found


def _has(terms: Iterable[int], *, indexed: bool) -> Q:
    if indexed:
        return Q(search_terms__contains=list(terms))
    checks = (Q(AnyOf(Value(term), F("search_terms"))) for term in terms)
    return reduce(and_, checks)


def narrowed(rows: QuerySet[Any], typed: str, among: QuerySet[Any] | None = None) -> QuerySet[Any]:
    """Rows that hold every fragment typed; all rows where nothing was, none where only signs were.

    ``among`` are the rows the reader may see, plainly, where ``rows`` carry joins and filters.
    """
    if not typed.strip():
        return rows
    pieces = fragments(typed)
    if not pieces:
        return rows.none()
    spread = spread_of(rows.model, pieces)
    if spread is Spread.EVERYWHERE:
        return rows.filter(condition(pieces, indexed=False))
    if spread is Spread.EVEN:
        return rows.filter(condition(pieces))
    found = (rows if among is None else among).order_by().filter(condition(pieces))
    return rows.filter(one_of(found))


def one_of(found: QuerySet[Any]) -> Q:
    """Rows that are among those found, which are looked up first.

    Left to itself the planner would rather read all rows in the order of the list until enough match:
    right for a piece that is everywhere, but all names of a city stand together in that order.
    """
    return Q(AnyOf(F("pk"), ArraySubquery(found.values("pk"))))


# -- how frequent a fragment is ---------------------------------------------------------------------------

_EVERYWHERE: Final = 0.1  # of the first rows in order
_OFTEN: Final = 0.01
_NOW_AND_THEN: Final = 0.002  # of all rows
_SAMPLE: Final = 2000  # rows at the beginning of the order
_GOOD_FOR: Final = 600.0  # seconds


class Spread(Enum):
    """How the rows of a search lie in the order of names; the way of searching hangs on it, no result."""

    EVERYWHERE = "a good part of the first rows: reading them in order soon finds a page"
    EVEN = "some of the first rows: the planner weighs index and order rightly"
    UNEVEN = "not few, but not among the first rows, as those of one city"
    RARE = "the index finds them all at once"


class _Statistics(NamedTuple):
    """The share of all rows that hold a frequent term, and which of the first rows in order hold it.

    These are bits of one number, a row a bit, so that counting the rows that hold several terms takes
    microseconds instead of milliseconds. ``every`` has the bits of all first rows.
    """

    shares: dict[int, float]
    first: dict[int, int]
    every: int


_looked_up: dict[str, tuple[float, _Statistics]] = {}


def spread_of(model: type[models.Model], pieces: Sequence[Fragment]) -> Spread:
    """How the rows that hold all fragments lie, by the database's statistics and the first rows in order."""
    known = _statistics(model._meta.db_table)
    if min((_share(known, piece) for piece in pieces), default=0.0) <= _NOW_AND_THEN:
        return Spread.RARE
    holding = reduce(and_, (_holding(known, piece) for piece in pieces)).bit_count()
    looked_at = known.every.bit_count()
    if holding > _EVERYWHERE * looked_at:
        return Spread.EVERYWHERE
    return Spread.EVEN if holding > _OFTEN * looked_at else Spread.UNEVEN


def _share(known: _Statistics, piece: Fragment) -> float:
    if not piece.terms:
        return 1.0
    by_text = min(known.shares.get(term, 0.0) for term in piece.terms)
    return max(by_text, *(known.shares.get(term, 0.0) for term in piece.sound), 0.0)


def _holding(known: _Statistics, piece: Fragment) -> int:
    """The first rows that hold a fragment, as bits."""
    by_text = _all_of(known, piece.terms)
    return by_text | _all_of(known, piece.sound) if piece.sound else by_text


def _all_of(known: _Statistics, terms: Iterable[int]) -> int:
    return reduce(and_, (known.first.get(term, 0) for term in terms), known.every)


def _statistics(table: str) -> _Statistics:
    """Looked up every ten minutes by each process: what ANALYZE found, and the first rows as they are."""
    at, known = _looked_up.get(table, (-_GOOD_FOR, _Statistics({}, {}, 0)))
    if time.monotonic() - at < _GOOD_FOR:
        return known
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT most_common_elems::text::integer[], most_common_elem_freqs FROM pg_stats"
            " WHERE schemaname = current_schema() AND tablename = %s AND attname = 'search_terms'",
            [table],
        )
        terms, shares = cursor.fetchone() or (None, None)
        frequent = {
            term: share
            for term, share in zip(terms or (), shares or (), strict=False)
            if share > _NOW_AND_THEN
        }
        first: dict[int, int] = defaultdict(int)
        every = 0
        if frequent:
            cursor.execute(
                f"SELECT search_terms FROM {table} ORDER BY sort_key, id LIMIT %s",  # noqa: S608 - own name
                [_SAMPLE],
            )
            for position, (row,) in enumerate(cursor.fetchall()):
                every |= 1 << position
                for term in frequent.keys() & row:
                    first[term] |= 1 << position
    known = _Statistics(frequent, dict(first), every)
    _looked_up[table] = (time.monotonic(), known)
    return known


# -- keeping the index fast -------------------------------------------------------------------------------


def sort_pending() -> int:
    """Sort into the indexes what they hold unsorted, as the database's owner; how many pages that were.

    Does nothing where the program does not know the owner's address: then autovacuum does it, later.
    """
    if not settings.OWNER_DATABASE_URL:
        return 0
    with psycopg.connect(settings.OWNER_DATABASE_URL, autocommit=True, connect_timeout=5) as owner:
        pages = owner.execute(
            """
            SELECT coalesce(sum(gin_clean_pending_list(c.oid)), 0)
            FROM pg_class c JOIN pg_am a ON a.oid = c.relam
            WHERE a.amname = 'gin' AND c.relkind = 'i' AND c.relnamespace = 'public'::regnamespace
              AND coalesce('fastupdate=off' <> ALL (c.reloptions), true)
            """
        ).fetchone()
    return int(pages[0]) if pages else 0

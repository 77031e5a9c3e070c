"""Where a page of rows begins: the key of the row before it, as a word nobody need understand (SECURITY E 15).

Lists and the API cut their pages so, never by counting rows. The word comes back from outside: it is read as
a value of the kind the rows are ordered by, or refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

LONGEST = 600
"""Characters of a word."""
_LARGEST_KEY = 2**63 - 1


class BadKeyError(ValueError):
    """A word that names no place among these rows."""


def beyond(value: Any, pk: Any, *, down: bool) -> Q:
    """Rows after the key in the direction of reading, by ``_sort`` and key; the first half lets the index seek."""
    if down:
        return Q(_sort__lte=value) & (Q(_sort__lt=value) | Q(pk__lt=pk))
    return Q(_sort__gte=value) & (Q(_sort__gt=value) | Q(pk__gt=pk))


def kind_of(column: models.Field[Any, Any]) -> str:
    """The kind of value a column orders by: t a moment, d a day, n a number, i a whole one, s a text."""
    kinds: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
        (models.DateTimeField, "t"),
        (models.DateField, "d"),
        (models.DecimalField, "n"),
        (models.IntegerField, "i"),
    )
    return next((kind for of, kind in kinds if isinstance(column, of)), "s")


def order_kind(rows: models.QuerySet[Any]) -> str:
    """The kind of value that rows annotated with ``_sort`` are ordered by."""
    return kind_of(rows.query.annotations["_sort"].output_field)


def write(value: Any, *rest: Any) -> str:
    """The word for a value and what else tells the row."""
    kind = next((kind for kind, of in _OF.items() if isinstance(value, of)), "s")
    text = value.isoformat() if kind in "td" else str(value)
    packed = json.dumps([kind, text, *rest], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read(word: str, wanted: str, *rest: type) -> tuple[Any, ...]:
    """The value, of the kind ``wanted``, and the rest, of these types; BadKeyError where it is another's word."""
    try:
        packed = json.loads(base64.urlsafe_b64decode(word[:LONGEST] + "=" * (-len(word) % 4)))
        kind, text, *others = packed
        if kind != wanted or type(text) is not str:
            raise BadKeyError
        if [type(other) for other in others] != list(rest):  # True is no 1
            raise BadKeyError
        for other in others:
            if isinstance(other, int) and abs(other) > _LARGEST_KEY:
                raise BadKeyError
            if isinstance(other, str):
                _text(other)
        return _READ[kind](text), *others
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as problem:
        raise BadKeyError(word) from problem  # binascii's and json's errors are ValueErrors


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite() or abs(value) > 10**30:
        raise BadKeyError
    return value


def _whole(text: str) -> int:
    value = int(text)
    if abs(value) > _LARGEST_KEY:
        raise BadKeyError
    return value


def _text(text: str) -> str:
    text.encode()  # a half of a surrogate pair is no text
    if "\x00" in text:
        raise BadKeyError
    return text


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None or not 1 < value.year < 9999:
        raise BadKeyError
    return value


_READ: dict[str, Callable[[str], Any]] = {
    "t": _moment,
    "d": date.fromisoformat,
    "n": _number,
    "i": _whole,
    "s": _text,
}
_OF: dict[str, type] = {"t": datetime, "d": date, "n": Decimal, "i": int, "s": str}
"""In this order: a moment is a day, too."""

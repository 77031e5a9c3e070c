"""Where a page of a list begins: the key of the row before it, written into the address (SECURITY E 15)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from dossier.core.screens.requests import bad_address


def beyond(value: Any, pk: int, down: bool) -> Q:
    """Rows after the key in the direction of reading; the first half lets the index seek."""
    if down:
        return Q(_sort__lte=value) & (Q(_sort__lt=value) | Q(pk__lt=pk))
    return Q(_sort__gte=value) & (Q(_sort__gt=value) | Q(pk__gt=pk))


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite() or abs(value) > 10**30:
        raise ValueError
    return value


def _whole(text: str) -> int:
    value = int(text)
    if abs(value) > 2**62:
        raise ValueError
    return value


def _text(text: str) -> str:
    text.encode()  # a half of a surrogate pair is no text
    if "\x00" in text:
        raise ValueError
    return text


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None or not 1 < value.year < 9999:
        raise ValueError
    return value


_TYPES: dict[str, Callable[[str], Any]] = {
    "s": _text,
    "i": _whole,
    "n": _number,
    "d": date.fromisoformat,
    "t": _moment,
}


def kind_of(column: models.Field[Any, Any]) -> str:
    """The kind of key a column is cut by; a key of another kind is nobody's page (SECURITY E 15)."""
    kinds: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
        (models.DateTimeField, "t"),
        (models.DateField, "d"),
        (models.DecimalField, "n"),
        (models.IntegerField, "i"),
    )
    return next((kind for of, kind in kinds if isinstance(column, of)), "s")


def write_key(row: Any, group: str | None = None) -> str:
    """The key of a row in the list's order; in a grouped list its group belongs to it."""
    value = row._sort
    kind = (
        "t"
        if isinstance(value, datetime)
        else "d"
        if isinstance(value, date)
        else "n"
        if isinstance(value, Decimal)
        else "i"
        if isinstance(value, int)
        else "s"
    )
    text = value.isoformat() if kind in "td" else str(value)
    parts = [kind, text, row.pk] if group is None else [kind, text, row.pk, group]
    packed = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_key(name: str, text: str, wanted: str, *, grouped: bool = False) -> tuple[Any, int, str]:
    """Value, database key and group of the row a page begins beside; the group is empty in a plain list."""
    try:
        packed = json.loads(base64.urlsafe_b64decode(text[:600] + "=" * (-len(text) % 4)))
        kind, value, pk, group = packed if grouped else (*packed, "")
        if (
            kind != wanted
            or not isinstance(pk, int)
            or not isinstance(value, str)
            or not isinstance(group, str)
            or abs(pk) > 2**62
        ):
            raise ValueError
        return _TYPES[kind](value), pk, group
    except (ValueError, TypeError, ArithmeticError, binascii.Error, RecursionError) as problem:
        raise bad_address(name, text) from problem

"""Where a page ended, as an opaque word: the sort it was made with, and the last row's key."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from dossier.core.api.problems import bad_parameter

LONGEST = 600
_READ: dict[str, Callable[[str], Any]] = {
    "s": str,
    "i": int,
    "n": Decimal,
    "d": date.fromisoformat,
    "t": datetime.fromisoformat,
}


def beyond(value: Any, pk: Any, *, down: bool) -> Q:
    """Rows after the key; the first half lets the index seek."""
    if down:
        return Q(_sort__lte=value) & (Q(_sort__lt=value) | Q(pk__lt=pk))
    return Q(_sort__gte=value) & (Q(_sort__gt=value) | Q(pk__gt=pk))


def write(sort: str, value: Any, pk: Any) -> str:
    """The cursor after a row."""
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
    packed = json.dumps([sort, kind, text, pk], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read(cursor: str, sort: str, key: type) -> tuple[Any, Any]:
    """Sort value and primary key of the row a page ended with; refused with another sort than its own."""
    try:
        packed = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        made_with, kind, value, pk = packed
        if made_with != sort or type(pk) is not key or type(value) is not str:
            raise ValueError
        if "\x00" in value or "\x00" in str(pk) or (isinstance(pk, int) and not 0 < pk < 2**63):
            raise ValueError
        found = _READ[kind](value)
        value.encode()  # no half of a surrogate pair
        if isinstance(found, int) and abs(found) >= 2**63:
            raise ValueError
        if isinstance(found, Decimal) and not found.is_finite():
            raise ValueError
    except (ValueError, KeyError, TypeError, ArithmeticError, binascii.Error) as problem:
        raise bad_parameter("after", cursor) from problem
    return found, pk

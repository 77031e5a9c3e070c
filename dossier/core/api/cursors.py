"""Where a page of the API ended: the sort it was made with belongs to the key of its last row."""

from __future__ import annotations

from typing import Any

from dossier.core import keyset
from dossier.core.api.problems import bad_parameter


def write(sort: str, value: Any, pk: Any) -> str:
    """The cursor after a row."""
    return keyset.write(value, pk, sort)


def read(cursor: str, sort: str, wanted: str, key: type) -> tuple[Any, Any]:
    """Sort value, of the kind ``wanted``, and primary key of the row a page ended with; refused with another
    sort than its own."""
    try:
        value, pk, made_with = keyset.read(cursor, wanted, key, str)
    except keyset.BadKeyError as problem:
        raise bad_parameter("after", cursor) from problem
    if made_with != sort:
        raise bad_parameter("after", cursor)
    return value, pk

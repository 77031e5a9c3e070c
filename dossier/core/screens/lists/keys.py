"""The key a page of a list begins beside, in its address; in a grouped list its group belongs to it."""

from __future__ import annotations

from typing import Any

from dossier.core import keyset
from dossier.core.screens.requests import bad_address


def write_key(row: Any, group: str | None = None) -> str:
    """The key of a row in the list's order."""
    return keyset.write(row._sort, row.pk, *(() if group is None else (group,)))


def read_key(name: str, text: str, wanted: str, *, grouped: bool = False) -> tuple[Any, int, str]:
    """Value, database key and group of the row a page begins beside; the group is empty in a plain list."""
    try:
        value, pk, *group = keyset.read(text, wanted, int, *((str,) if grouped else ()))
    except keyset.BadKeyError as problem:
        raise bad_address(name, text) from problem
    return value, pk, group[0] if group else ""

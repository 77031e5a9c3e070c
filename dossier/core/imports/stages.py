"""Bulk writing: rows go in by COPY, ids are drawn beforehand, changes by one statement (AUD-4).

Table and column names given here are our own, never a user's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection
from psycopg.copy import QueuedLibpqWriter

_PIECE = 100  # lines sent at once
_FLUSHED = (
    64 * 1024
)  # bytes the server gets at the latest; left to itself the library collects a megabyte
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"


def escaped(text: str) -> str:
    """A text as COPY reads it."""
    if text.isprintable() and "\\" not in text:
        return text
    return text.translate(_ESCAPES)


def copied(value: Any) -> str:
    """A value as COPY reads it."""
    if value is None:
        return _NULL
    kind = type(value)
    if kind is str:
        return escaped(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is int or kind is Decimal:
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, (list, tuple, set, frozenset)):
        if isinstance(value, list) and value and type(value[0]) is int:
            return "{" + str(value)[1:-1] + "}"  # nothing is faster for many numbers
        return escaped("{" + ",".join(_element(str(one)) for one in value) + "}")
    if isinstance(value, Mapping):
        return escaped(json.dumps(value, ensure_ascii=False, default=str))
    return escaped(str(value))


def _element(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by COPY."""
    copy_lines(table, columns, ("\t".join(map(copied, row)) for row in rows))


def copy_lines(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write lines that are already in COPY's text form, without their line ends.

    They go in small pieces by a thread of their own, so that the server stores some while the next are being
    made: what waits for the server is that thread.
    """
    waiting = iter(lines)
    piece = list(islice(waiting, _PIECE))
    if not piece:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY {table} ({', '.join(columns)}) FROM STDIN",
            writer=QueuedLibpqWriter(cursor.cursor, flush_threshold=_FLUSHED),
        ) as copy,
    ):
        while piece:
            copy.write("\n".join(piece) + "\n")
            piece = list(islice(waiting, _PIECE))


class Lines:
    """Makes COPY lines of one table from the columns that are not blank."""

    def __init__(self, blank: Mapping[str, Any]) -> None:
        self.columns = list(blank)
        self._at = {column: position for position, column in enumerate(self.columns)}
        self._blank = [copied(value) for value in blank.values()]

    def of(self, values: Mapping[str, Any]) -> str:
        """The line of a row."""
        parts = self._blank.copy()
        at = self._at
        for column, value in values.items():
            plain = type(value) is str and value.isprintable() and "\\" not in value
            parts[at[column]] = value if plain else copied(value)
        return "\t".join(parts)


def draw_ids(table: str, count: int) -> Sequence[int]:
    """Ids for rows to come, from the table's own sequence."""
    if not count:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(v), max(v), CASE WHEN max(v) - min(v) + 1 <> count(*) THEN array_agg(v) END"
            " FROM (SELECT nextval(pg_get_serial_sequence(%s, 'id')) AS v FROM generate_series(1, %s)) s",
            [table, count],
        )
        first, last, scattered = cursor.fetchone()
        return range(first, last + 1) if scattered is None else scattered


def change_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set ``columns`` of existing rows; each row is its id and the new values. The version goes up."""
    if not rows:
        return
    names = ["id", *columns]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.import_changes")
        cursor.execute(
            f"CREATE TEMP TABLE import_changes ON COMMIT DROP AS SELECT {', '.join(names)} FROM {table} LIMIT 0"  # noqa: S608 - own names
        )
    copy_rows("import_changes", names, rows)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET "  # noqa: S608 - own names
            + ", ".join(f"{column} = s.{column}" for column in columns)
            + ", version = t.version + 1, updated_at = now() FROM import_changes s WHERE s.id = t.id"
        )
        cursor.execute("DROP TABLE import_changes")


def fetch(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())

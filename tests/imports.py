"""Bringing files in, for tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from dossier.core.access import Actor, system_actor
from dossier.core.imports.engine import Given, bring_in
from dossier.core.imports.mapping import load_map
from dossier.core.imports.registry import Options
from dossier.core.imports.result import Result

MAPS = Path(__file__).resolve().parent.parent / "docs" / "howto" / "maps"


def sheet(header: Sequence[str], *rows: Sequence[object]) -> bytes:
    """A CSV file."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def import_file(
    kind: str,
    source: Path | bytes,
    *,
    actor: Actor | None = None,
    map_name: str = "",
    name: str = "test.csv",
    **options: Any,
) -> Result:
    """Bring a file in as the program itself, or as ``actor``."""
    given = Given(source=source, name=name, mapping=load_map(MAPS / map_name) if map_name else None)
    options["create_missing"] = frozenset(options.get("create_missing", ()))
    return bring_in(
        actor=actor or system_actor(os_user="test"),
        kind=kind,
        given=given,
        options=Options(**options),
    )


def found(result: Result, code: str, field: str = "", severity: str = "") -> list[int]:
    """Rows with a problem of this code."""
    return sorted(
        row for row, one in result.problems
        if one.code == code and field in ("", one.field) and severity in ("", one.severity)
    )  # fmt: skip


def sums(sql: str, params: Sequence[Any] = ()) -> dict[str, Decimal]:
    """A query of two columns as a dictionary."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return dict(cursor.fetchall())


def scalar(sql: str, params: Sequence[Any] = ()) -> Any:
    """The one value of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
        return row[0] if row else None


def decimals(values: Mapping[str, str]) -> dict[str, Decimal]:
    """Texts as numbers."""
    return {key: Decimal(value) for key, value in values.items()}


def state(tables: Iterable[str]) -> dict[str, list[Any]]:
    """Every row of the tables, without the time of the last change."""
    found: dict[str, list[Any]] = {}
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(t) - 'updated_at' FROM {table} t ORDER BY id")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found

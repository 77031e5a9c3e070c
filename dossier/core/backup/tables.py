"""Counts and sums of every table, by which a restored database is held against the one that was backed up.

Per table: rows, a sum over a hash of each whole row (so the order of the rows does not matter), and the
total of each column of decimals. Columns are taken from the database, not from the program, so a backup of
an older program is measured alike.
"""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
Sums = dict[str, dict[str, Any]]

# How values are written as text must not depend on the server's settings; no time limit may end the snapshot.
_SESSION: LiteralString = """
SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';
SET extra_float_digits = 1; SET search_path = public, pg_catalog; SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0; SET work_mem = '64MB'; SET max_parallel_workers_per_gather = 1;
"""

# Largest first: the big ones should not begin last.
_TABLES = """
SELECT c.relname, coalesce(array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.atttypid = 'numeric'::regtype), '{}')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
GROUP BY c.oid, c.relname ORDER BY pg_relation_size(c.oid) DESC, c.relname
"""


def begin_snapshot(connection: Connection) -> str:
    """Begin a transaction that sees one moment; the name by which others may see the same."""
    connection.execute(_SESSION)
    connection.commit()
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    return str(row[0])


def measure(connection: Connection) -> Sums:
    """Counts and sums of all tables of ours, as the connection's transaction sees them."""
    found: Sums = {}
    for table, decimals in connection.execute(_TABLES).fetchall():
        totals = [sql.SQL("sum(t.{})::text").format(sql.Identifier(name)) for name in decimals]
        row = connection.execute(
            sql.SQL("SELECT {} FROM public.{} t").format(
                sql.SQL(", ").join(
                    [
                        sql.SQL("count(*)"),
                        sql.SQL("coalesce(sum(hashtextextended(t::text, 0)), 0)::text"),
                        *totals,
                    ]
                ),
                sql.Identifier(table),
            )
        ).fetchone()
        assert row is not None
        found[table] = {
            "rows": row[0],
            "hash": row[1],
            "sums": dict(zip(decimals, row[2:], strict=True)),
        }
    return found


def differences(expected: Sums, found: Sums) -> list[str]:
    """The tables that differ, each with what differs first."""
    said = []
    for table in sorted(expected.keys() | found.keys()):
        was, now = expected.get(table), found.get(table)
        if was == now:
            continue
        if was is None or now is None:
            said.append(f"{table}: {'missing' if now is None else 'not in the backup'}")
        elif was["rows"] != now["rows"]:
            said.append(f"{table}: rows {now['rows']} ≠ {was['rows']}")
        else:
            columns = [
                name for name, total in was["sums"].items() if now["sums"].get(name) != total
            ]
            said.append(f"{table}: {', '.join(columns) or 'content'}")
    return said

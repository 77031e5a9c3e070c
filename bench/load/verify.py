"""The journal held against the database: what was acknowledged is there once, nothing was lost or half done.

The tables are read directly as the database's owner, not through the program. Every change is looked up
in the history, which the program's triggers write (`dossier history verify` holds that against the rows).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.load.journal import Journal, State, What, Write

_TABLES = {
    What.EDIT: ("customers_customer", "U", "remark"),
    What.COUNT: ("customers_customer", "U", "remark"),
    What.NOTE: ("customers_note", "I", "text"),
    What.ORDER: ("sales_salesorder", "I", "remark"),
    What.AMEND: ("sales_salesorder", "U", "remark"),
    What.CUSTOMER: ("customers_customer", "I", "remark"),
    What.IMPORT: ("customers_customer", "I", "remark"),
}
_COUNTED = re.compile(r"count (\d+) ")
Database = psycopg.Connection[Any]


@dataclass(frozen=True)
class Before:
    """Where things stood before anybody began."""

    entry: int  # the last entry of the history
    versions: dict[int, int]  # of the shared customers
    counts: dict[int, int]


@dataclass(frozen=True)
class Entry:
    """A change in the history that bears a token."""

    row: int
    before: str
    after: str


def stand(database: Database, shared: Sequence[int]) -> Before:
    """What to count from."""
    entry = _one(database, "SELECT coalesce(max(id), 0) FROM history_entry")
    rows = database.execute(
        "SELECT id, version, remark FROM customers_customer WHERE id = ANY(%s)", [list(shared)]
    ).fetchall()
    return Before(
        entry,
        {pk: version for pk, version, _remark in rows},
        {pk: _count(remark) for pk, _version, remark in rows},
    )


def missing(database: Database, journal: Journal, before: Before) -> list[str]:
    """Acknowledged writes that are not there: asked after each kill."""
    acknowledged = [write for write in journal.all() if write.state is State.DONE]
    entries = _entries(database, journal.mark, before.entry)
    return [
        f"{write.what} {write.token} by {write.who} is not there"
        for write in acknowledged
        if not entries[write.what, write.token]
    ]


def problems(database: Database, journal: Journal, before: Before) -> Iterator[str]:
    """Everything that does not hold, in words; nothing when all is well."""
    entries = _entries(database, journal.mark, before.entry)
    for write in journal.all():
        found = entries[write.what, write.token]
        yield from _times(write, len(found))
        if write.row and found:
            yield from _was_seen(write, found[0])
    yield from _live(database, journal.mark, before.entry)
    yield from _whole(database, journal, entries)
    yield from _counted(database, before)


def summary(journal: Journal) -> dict[str, Counter[str]]:
    """How the writes of each kind ended; ``again`` those sent more than once."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for write in journal.all():
        if not write.sent:  # begun when the run ended, and never sent
            continue
        found[write.what][write.state] += 1
        found[write.what]["again"] += write.sent > 1
    return dict(found)


# -- parts ----------------------------------------------------------------------------------------------


def _entries(
    database: Database, mark: str, since: int
) -> defaultdict[tuple[What, str], list[Entry]]:
    """What the history says of each token, oldest first."""
    found: defaultdict[tuple[What, str], list[Entry]] = defaultdict(list)
    token = re.compile(re.escape(mark) + r"-\d{6}-")
    for what, (table, op, column) in _TABLES.items():
        rows = database.execute(
            "SELECT row_id::bigint, before->>%s, after->>%s FROM history_entry"
            " WHERE id > %s AND table_name = %s AND op = %s AND after->>%s LIKE %s ORDER BY id",
            [column, column, since, table, op, column, f"%{mark}-%"],
        )
        for row, was, now in rows.fetchall():
            match = token.search(now)
            if match:
                found[what, match[0]].append(Entry(row, (was or "").strip(), now))
    return found


def _times(write: Write, found: int) -> Iterator[str]:
    """Once where it was acknowledged, never where it was refused, else once at most."""
    each = write.expected.get("rows", 1)
    allowed = {State.DONE: {each}, State.REFUSED: {0}, State.OPEN: {0, each}}[write.state]
    if found not in allowed:
        yield (
            f"{write.what} {write.token} by {write.who}, {write.state}, sent {write.sent} times,"
            f" is there {found} times"
        )


def _was_seen(write: Write, entry: Entry) -> Iterator[str]:
    """An update that overwrote something its author never saw is a lost one."""
    if entry.row != write.row:
        yield f"{write.what} {write.token} by {write.who} is on record {entry.row}, not {write.row}"
    elif entry.before != write.saw:
        yield (
            f"lost update: {write.what} {write.token} by {write.who} overwrote “{entry.before}”,"
            f" its author saw “{write.saw}”"
        )


def _live(database: Database, mark: str, since: int) -> Iterator[str]:
    """Each record holds what its last change says, and is there."""
    for table, column in (
        ("customers_customer", "remark"),
        ("customers_note", "text"),
        ("sales_salesorder", "remark"),
    ):
        rows = database.execute(
            f"SELECT h.row_id, h.said, t.{column} FROM ("  # noqa: S608 - names of this module; values are parameters
            "  SELECT DISTINCT ON (row_id) row_id::bigint AS row_id, after->>%(column)s AS said"
            "  FROM history_entry WHERE id > %(since)s AND table_name = %(table)s AND op IN ('I', 'U')"
            "    AND after->>%(column)s LIKE %(mark)s ORDER BY row_id, id DESC) h"
            f" LEFT JOIN {table} t ON t.id = h.row_id WHERE t.{column} IS DISTINCT FROM h.said",
            {"column": column, "since": since, "table": table, "mark": f"%{mark}-%"},
        ).fetchall()
        for row, said, live in rows:
            yield f"{table} {row} holds “{live}”, its last change says “{said}”"


def _whole(
    database: Database, journal: Journal, entries: defaultdict[tuple[What, str], list[Entry]]
) -> Iterator[str]:
    """Orders with all their lines, customers with their contact."""
    orders = {
        entries[write.what, write.token][0].row: write
        for write in journal.all(What.ORDER)
        if entries[write.what, write.token]
    }
    lines = database.execute(
        "SELECT o.id, count(l.id), coalesce(sum(l.amount), 0) * 100 FROM sales_salesorder o"
        " LEFT JOIN sales_salesorderline l ON l.order_id = o.id WHERE o.id = ANY(%s) GROUP BY o.id",
        [list(orders)],
    ).fetchall()
    for order, count, total in lines:
        wanted = orders[order].expected
        if (count, int(total)) != (wanted["lines"], wanted["total"]):
            yield f"order {order} has {count} lines of {total / 100}, entered were {wanted}"
    made = [
        entry.row
        for (what, _token), found in entries.items()
        if what in (What.CUSTOMER, What.IMPORT)
        for entry in found
    ]
    for (customer,) in database.execute(
        "SELECT c.id FROM unnest(%s::bigint[]) AS c(id)"
        " WHERE NOT EXISTS (SELECT FROM customers_contact p WHERE p.customer_id = c.id)",
        [made],
    ).fetchall():
        yield f"customer {customer} has no contact"


def _counted(database: Database, before: Before) -> Iterator[str]:
    """Of the shared customers: one number and one version for each change, none left out, none twice."""
    for customer, start in before.counts.items():
        said = database.execute(
            "SELECT after->>'remark' FROM history_entry WHERE id > %s AND op = 'U'"
            " AND table_name = 'customers_customer' AND row_id = %s AND after ? 'remark' ORDER BY id",
            [before.entry, str(customer)],
        ).fetchall()
        counts = [_count(text) for (text,) in said]
        if counts != list(range(start + 1, start + 1 + len(counts))):
            yield f"shared customer {customer}: counted {counts} from {start}"
        version, remark = database.execute(
            "SELECT version, remark FROM customers_customer WHERE id = %s", [customer]
        ).fetchall()[0]
        if version - before.versions[customer] != len(counts):
            yield (
                f"shared customer {customer}: {len(counts)} changes,"
                f" version {before.versions[customer]} became {version}"
            )
        if _count(remark) != start + len(counts):
            yield f"shared customer {customer}: {len(counts)} changes from {start}, holds “{remark}”"


def _count(remark: str) -> int:
    match = _COUNTED.search(remark or "")
    return int(match[1]) if match else 0


def _one(database: Database, query: str) -> Any:
    row = database.execute(query).fetchone()  # type: ignore[arg-type] # a text of this module
    assert row is not None
    return row[0]

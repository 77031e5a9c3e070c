"""Computing where customers stand: classes, completeness and their sums (CUS-8, CUS-9, CUS-13).

One way for one customer and for all of them: facts of a chunk come by set-based SQL, pure rules judge
them, one statement writes what differs. A row that another transaction computes is passed over; its mark
stays, and the job comes back to it within a minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from dossier.core.imports.stages import fetch
from dossier.core.money import DEFAULT_CURRENCY
from dossier.customers import registries
from dossier.customers.models import CompletenessRule, ProfileRules
from dossier.customers.rules.classes import (
    Facts,
    Limits,
    credit_class,
    time_class,
    transaction_state,
    weight,
)
from dossier.customers.rules.completeness import Item, Score, has_street, score
from dossier.customers.selectors.completeness import BLANKS
from dossier.customers.states import OPENING_NOTES

CHUNK: Final = 5_000

_NAMES: Final = tuple(f.name for f in fields(Facts))
_SUMMED: Final = ("orders", "recent_orders", "recent_amount", "receipts", "late_receipts")
_COLUMNS: Final[dict[str, str]] = {
    "time_class": "text",
    "transaction_state": "text",
    "weight": "text",
    "credit_class": "text",
    "completeness": "smallint",
    "missing": "text",
    "orders": "integer",
    "first_on": "date",
    "last_on": "date",
    "recent_orders": "integer",
    "recent_amount": "numeric",
    "openings": "integer",
    "opened_on": "date",
    "receipts": "integer",
    "late_receipts": "integer",
    "overdue_days": "integer",
}
_MOST_AMOUNT: Final = 10**17

_OWN_FACTS: Final = """
SELECT c.id AS customer_id, c.first_deal_on AS first_on, c.first_deal_on AS last_on,
       c.status = 'archived' AS ended, coalesce(n.openings, 0) AS openings, n.opened_on
FROM customers_customer c
LEFT JOIN (
    SELECT customer_id, count(*) AS openings, max(noted_on) AS opened_on FROM customers_note
    WHERE customer_id = ANY(%(ids)s) AND kind = ANY(%(opening)s) AND ended_on IS NULL
      AND noted_on >= %(opened_since)s
    GROUP BY customer_id
) n ON n.customer_id = c.id
WHERE c.id = ANY(%(ids)s)
"""

_PROFILE: Final = f"""
SELECT c.id, c.grade, c.address, c.not_applicable || ARRAY(
           SELECT 'contact.' || x FROM unnest(k.not_applicable) x
       ),
       array_remove(ARRAY[{", ".join(f"CASE WHEN {test} THEN '{key}' END" for key, test in BLANKS.items())}], NULL)
FROM customers_customer c
LEFT JOIN customers_contact k ON k.customer_id = c.id AND k.is_main
WHERE c.id = ANY(%s)
"""  # noqa: S608 - own names

STANDS_ON: Final = frozenset({"status", "first_deal_on", "grade", "not_applicable", *BLANKS})
"""Columns of the customer that facts and completeness are made of; a change of others computes nothing."""


def standing_refresh(ids: Sequence[int], *, today: date | None = None) -> int:
    """Compute these customers anew inside the running transaction; how many rows differ now."""
    held = _hold(ids)
    return _compute(held, today or timezone.localdate()) if held else 0


def _hold(ids: Sequence[int]) -> list[int]:
    """Lock the rows of these customers; those another transaction computes are passed over."""
    if not ids:
        return []
    return [
        pk
        for (pk,) in fetch(
            "SELECT customer_id FROM customers_standing WHERE customer_id = ANY(%s)"
            " ORDER BY customer_id FOR UPDATE SKIP LOCKED",
            [sorted(set(ids))],
        )
    ]


def _compute(held: list[int], today: date) -> int:
    rules = ProfileRules.objects.get(pk=1)
    limits = limits_of(rules)
    facts = _facts(held, rules, today)
    scores = _scores(held)
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for pk in held:
        found, done = facts[pk], scores[pk]
        values = {
            "time_class": time_class(found, limits, today).value,
            "transaction_state": transaction_state(found, limits, today).value,
            "weight": weight(found, limits).value,
            "credit_class": credit_class(found, limits).value,
            "completeness": done.percent,
            "missing": ",".join(done.missing),
        }
        for name, column in columns.items():
            column.append(values[name] if name in values else getattr(found, name))
    return _write(held, columns, today)


def limits_of(rules: ProfileRules) -> Limits:
    """The thresholds as the pure rules take them."""
    return Limits(**{f.name: getattr(rules, f.name) for f in fields(Limits)})


def completeness_items() -> list[Item]:
    """The company's rules of completeness."""
    rows = CompletenessRule.objects.order_by("pk").values_list("item", "weight", "lowest_grade")
    return [Item(*row) for row in rows]


def _facts(ids: list[int], rules: ProfileRules, today: date) -> dict[int, Facts]:
    """The facts of every department about these customers, put together."""
    params: dict[str, Any] = {
        "ids": ids,
        "since": today - timedelta(days=rules.weight_days),
        "currency": DEFAULT_CURRENCY,
        "opening": list(OPENING_NOTES),
        "opened_since": today - timedelta(days=rules.opening_days),
    }
    known: dict[int, dict[str, Any]] = defaultdict(dict)
    for sql in (_OWN_FACTS, *(source.sql for source in registries.fact_sources())):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            names = [column.name for column in cursor.description or ()]
            for row in cursor.fetchall():
                values = dict(zip(names, row, strict=True))
                _put(known[values.pop("customer_id")], values)
    return {pk: Facts(**known[pk]) for pk in ids}


def _put(known: dict[str, Any], more: dict[str, Any]) -> None:
    """Add the facts of one source to those of the others."""
    for name, value in more.items():
        if name not in _NAMES:
            raise KeyError(name)
        had = known.get(name)
        if value is None:
            continue
        if had is None:
            known[name] = value
        elif name in _SUMMED:
            known[name] = had + value
        else:
            known[name] = min(had, value) if name == "first_on" else max(had, value)


def _scores(ids: list[int]) -> dict[int, Score]:
    items = completeness_items()
    found: dict[int, Score] = {}
    for pk, grade, address, none, blank in fetch(_PROFILE, [ids]):
        unanswered = set(blank)
        if not has_street(address):
            unanswered.add("address")
        found[pk] = score(items, grade=grade, blank=unanswered, none=set(none))
    return found


def _write(ids: list[int], columns: dict[str, list[Any]], today: date) -> int:
    columns["recent_amount"] = [
        max(min(amount, _MOST_AMOUNT), -_MOST_AMOUNT) for amount in columns["recent_amount"]
    ]
    source = {name: f"g.{name}" for name in columns} | {
        "missing": "coalesce(string_to_array(nullif(g.missing, ''), ','), '{}')::varchar[]"
    }
    names = ", ".join(columns)
    given = ", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE customers_standing s SET ({names}, as_of, computed_at) =
                ROW({", ".join(source.values())}, %s::date, now())
            FROM unnest(%s::bigint[], {given}) AS g (customer_id, {names})
            WHERE s.customer_id = g.customer_id
              AND (s.computed_at IS NULL OR s.as_of IS DISTINCT FROM %s::date
                   OR ROW({", ".join(f"s.{name}" for name in columns)})
                      IS DISTINCT FROM ROW({", ".join(source.values())}))
            """,  # noqa: S608 - own names
            [today, ids, *columns.values(), today],
        )
        return int(cursor.rowcount)


# In the job ----------------------------------------------------------------------------------------


def work_off_marks(*, most: int = 20 * CHUNK) -> list[int]:
    """Compute the customers whose facts changed since the last minute, chunk by chunk; which they were."""
    done: list[int] = []
    while len(done) < most:
        with transaction.atomic():
            ids = [
                pk
                for (pk,) in fetch(
                    """
                    WITH taken AS (
                        DELETE FROM customers_standingmark WHERE id IN (
                            SELECT id FROM customers_standingmark ORDER BY id LIMIT %s
                            FOR UPDATE SKIP LOCKED)
                        RETURNING customer_id),
                    waiting AS (
                        SELECT customer_id FROM customers_standing WHERE computed_at IS NULL
                        ORDER BY customer_id LIMIT %s)
                    SELECT customer_id FROM taken UNION SELECT customer_id FROM waiting
                    """,
                    [CHUNK, CHUNK],
                )
            ]
            if not ids:
                break
            held = _hold(ids)
            if held:
                _compute(held, timezone.localdate())
            passed_over = mark_again(set(ids) - set(held))
        done.extend(held)
        if passed_over:
            break  # whoever computes them has them; the marks are taken in the next minute
    return done


def mark_again(ids: Collection[int]) -> int:
    """Leave marks of customers that are to be looked at in the next minute; how many are still there."""
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_standingmark (customer_id)"
            " SELECT customer_id FROM customers_standing WHERE customer_id = ANY(%s)",
            [sorted(ids)],
        )
        return int(cursor.rowcount)


def all_standings(*, today: date | None = None) -> int:
    """Compute every customer as of today, chunk by chunk; how many rows differ (the day counts)."""
    changed = 0
    for ids in _chunks():
        with transaction.atomic():
            changed += standing_refresh(ids, today=today)
    return changed


def _chunks() -> Iterator[list[int]]:
    last = 0
    while True:
        ids = [
            pk
            for (pk,) in fetch(
                "SELECT id FROM customers_customer WHERE id > %s ORDER BY id LIMIT %s",
                [last, CHUNK],
            )
        ]
        if not ids:
            return
        yield ids
        last = ids[-1]


def sum_owners() -> None:
    """Sum completeness and overdue questions of each owner's files in use."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE customers_ownersum IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM customers_ownersum")
        cursor.execute(
            """
            INSERT INTO customers_ownersum (owner_id, customers, total, below, overdue, at)
            SELECT c.owner_id, count(*), sum(s.completeness),
                   count(*) FILTER (WHERE s.completeness < r.low_score), coalesce(max(q.overdue), 0), now()
            FROM customers_customer c
            JOIN customers_standing s ON s.customer_id = c.id AND s.computed_at IS NOT NULL
            CROSS JOIN customers_profilerules r
            LEFT JOIN (
                SELECT k.owner_id, count(*) AS overdue FROM customers_question q
                JOIN customers_customer k ON k.id = q.customer_id
                WHERE q.status = 'open' AND q.due_on < %s GROUP BY k.owner_id
            ) q ON q.owner_id IS NOT DISTINCT FROM c.owner_id
            WHERE c.status <> 'archived' AND c.kind = 'customer'
            GROUP BY c.owner_id
            """,
            [timezone.localdate()],
        )

"""Running the checks: data queries are opened for what is doubtful and closed where it is right (CUS-13).

Set-based: each check is one query; what it finds goes into a temporary table, from there into the open
questions by one statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext

from dossier.core.access import Actor
from dossier.core.imports.stages import copy_rows
from dossier.core.imports.store import hold_locks, try_locks
from dossier.core.services import command
from dossier.customers import registries
from dossier.customers.models import ProfileRules
from dossier.customers.registries import Check
from dossier.customers.services.standing import mark_again


@dataclass
class Found:
    """What a run of the checks did."""

    opened: int = 0
    settled: int = 0
    put_off: bool = False


def checks_run(
    *,
    actor: Actor,
    ids: Sequence[int] | None = None,
    today: date | None = None,
    wait: bool = True,
) -> Found:
    """Run every check on these customers (None: all of them).

    What was asked and answered with the same value is not asked again, unless the check says so; what
    stands open is not asked twice. A question of a check that no longer finds it answers itself.
    While an import writes customers it waits, or without ``wait`` puts these customers off to the next
    minute: a job that waits would keep others from being done.
    """
    if ids is not None and not ids:
        return Found()
    today = today or timezone.localdate()
    found = Found()
    with command(actor):  # what a question says is said by its own line of the time line
        if wait:
            hold_locks({"customers"})
        elif not try_locks({"customers"}):
            mark_again(ids or ())
            return Found(put_off=True)
        rules = ProfileRules.objects.get(pk=1)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.doubtful")
            cursor.execute(
                "CREATE TEMP TABLE doubtful (customer_id bigint, field text, given text, params jsonb,"
                " code text) ON COMMIT DROP"
            )
        for check in registries.checks():
            _gather(check, rules, ids, today)
        _settle(ids, found)
        _open(rules, today, found)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE pg_temp.doubtful")
    return found


def _gather(check: Check, rules: ProfileRules, ids: Sequence[int] | None, today: date) -> None:
    """Put what a check finds beside what the others found."""
    params = {
        "ids": list(ids) if ids is not None else None,
        "today": today,
        "shared_phones": rules.shared_phones,
        "stale_days": rules.stale_days,
    }
    with connection.cursor() as cursor:
        if check.judge is None:
            cursor.execute(
                f"INSERT INTO doubtful SELECT f.customer_id, f.field, left(f.given, 300), f.params, %(code)s"  # noqa: S608 - own words
                f" FROM ({check.sql}) AS f (customer_id, field, given, params)",
                params | {"code": check.code},
            )
            return
        cursor.execute(check.sql, params)
        judged = [
            (pk, field, given[:300], values, code)
            for pk, field, given, values in cursor.fetchall()
            if (code := check.judge(given)) is not None
        ]
    copy_rows("doubtful", ("customer_id", "field", "given", "params", "code"), judged)


def _settle(ids: Sequence[int] | None, found: Found) -> None:
    """Questions a check opened and no longer finds are answered by what was put right meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE customers_question q SET status = 'answered', answer = %s, closed_at = now(),
                   updated_at = now(), version = q.version + 1
            WHERE q.status = 'open' AND q.origin = 'check'
              AND (%s::bigint[] IS NULL OR q.customer_id = ANY(%s))
              AND NOT EXISTS (
                SELECT 1 FROM doubtful d WHERE d.customer_id = q.customer_id AND d.field = q.field
                  AND d.code = q.code AND d.given = q.given)
            """,
            [gettext("Put right meanwhile"), _array(ids), _array(ids)],
        )
        found.settled = int(cursor.rowcount)


def _open(rules: ProfileRules, today: date, found: Found) -> None:
    again = [check.code for check in registries.checks() if check.again]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE doubtful")
        cursor.execute(
            """
            INSERT INTO customers_question (customer_id, field, given, code, params, status, origin, due_on, answer)
            SELECT DISTINCT ON (d.customer_id, d.field, d.code, d.given)
                   d.customer_id, d.field, d.given, d.code, d.params, 'open', 'check', %s, ''
            FROM doubtful d
            WHERE NOT EXISTS (
                SELECT 1 FROM customers_question q
                WHERE q.customer_id = d.customer_id AND q.field = d.field AND q.code = d.code
                  AND q.given = d.given
                  AND (q.status IN ('open', 'accepted', 'void') OR NOT d.code = ANY(%s)))
            ON CONFLICT DO NOTHING
            """,
            [today + timedelta(days=rules.answer_days), again],
        )
        found.opened = int(cursor.rowcount)


def _array(ids: Sequence[int] | None) -> list[int] | None:
    return list(ids) if ids is not None else None

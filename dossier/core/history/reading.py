"""Reading of the history: what happened to a record, and what it was at a past moment (AUD-1, CUS-15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models

from dossier.core.db.after_migrate import tracked_models


@dataclass(frozen=True)
class Change:
    """One change of one row: who, when, from where, why, and the columns before and after."""

    entry: int
    at: datetime
    who: str
    why: str
    via: str
    table: str
    row: str
    op: str
    before: dict[str, Any]
    after: dict[str, Any]


def parts_of(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """Tables whose rows are parts of a record (they go with it), with the column that refers to it."""
    tracked = set(tracked_models())
    return [
        (relation.related_model, str(relation.field.column))
        for relation in model._meta.related_objects
        if relation.on_delete is models.CASCADE and relation.related_model in tracked
    ]


def changes(record: models.Model, *, until: datetime | None = None) -> list[Change]:
    """Everything that happened to a record and its parts, oldest first; ``until`` a moment."""
    where = ["(e.table_name = %s AND e.row_id = %s)"]
    values: list[Any] = [record._meta.db_table, str(record.pk)]
    for model, column in parts_of(type(record)):
        # A part that was deleted since is found by what its own entries say it belonged to.
        where.append(
            "(e.table_name = %s AND e.row_id IN (SELECT p.row_id FROM history_entry p"
            " WHERE p.table_name = %s AND coalesce(p.after, p.before) ->> %s = %s))"
        )
        values += [model._meta.db_table, model._meta.db_table, column, str(record.pk)]
    moment = ""
    if until is not None:
        moment = " AND t.at <= %s"
        values.append(until)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, t.at, coalesce(t.context->>'name', t.context->>'login', t.db_user),"  # noqa: S608 - own text, values bound
            " coalesce(t.context->>'why', ''), coalesce(t.context->>'via', ''), e.table_name, e.row_id, e.op,"
            " coalesce(e.before, '{}'), coalesce(e.after, '{}')"
            " FROM history_entry e JOIN history_transaction t USING (xid)"
            f" WHERE ({' OR '.join(where)}){moment} ORDER BY e.id",
            values,
        )
        return [Change(*(*row[:8], _loaded(row[8]), _loaded(row[9]))) for row in cursor.fetchall()]


def _loaded(value: Any) -> dict[str, Any]:
    """Django's connection gives jsonb as text; psycopg's own gives it loaded."""
    if isinstance(value, str):
        import json

        return dict(json.loads(value))
    return dict(value)


def state_at(history: list[Change]) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows as they stood after the given changes: (table, row) → columns; deleted rows are absent."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for change in history:
        key = (change.table, change.row)
        if change.op == "D":
            rows.pop(key, None)
        else:
            rows[key] = rows.get(key, {}) | change.after
    return rows

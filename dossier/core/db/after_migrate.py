"""What the owner lays down after each migration: history triggers, rights, reference data.

Everything here may be repeated; it is run at each start and after each migration, so that a table
added by a migration is recorded from its first row on (AUD-1).
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from django.apps import apps
from django.db import models
from psycopg import sql

from dossier.core.db.policy import UNTRACKED_TABLES

HISTORY_SQL = Path(__file__).with_name("history.sql")


def tracked_models() -> list[type[models.Model]]:
    """Every table of our departments that the history records, many-to-many links included."""
    found: list[type[models.Model]] = []
    for config in apps.get_app_configs():
        if not config.name.startswith("dossier."):
            continue
        for model in config.get_models(include_auto_created=True):
            if model._meta.managed and model._meta.db_table not in UNTRACKED_TABLES:
                found.append(model)  # noqa: PERF401 - two loops read better than one comprehension
    return found


def trigger_arguments(model: type[models.Model]) -> tuple[str, str, str]:
    """Key column, columns left out, secret columns: the arguments of a model's triggers."""

    def columns(names: tuple[str, ...]) -> str:
        found = {field.name: field.column for field in model._meta.concrete_fields}
        return "{" + ",".join(sorted(str(found[name]) for name in names)) + "}"

    key = model._meta.pk
    assert key is not None
    return (
        str(key.column),
        columns(getattr(model, "history_skip", ())),
        columns(getattr(model, "history_secret", ())),
    )


def install_history(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Create or renew the history functions and the three triggers of each tracked table."""
    connection.execute(HISTORY_SQL.read_text(encoding="utf-8").encode())
    for model in tracked_models():
        table = sql.Identifier(model._meta.db_table)
        arguments = sql.SQL(", ").join(sql.Literal(value) for value in trigger_arguments(model))
        for name, event, tables in (
            ("history_insert", "INSERT", "NEW TABLE AS new_rows"),
            ("history_update", "UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("history_delete", "DELETE", "OLD TABLE AS old_rows"),
        ):
            connection.execute(
                sql.SQL(
                    "CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} REFERENCING {tables}"
                    " FOR EACH STATEMENT EXECUTE FUNCTION public.history_record({arguments})"
                ).format(
                    name=sql.Identifier(name),
                    event=sql.SQL(event),
                    table=table,
                    tables=sql.SQL(tables),
                    arguments=arguments,
                )
            )
            connection.execute(
                sql.SQL("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}").format(
                    table=table, name=sql.Identifier(name)
                )
            )


def apply(connection: psycopg.Connection[tuple[object, ...]], *, app_role: str) -> None:
    """Lay down triggers, rights and reference data on the owner's connection, in one transaction."""
    from dossier.core.db.provision import grant_app
    from dossier.core.db.seeds import load_all
    from dossier.core.reference.load import load_reference

    with connection.transaction():
        install_history(connection)
        load_reference(connection)
        load_all(connection)
        grant_app(connection, app_role=app_role)

"""What `dossier check` looks at; each function answers with the faults it found, none when all is right.

What is worth knowing but no fault is a `Notice`. Settings, disk and seals are in `place_checks`.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg
from django.conf import settings

from dossier.config import schema
from dossier.core.bilingual import bilingual
from dossier.core.db.provision import grant_faults

_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND t.tgname = ANY(%s)
"""
_HISTORY_TRIGGERS = ("history_insert", "history_update", "history_delete")


class Notice(str):
    """A sentence that is said but does not fail the check."""

    __slots__ = ()


def connect() -> psycopg.Connection[Any]:
    """As the owner where it is known: the application's role does not see everything."""
    return psycopg.connect(
        settings.OWNER_DATABASE_URL or settings.DATABASE_URL, autocommit=True, connect_timeout=5
    )


def program() -> list[str]:
    """Django's own checks of settings, models, addresses and templates."""
    from django.core import checks

    found = checks.run_checks()
    return [str(message) for message in found if message.is_serious()]


def database() -> list[str]:
    """Both roles can sign in, and the server is new enough."""
    faults: list[str] = []
    for role, url in (("app", settings.DATABASE_URL), ("owner", settings.OWNER_DATABASE_URL)):
        if not url:
            continue
        try:
            with closing(psycopg.connect(url, connect_timeout=5)) as connection:
                if connection.info.server_version < schema.OLDEST_SERVER:
                    faults.append(
                        bilingual(
                            "PostgreSQL 15 or newer is needed.", "需要 PostgreSQL 15 或更高版本。"
                        )
                    )
        except psycopg.OperationalError as error:
            faults.append(f"{role}: {str(error).strip()}")
    if not settings.OWNER_DATABASE_URL:
        faults.append(
            Notice(
                bilingual(
                    "Looked at as the application's role; with DOSSIER_OWNER_DATABASE_URL as the owner.",
                    "以应用角色检查；设置 DOSSIER_OWNER_DATABASE_URL 后以所有者检查。",
                )
            )
        )
    return faults


def migrations() -> list[str]:
    """Every migration is applied, and triggers, rights and reference data are of this version."""
    from django.db import ProgrammingError, connections
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(
            connections["owner" if settings.OWNER_DATABASE_URL else "default"]
        )
    except ProgrammingError as error:  # the role may not even read which migrations are applied
        return [str(error).strip()]
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    faults = [
        bilingual(f"not applied: {migration}", f"尚未应用：{migration}") for migration, _ in plan
    ]
    if not faults and not schema.is_current(settings.DATABASE_URL):
        faults.append(
            bilingual(
                "Prepared by another version of the program. Run `dossier migrate`.",
                "数据库由其他版本准备。请运行 dossier migrate。",
            )
        )
    return faults


def rights() -> list[str]:
    """The application's role may do what it must, and nothing more."""
    with closing(connect()) as connection:
        return grant_faults(connection, app_role=settings.APP_ROLE)


def history_triggers() -> list[str]:
    """Each table the history records has its triggers, and none is switched off."""
    from dossier.core.db.after_migrate import tracked_models

    with closing(connect()) as connection:
        found = {
            (table, name): enabled
            for table, name, enabled in connection.execute(_TRIGGERS, [list(_HISTORY_TRIGGERS)])
        }
    faults = []
    for model in tracked_models():
        table = model._meta.db_table
        states = {name: found.get((table, name)) for name in _HISTORY_TRIGGERS}
        if missing := ", ".join(name for name, state in states.items() if state is None):
            faults.append(bilingual(f"{table}: lacks {missing}.", f"{table}：缺少 {missing}。"))
        if loose := ", ".join(name for name, state in states.items() if state not in (None, "A")):
            faults.append(
                bilingual(
                    f"{table}: {loose} can be switched off.", f"{table}：{loose} 未始终启用。"
                )
            )
    return faults

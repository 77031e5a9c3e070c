"""Pytest plugin: the tests' own home, and a database made by the owner and used as the application.

Loaded by ``-p dossier.testing`` before Django's settings are read. One embedded server under
``build/test-home`` serves all running test sessions; the last one out stops it. A migrated template
database is made once per state of the migrations and copied for each session.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "build" / "test-home"

os.environ.setdefault("DOSSIER_HOME", str(HOME))
os.environ.pop("DOSSIER_DATABASE_URL", None)
os.environ.pop("DOSSIER_OWNER_DATABASE_URL", None)
os.environ.setdefault("DOSSIER_LANG", "en")


def template_name() -> str:
    """The template database of the present schema: its name changes with anything that shapes it."""
    digest = hashlib.sha256()
    shaping = [
        *ROOT.glob("dossier/*/migrations/*.py"),
        *ROOT.glob("dossier/*/seeds.py"),
        *ROOT.glob("dossier/core/db/*"),
        *ROOT.glob("dossier/core/reference/**/*.csv"),
        *ROOT.glob("dossier/*/models.py"),
        ROOT / "package-lock.json",
    ]
    for path in sorted(shaping):
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return f"template_{digest.hexdigest()[:16]}"


@contextmanager
def server() -> Iterator[Any]:
    """The embedded server shared by running sessions; the last to leave stops it."""
    from dossier.core.db.embedded import Cluster

    cluster = Cluster(HOME)
    with cluster.used():
        yield cluster


def owner_url(database: str) -> str:
    """The address of a test database as its owner."""
    from dossier.core.db.embedded import Cluster
    from dossier.core.db.urls import with_database

    return with_database(Cluster(HOME).urls().owner, database)


def superuser_url(database: str) -> str:
    """The address of a test database as the server's superuser."""
    from dossier.core.db.embedded import Cluster
    from dossier.core.db.urls import with_database

    return with_database(Cluster(HOME).urls().superuser, database)


def app_url(database: str) -> str:
    """The address of a test database as the application's role."""
    from dossier.core.db.embedded import Cluster
    from dossier.core.db.urls import with_database

    return with_database(Cluster(HOME).urls().app, database)


@contextmanager
def database(name: str) -> Iterator[str]:
    """A fresh database of this name, migrated and provisioned; dropped at the end. Yields its name."""
    import psycopg
    from psycopg import sql

    from dossier.core.db.provision import provision
    from dossier.core.db.secrets import secret

    passwords = {"owner_password": secret(HOME, "owner"), "app_password": secret(HOME, "app")}
    with server() as cluster:
        superuser = cluster.urls().superuser
        template = template_name()
        with psycopg.connect(superuser, autocommit=True) as admin:
            admin.execute("SELECT pg_advisory_lock(7315)")
            if (
                admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
                is None
            ):
                building = f"building_{os.getpid()}"
                admin.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(building))
                )
                provision(superuser, database=building, **passwords)
                migrate(building)
                admin.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                        sql.Identifier(building), sql.Identifier(template)
                    )
                )
            _drop(admin, name)
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER dossier_owner").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        provision(superuser, database=name, **passwords)
        try:
            yield name
        finally:
            with psycopg.connect(superuser, autocommit=True) as admin:
                _drop(admin, name)


def _drop(admin: Any, name: str) -> None:
    from psycopg import sql

    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(name: str) -> None:
    """Migrate a database as its owner and lay down triggers, rights and reference data."""
    import psycopg
    from django.core.management import call_command
    from django.db import connections

    from dossier.core.db.after_migrate import apply

    owner = connections["owner"]
    before = owner.settings_dict["NAME"]
    owner.settings_dict["NAME"] = name
    try:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    finally:
        owner.close()
        owner.settings_dict["NAME"] = before
    with psycopg.connect(owner_url(name)) as connection:
        apply(connection, app_role="dossier_app")


# Reference data stays when a test's committed rows are emptied; shipped roles and number schemes are laid down anew.
KEPT_TABLES = frozenset(
    {
        "core_region",
        "core_industry",
        "history_clock",
        "django_migrations",
        "django_content_type",
        "auth_permission",
    }
)


def empty(name: str) -> None:
    """Empty a database as the owner: all committed rows but the reference data, history included.

    What every installation begins with is as it was shipped again, whatever the test made of it.
    """
    import psycopg
    from psycopg import sql

    from dossier.core.db.seeds import load_all

    with psycopg.connect(owner_url(name)) as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            )
            if row[0] not in KEPT_TABLES and not row[0].startswith("history_")
        ]
        connection.execute(
            sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(
                sql.SQL(", ").join(map(sql.Identifier, tables))
            )
        )
        connection.execute("TRUNCATE history_seal")
        connection.execute(
            "DELETE FROM history_entry WHERE table_name <> ALL(%s)", [sorted(KEPT_TABLES)]
        )
        connection.execute(
            "DELETE FROM history_transaction t WHERE NOT EXISTS (SELECT 1 FROM history_entry e WHERE e.xid = t.xid)"
        )
        load_all(connection)

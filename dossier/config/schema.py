"""The schema follows the program: whether migrations, triggers, rights and reference data are applied.

The owner notes on the table of migrations which program was applied last (a digest of its files) and
which migrations stood then. One short query at start tells that nothing has to be done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from dossier.config.exits import CommandError
from dossier.core.bilingual import bilingual
from dossier.core.db.embedded import Cluster
from dossier.core.db.provision import grant_app, provision
from dossier.core.db.statistics import analyze_unknown

_PACKAGE = Path(__file__).resolve().parent.parent
_LIBRARIES = ("Django", "django-axes", "procrastinate")  # they bring migrations of their own
_LEFT_OUT = frozenset({"__pycache__", "tests", "templates", "locale", "config"})
_LOCK = 0x6D696772  # "migr": one migration at a time on a database
OLDEST_SERVER = 150000

_APPLIED = """
SELECT obj_description('public.django_migrations'::regclass, 'pg_class'),
       (SELECT md5(string_agg(app || '.' || name, ',' ORDER BY app, name)) FROM public.django_migrations)
"""


def program_digest() -> str:
    """A digest of everything that shapes the database: our files and the libraries' versions."""
    digest = hashlib.sha256()
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    lock = _PACKAGE.parent / "package-lock.json"  # reference data come from npm packages
    for path in [*_files(_PACKAGE), *([lock] if lock.exists() else [])]:
        digest.update(path.relative_to(_PACKAGE.parent).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_OUT or path.suffix == ".pyc":
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def is_current(url: str) -> bool:
    """Whether the database behind `url` (any of our roles) was prepared by this very program."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            noted, migrations = connection.execute(_APPLIED).fetchone() or (None, None)
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return False
    except psycopg.errors.InsufficientPrivilege:
        return False
    return bool(noted == f"{program_digest()} {migrations}")


def prepare_server() -> None:
    """Embedded: make roles and database where they are missing. Elsewhere that is the server's keeper's."""
    from django.conf import settings

    if settings.EMBEDDED:
        cluster = Cluster(settings.HOME_DIR)
        owner, app = settings.DATABASES["owner"], settings.DATABASES["default"]
        provision(
            cluster.urls().superuser,
            database=owner["NAME"],
            owner_password=owner["PASSWORD"],
            app_password=app["PASSWORD"],
        )


def apply(*, verbosity: int = 0) -> None:
    """Bring the database to this program: server, migrations, triggers, rights, reference data.

    Needs Django set up and the server running. Runs as the owner; others wait until it is done.
    """
    from django.core.management import call_command

    prepare_server()
    with _owner() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
        _after_migrate(connection)
        _note(connection)


def _after_migrate(connection: psycopg.Connection[Any]) -> None:
    from django.conf import settings

    from dossier.core.db import after_migrate

    after_migrate.apply(connection, app_role=settings.APP_ROLE)
    grant_app(connection, app_role=settings.APP_ROLE)
    analyze_unknown(connection)


def _note(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute(_APPLIED).fetchone()
    noted = f"{program_digest()} {row[1] if row else ''}"
    connection.execute(
        sql.SQL("COMMENT ON TABLE public.django_migrations IS {}").format(sql.Literal(noted))
    )


@contextmanager
def _owner() -> Iterator[psycopg.Connection[Any]]:
    """A plain connection as the owner, for what is not the ORM's business."""
    from django.conf import settings

    url = settings.OWNER_DATABASE_URL
    if not url:
        raise CommandError(
            bilingual(
                "The database has to be prepared for this version. Set DOSSIER_OWNER_DATABASE_URL to "
                "the database's owner and run `dossier migrate`.",
                "数据库需要升级到当前版本：请把 DOSSIER_OWNER_DATABASE_URL 设为数据库所有者，然后运行 dossier migrate。",
            )
        )
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        if connection.info.server_version < OLDEST_SERVER:
            raise CommandError(
                bilingual("PostgreSQL 15 or newer is needed.", "需要 PostgreSQL 15 或更高版本。")
            )
        yield connection

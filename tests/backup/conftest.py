"""A database worth backing up, and a home with a server of its own to bring it back to."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import psycopg
import pytest

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.backup import envelope, home, making, restoring, swapping
from dossier.core.backup.tables import begin_snapshot, measure
from dossier.core.db import after_migrate
from dossier.core.db.embedded import Cluster
from dossier.core.db.urls import with_database
from dossier.core.services import command
from tests.factories import make_account, make_customer, make_order
from tests.sealing import seal_all

KEY = "the key of the history, kept in a safe"


@pytest.fixture(autouse=True)
def _cheap_passphrases(monkeypatch):
    """The cost of a passphrase is by design; one test looks at the real one."""
    monkeypatch.setattr(envelope, "_SCRYPT", (2**10, 8, 1))


@pytest.fixture
def source(committed_db, settings, tmp_path, monkeypatch):
    """A sealed history, orders, two files, and the settings of a home `old`; gives the home."""
    old = tmp_path / "old"
    (old / "files" / "imports").mkdir(parents=True)
    (old / "files" / "imports" / "0123abcd").write_bytes(b"typed\n" * 1000)
    (old / "files" / "合同 (2).txt").write_text("天津格致", "utf-8")
    (old / "secrets").mkdir(mode=0o700)
    (old / "secrets" / "seal").write_text(KEY)
    for name in ("DOSSIER_SEAL_KEY", "DOSSIER_SEAL_HEADS", "DOSSIER_BACKUP_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    settings.HOME_DIR, settings.MEDIA_ROOT = old, old / "files"
    settings.DATABASE_URL = testing.app_url(committed_db)
    settings.OWNER_DATABASE_URL = testing.owner_url(committed_db)
    with command(system_actor(), why="made"):
        for name in ("天津格致", "另一家"):
            make_order(make_customer(name), lines=[{}, {}])
        make_account(roles=["salesperson"], login="li")
    seal_all(committed_db)
    with command(system_actor(), why="not sealed so far"):
        make_customer("第三家")
    return old


@pytest.fixture
def backup(source, tmp_path):
    """An unencrypted backup of the source."""
    return making.back_up(tmp_path / "made.dossier").path


@pytest.fixture(scope="session")
def server():
    """A server of its own, as on another machine; its home is emptied between tests.

    Not below pytest's own folder: another session's start closes that to the server's user.
    """
    with tempfile.TemporaryDirectory(prefix="dossier-backup-") as place:
        cluster = Cluster(Path(place) / "new")
        cluster.start()
        yield cluster
        cluster.stop()


@pytest.fixture
def target(server, settings, monkeypatch):
    """Call it to be in the other home from then on, with the key from the safe unless told otherwise."""

    def enter(*, key: str | None = KEY) -> Cluster:
        settings.HOME_DIR, settings.MEDIA_ROOT = server.home, server.home / "files"
        settings.EMBEDDED = True
        settings.DATABASE_URL, settings.OWNER_DATABASE_URL = server.urls().app, server.urls().owner
        (server.home / "secrets").mkdir(mode=0o700, exist_ok=True)
        if key is not None:
            (server.home / "secrets" / "seal").write_text(key)
        return server

    yield enter
    empty(server)


def empty(server):
    """As on a machine where nothing was done so far."""
    swapping.clear_drafts(server)
    swapping.drop_kept(server)
    with psycopg.connect(server.urls().superuser, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS dossier WITH (FORCE)")
    for name in ("secrets/seal", "secrets/django", "seals/heads.jsonl", "restore.json"):
        (server.home / name).unlink(missing_ok=True)
    for folder in (server.home / "files", server.home / "seals"):
        if folder.exists():
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            folder.rmdir()


def upgrade(app_url, owner_url):
    """What `dossier migrate` does to a database whose migrations are all applied."""
    with psycopg.connect(owner_url) as owner:
        after_migrate.apply(owner, app_role="dossier_app")
    return True


def restore(path, **options):
    """Restore into the home that the settings name."""
    return restoring.restore(path, upgrade=upgrade, say=lambda text: None, **options)


def contents(owner_url):
    """Every row of every table, as text."""
    with psycopg.connect(owner_url) as owner:
        begin_snapshot(owner)
        return {
            table: [
                row[0]
                for row in owner.execute(f'SELECT t::text FROM public."{table}" t ORDER BY 1')
            ]
            for table in measure(owner)
        }


def files(folder: Path):
    """Relative names and contents."""
    return {name: path.read_bytes() for name, path in home.files_below(folder)}


def databases(server):
    with psycopg.connect(server.urls().superuser) as admin:
        return {
            name
            for (name,) in admin.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")
        } - {"postgres"}


def customers(server):
    """Names of the customers in the database of the home; None where there is none."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server.urls().owner) as c:
        return {name for (name,) in c.execute("SELECT name FROM customers_customer")}
    return None


def owner_of(server, database="dossier"):
    return with_database(server.urls().owner, database)

"""Puts a restored database and its files in the place of the old ones, all at once (SYS).

The renaming of both databases in one transaction is the moment at which old becomes new. What belongs to it
outside the database is written down before in `DOSSIER_HOME/restore.json` and done after; where a kill comes
between, the next command finishes it (`settle`) before anything else looks at the home.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from dossier.core.backup.home import flush_folder
from dossier.core.db.embedded import DATABASE, Cluster
from dossier.core.errors import Refusal
from dossier.core.history.sealing import heads_file

JOURNAL = "restore.json"
KEPT = "before-restore-"  # folders of the home with what a restore set aside
DRAFT = "dossier_restore_"


@dataclass(frozen=True)
class Swap:
    """What changes places."""

    draft: str  # the restored database, so far
    kept: str  # what the old database will be called
    folder: str  # of the home: files, heads and secrets from the backup
    aside: str  # of the home: where the old ones go
    same_chain: bool  # the old heads are of the same history and stay


def swap(cluster: Cluster, plan: Swap) -> bool:
    """Old becomes new; whether there was an old database. Refuses while somebody is connected to it."""
    journal = cluster.home / JOURNAL
    _write(journal, json.dumps(asdict(plan)).encode())
    try:
        with psycopg.connect(cluster.urls().superuser) as server:
            if replaced := _exists(server, DATABASE):
                _rename(server, DATABASE, plan.kept)
            _rename(server, plan.draft, DATABASE)
    except psycopg.errors.ObjectInUse as error:
        journal.unlink()
        raise Refusal(
            "database_in_use",
            _("Another command is using the database. Wait for its end, then restore."),
        ) from error
    _finish(cluster.home, plan)
    return replaced


def settle(home: Path) -> None:
    """Finish, or take back, a swap whose process was killed; the server of the home must be running."""
    journal = home / JOURNAL
    if not journal.exists():
        return
    with (home / "restore.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not journal.exists():
            return  # its process was alive and has finished
        plan = Swap(**json.loads(journal.read_text(encoding="utf-8")))
        with psycopg.connect(Cluster(home).urls().superuser, autocommit=True) as server:
            begun_only = _exists(server, plan.draft)
        if not begun_only:
            _finish(home, plan)
            return
        journal.unlink()
        clear_drafts(Cluster(home))


def clear_drafts(cluster: Cluster) -> None:
    """Remove what a killed restore left before its moment came. Only while holding `restore.lock`."""
    with psycopg.connect(cluster.urls().superuser, autocommit=True) as server:
        for name in _databases(server, DRAFT):
            _drop(server, name)
    for folder in cluster.home.glob("restore-*"):
        if folder.is_dir():
            shutil.rmtree(folder)


def drop_kept(cluster: Cluster, *, except_for: str = "") -> int:
    """Remove what earlier restores set aside, databases and files; how many times."""
    folders = [f for f in cluster.home.glob(f"{KEPT}*") if f.is_dir() and f.name != except_for]
    with psycopg.connect(cluster.urls().superuser, autocommit=True) as server:
        for folder in folders:
            _drop(server, _kept_database(folder.name))
            shutil.rmtree(folder)
    return len(folders)


def kept_names(at: datetime) -> tuple[str, str]:
    """Folder and database under which the old state of this moment is kept; two restores may follow at once."""
    stamp = at.strftime("%Y%m%d%H%M%S%f")
    return f"{KEPT}{stamp}", _kept_database(f"{KEPT}{stamp}")


def _kept_database(folder: str) -> str:
    return f"dossier_before_{folder.removeprefix(KEPT)}"


def _finish(home: Path, plan: Swap) -> None:
    """Files, heads and secrets follow the database. Each step may have been done before."""
    new, aside = home / plan.folder, home / plan.aside
    aside.mkdir(mode=0o700, exist_ok=True)
    if (new / "files").exists():
        if (home / "files").exists() and not (aside / "files").exists():
            (home / "files").rename(aside / "files")
        (new / "files").rename(home / "files")
    for fresh in sorted((new / "secrets").glob("*")):
        _replace(fresh, home / "secrets" / fresh.name, aside / "secrets" / fresh.name)
    if (new / "seals" / "heads.jsonl").exists():
        _place_heads(new / "seals" / "heads.jsonl", aside, plan.same_chain)
    if (home / "demo.txt").exists():  # log-ins of the old database
        (home / "demo.txt").rename(aside / "demo.txt")
    flush_folder(home)
    (home / JOURNAL).unlink()
    flush_folder(home)
    shutil.rmtree(new, ignore_errors=True)


def _replace(fresh: Path, target: Path, old: Path) -> None:
    """Put ``fresh`` in the place of ``target``, which is there at every moment; keep what differs as ``old``."""
    if target.exists():
        if target.read_bytes().strip() == fresh.read_bytes().strip():
            return
        if not old.exists():
            old.parent.mkdir(mode=0o700, exist_ok=True)
            old.hardlink_to(target)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.restored")
    shutil.copyfile(fresh, draft)
    draft.chmod(0o600)
    draft.replace(target)


def _place_heads(prepared: Path, aside: Path, same_chain: bool) -> None:
    """Heads of the same history get the lines they lack, so that the file may be one to append to only."""
    heads = heads_file()
    if not (same_chain and heads.exists()):
        _replace(prepared, heads, aside / "heads.jsonl")
        return
    there = set(heads.read_text(encoding="utf-8").splitlines())
    lacking = [
        line for line in prepared.read_text(encoding="utf-8").splitlines() if line not in there
    ]
    if lacking:
        with heads.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lacking))
            file.flush()
            os.fsync(file.fileno())


def _write(path: Path, content: bytes) -> None:
    """A file that is there whole, on the disk, or not at all."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    flush_folder(path.parent)


def _exists(server: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _databases(server: psycopg.Connection[tuple[object, ...]], prefix: str) -> list[str]:
    rows = server.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
    ).fetchall()
    return [str(name) for (name,) in rows]


def _rename(server: psycopg.Connection[tuple[object, ...]], old: str, new: str) -> None:
    server.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
    )


def _drop(server: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    with contextlib.suppress(psycopg.errors.InvalidCatalogName):
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

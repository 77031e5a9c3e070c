"""Makes a backup: one snapshot of the database with its counts and sums, the files, one sealed file.

The program may be running and written to meanwhile. The file gets its name when it is whole and on the
disk; a backup that fails or is killed leaves none.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dossier.core.backup import home, tools
from dossier.core.backup.container import FORMAT, HEAD, Sink, Writer
from dossier.core.backup.envelope import Encrypting
from dossier.core.backup.refusals import FULL, no_room
from dossier.core.backup.tables import Sums, begin_snapshot, measure
from dossier.core.errors import Refusal
from dossier.core.history.sealing import heads_file, seal_key

SUFFIX = ".dossier"


@dataclass(frozen=True)
class Made:
    """A backup just made."""

    path: Path
    id: str
    made_at: datetime
    size: int  # bytes
    sha256: str
    tables: int
    rows: int
    files: int
    seconds: float
    encrypted: bool


def back_up(target: Path, *, overwrite: bool = False) -> Made:
    """Write a backup of this home to ``target``; encrypted where a passphrase is set.

    Refuses: an existing file without ``overwrite``, a second backup at the same time, no owner's address,
    no room, a server newer than the tools.
    """
    target = target.expanduser().absolute()
    passphrase = home.passphrase()
    if not settings.OWNER_DATABASE_URL:
        raise Refusal(
            "owner_needed",
            _("A backup reads as the database's owner: set DOSSIER_OWNER_DATABASE_URL."),
        )
    _refuse_target(target, overwrite)
    began = time.monotonic()
    with home.alone("backup") as free:
        if not free:
            raise Refusal("backup_running", _("A backup is being made already. Wait for its end."))
        try:
            with _work_place(target.parent) as place:
                return _back_up(target, place, passphrase, overwrite, began)
        except OSError as error:
            if error.errno in FULL:
                raise no_room(target.parent) from error
            raise


def _refuse_target(target: Path, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise Refusal(
            "no_folder",
            _("The folder “%(folder)s” does not exist. Make it first."),
            params={"folder": target.parent},
        )
    if target.is_dir() or (target.exists() and not overwrite):
        raise Refusal(
            "file_exists",
            _("“%(path)s” exists. Choose another name, or add --force to replace it."),
            params={"path": target},
        )


@contextmanager
def _work_place(folder: Path) -> Iterator[Path]:
    """A folder beside the backup, gone at the end; those of killed backups of this home go first."""
    mark = hashlib.sha256(os.fsencode(settings.HOME_DIR)).hexdigest()[:8]
    for left in folder.glob(f".dossier-backup-{mark}-*"):
        shutil.rmtree(left, ignore_errors=True)
    place = folder / f".dossier-backup-{mark}-{uuid.uuid4().hex[:8]}"
    place.mkdir(mode=0o700)
    links = Path(settings.HOME_DIR) / "backup-files"  # on the file system of the files
    shutil.rmtree(links, ignore_errors=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(links, ignore_errors=True)


def _back_up(
    target: Path, place: Path, passphrase: str | None, overwrite: bool, began: float
) -> Made:
    files, links = Path(settings.MEDIA_ROOT), Path(settings.HOME_DIR) / "backup-files"
    made_at = datetime.now(UTC)
    with psycopg.connect(settings.OWNER_DATABASE_URL, connect_timeout=5) as connection:
        if refusal := tools.server_too_new(connection.info.server_version):
            raise refusal
        home.link_files(files, links)
        snapshot = begin_snapshot(connection)
        home.link_files(files, links)
        dumping = tools.dump(settings.OWNER_DATABASE_URL, place / "database", snapshot=snapshot)
        try:
            head = _head(connection, made_at)
            sums = measure(connection)
            history = _history(connection)
            dumping.wait()
        finally:
            dumping.stop()
    draft = place / "backup"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        sha256, count = _write(out, place, links, passphrase, head, sums, history)
        out.flush()
        os.fsync(out.fileno())
    size = draft.stat().st_size
    _name(draft, target, overwrite)
    return Made(
        path=target,
        id=head["id"],
        made_at=made_at,
        size=size,
        sha256=sha256,
        tables=len(sums),
        rows=sum(table["rows"] for table in sums.values()),
        files=count,
        seconds=time.monotonic() - began,
        encrypted=passphrase is not None,
    )


def _write(
    out: BinaryIO,
    place: Path,
    links: Path,
    passphrase: str | None,
    head: dict[str, Any],
    sums: Sums,
    history: dict[str, Any],
) -> tuple[str, int]:
    """All members into ``out``; the sealed SHA-256, and how many files of the home are in it."""
    sink: Sink = out
    signature = home.signature_key(seal_key())
    envelope = None
    if passphrase is not None:
        sink = envelope = Encrypting(out, passphrase)
        signature = envelope.keys.signature
    writer = Writer(sink, key=signature)
    writer.add_bytes(HEAD, json.dumps(head, ensure_ascii=False, indent=1).encode())
    for name, path in home.files_below(place / "database"):
        writer.add_file(f"database/{name}", path)
        path.unlink()  # so the dump and the backup are never both there whole
    count, changed = 0, []
    for name, path in home.files_below(links):
        count += 1
        if not writer.add_file(f"files/{name}", path):
            changed.append(name)
    if heads_file().exists():
        writer.add_bytes("seals/heads.jsonl", heads_file().read_bytes())
    if envelope is not None:
        for name, content in home.secrets().items():
            writer.add_bytes(f"secrets/{name}", content)
    sha256 = writer.finish(
        {"id": head["id"], "tables": sums, "history": history, "changed_meanwhile": changed}
    )
    if envelope is not None:
        envelope.finish()
    return sha256, count


def _name(draft: Path, target: Path, overwrite: bool) -> None:
    """Give the finished file its name; one that appeared meanwhile is not overwritten unasked."""
    if overwrite:
        draft.replace(target)
    else:
        try:
            target.hardlink_to(draft)
        except FileExistsError:
            _refuse_target(target, overwrite)
        except OSError:  # a file system without second names
            _refuse_target(target, overwrite)
            draft.rename(target)
    home.flush_folder(target.parent)


def _head(connection: psycopg.Connection[Any], made_at: datetime) -> dict[str, Any]:
    """What has to be known before anything is unpacked."""
    migrations = connection.execute(
        "SELECT app || '.' || name FROM public.django_migrations ORDER BY 1"
    ).fetchall()
    room = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return {
        "format": FORMAT,
        "id": uuid.uuid4().hex,
        "program": version("dossier"),
        "made_at": made_at.isoformat(timespec="seconds"),
        "postgresql": connection.info.server_version,
        "migrations": [name for (name,) in migrations],
        "database_bytes": room[0] if room else 0,
        "key": home.key_name(seal_key()),
    }


def _history(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Where the history stood: its last seal, and how many entries there were."""
    last = connection.execute(
        "SELECT id, encode(mac, 'hex') FROM public.history_seal ORDER BY id DESC LIMIT 1"
    ).fetchone()
    entries = connection.execute("SELECT count(*) FROM public.history_entry").fetchone()
    seal, mac = last or (0, "")
    return {"seal": seal, "mac": mac, "entries": entries[0] if entries else 0}

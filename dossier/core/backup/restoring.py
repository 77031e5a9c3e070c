"""Brings a backup back: proves the file, restores beside the old, verifies, and only then changes places.

Refused or killed at any moment, the old state stays; after the change of places it is kept under another
name until it is dropped on demand.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.utils import translation
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from dossier.core.access import system_actor
from dossier.core.backup import home, tools
from dossier.core.backup.reading import Backup, newer, opened, refuse_without_room, unpack
from dossier.core.backup.refusals import damaged
from dossier.core.backup.swapping import DRAFT, Swap, clear_drafts, drop_kept, kept_names, swap
from dossier.core.backup.tables import Sums, begin_snapshot, differences, measure
from dossier.core.db.embedded import DATABASE, Cluster
from dossier.core.db.provision import provision
from dossier.core.db.secrets import secret
from dossier.core.db.statistics import analyze_all
from dossier.core.db.urls import with_database
from dossier.core.errors import Refusal
from dossier.core.history.sealing import heads_file, read_heads, seal_key
from dossier.core.history.verifying import Fault, verify

Say = Callable[[str], None]
Upgrade = Callable[[str, str], bool]
"""Brings a database (its addresses as application and as owner) to this program; whether that worked."""


@dataclass(frozen=True)
class Checked:
    """A backup that was read to its end."""

    id: str
    made_at: datetime
    program: str
    encrypted: bool
    signed: bool
    sha256: str
    tables: int
    rows: int
    files: int
    entries: int  # of the history


@dataclass(frozen=True)
class Done:
    """A restore that took place."""

    backup: Checked
    kept_database: str  # empty: there was none before
    kept_folder: Path
    faults: list[Fault]
    seconds: float


def check(path: Path, *, folder: Path | None = None, without_key: bool = False) -> Checked:
    """Read a backup to its end without restoring it; refuses a damaged or foreign one.

    ``folder``, which must not exist, gets what is in it.
    """
    if folder is not None and folder.exists():
        raise Refusal(
            "file_exists",
            _("“%(path)s” exists. Choose another name, or add --force to replace it."),
            params={"path": folder},
        )
    with opened(
        path, passphrase=home.passphrase(), key=seal_key(), without_key=without_key
    ) as backup:
        if folder is not None:
            folder.mkdir(mode=0o700)
        return _checked(backup, unpack(backup, folder))


def _checked(backup: Backup, manifest: dict[str, Any]) -> Checked:
    return Checked(
        id=backup.head["id"],
        made_at=datetime.fromisoformat(backup.head["made_at"]),
        program=backup.head["program"],
        encrypted=backup.encrypted,
        signed=backup.signed,
        sha256=backup.sha256,
        tables=len(manifest["tables"]),
        rows=sum(table["rows"] for table in manifest["tables"].values()),
        files=sum(name.startswith("files/") for name, _size, _sha in manifest["members"]),
        entries=manifest["history"]["entries"],
    )


def restore(
    path: Path,
    *,
    upgrade: Upgrade,
    say: Say,
    without_key: bool = False,
    with_history_faults: bool = False,
    drop_old: bool = False,
) -> Done:
    """Bring the backup back into this home's database, which must be running, but not the program.

    Refuses, changing nothing: a damaged, foreign or newer backup, too little room, a database that does not
    come out equal, a history with faults (unless ``with_history_faults``), somebody still connected.
    """
    began = time.monotonic()
    if not settings.EMBEDDED:
        raise Refusal(
            "not_embedded",
            _(
                "Here the database is another server's (DOSSIER_DATABASE_URL). Restore into a home with the embedded one, or follow docs/howto/back-up-and-restore.md for your server."
            ),
        )
    cluster = Cluster(Path(settings.HOME_DIR))
    with (
        home.alone("restore") as free,
        opened(
            path, passphrase=home.passphrase(), key=seal_key(), without_key=without_key
        ) as backup,
    ):
        if not free:
            raise Refusal("restore_running", _("A restore is under way already."))
        _refuse_unfit(backup, cluster)
        clear_drafts(cluster)
        work = _Work(backup, cluster)
        try:
            return work.run(upgrade, say, with_history_faults, drop_old, began)
        except (
            BaseException
        ):  # whatever stops it, the draft goes, unless the change of places has begun
            if not (cluster.home / "restore.json").exists():
                clear_drafts(cluster)
            raise


def _known_migrations() -> set[str]:
    """The migrations this program brings."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def _refuse_unfit(backup: Backup, cluster: Cluster) -> None:
    if not set(backup.head["migrations"]) <= _known_migrations():
        raise newer()
    with psycopg.connect(cluster.urls().superuser) as server:
        if server.info.server_version // 10_000 < backup.head["postgresql"] // 10_000:
            raise Refusal(
                "server_too_old",
                _("This backup was made on PostgreSQL %(major)s; this server is older."),
                params={"major": backup.head["postgresql"] // 10_000},
            )
    refuse_without_room(backup, cluster.home)


class _Work:
    """One restore: the names it works under, and its steps."""

    def __init__(self, backup: Backup, cluster: Cluster) -> None:
        mark = uuid.uuid4().hex[:8]
        self.backup, self.cluster = backup, cluster
        self.draft = f"{DRAFT}{mark}"
        self.folder = cluster.home / f"restore-{mark}"
        self.owner_url = with_database(cluster.urls().owner, self.draft)
        self.at = datetime.now(UTC)
        self.is_older = set(backup.head["migrations"]) != _known_migrations()

    def run(
        self, upgrade: Upgrade, say: Say, with_faults: bool, drop_old: bool, began: float
    ) -> Done:
        """All steps, up to the change of places and what is said of it."""
        say(gettext("The file is whole. Unpacking …"))
        (self.folder / "files").mkdir(mode=0o700, parents=True)
        self.folder.chmod(0o700)
        manifest = unpack(self.backup, self.folder)
        say(gettext("Loading the database beside the old one …"))
        self._load()
        say(gettext("Comparing counts and sums, verifying the history …"))
        key, same_chain = self._key()
        record = self._note_heads(manifest["history"], same_chain)
        with ThreadPoolExecutor(1) as beside:
            # An older program's tables are not all there before the upgrade; then it is verified after it.
            early = None if self.is_older else beside.submit(self._verify, key, get_language())
            self._compare(manifest["tables"])
            faults = early.result() if early else []
        self._move_clock()
        if not upgrade(with_database(self.cluster.urls().app, self.draft), self.owner_url):
            raise Refusal(
                "upgrade_failed",
                _(
                    "The restored database could not be brought to this version. Nothing was changed."
                ),
            )
        if self.is_older:
            faults = self._verify(key, get_language())
        self._record(record)
        if faults and not with_faults:
            raise Refusal(
                "history_faults",
                _(
                    "The history in this backup has %(count)s faults; it was so when it was made. Nothing was changed. First: %(first)s To restore it all the same, add --with-history-faults."
                ),
                params={"count": len(faults), "first": faults[0].text},
            )
        aside, kept = kept_names(self.at)
        plan = Swap(self.draft, kept, self.folder.name, aside, same_chain)
        replaced = swap(self.cluster, plan)
        if drop_old:
            drop_kept(self.cluster)
        return Done(
            _checked(self.backup, manifest),
            kept if replaced else "",
            self.cluster.home / aside,
            faults,
            time.monotonic() - began,
        )

    def _load(self) -> None:
        passwords = {
            "owner_password": secret(self.cluster.home, "owner"),
            "app_password": secret(self.cluster.home, "app"),
        }
        provision(self.cluster.urls().superuser, database=self.draft, **passwords)
        loading = tools.load(self.owner_url, self.folder / "database")
        try:
            loading.wait()
        finally:
            loading.stop()
        # Statistics are not in the dump; without them what comes next, and the first pages, would be slow.
        with psycopg.connect(self.owner_url) as owner:
            analyze_all(owner)

    def _compare(self, expected: Sums) -> None:
        with psycopg.connect(self.owner_url) as owner:
            begin_snapshot(owner)
            found = measure(owner)
        if differing := differences(expected, found):
            raise damaged("; ".join(differing[:5]))

    def _verify(self, key: bytes, language: str | None) -> list[Fault]:
        """The faults of the history as the backup holds it; this restore is not on record so far."""
        left_out = {"restore_unrecorded"} | (set() if self.backup.signed else {"seal_forged"})
        heads = self.folder / "seals" / "heads.jsonl"
        # The program is stopped: its memory is free for the large sorts.
        session = "-c work_mem=256MB -c max_parallel_workers_per_gather=2"
        connecting = psycopg.connect(self.owner_url, options=session)
        with translation.override(language), connecting as owner:
            found = verify(owner, key=key, heads=heads).faults
        return [fault for fault in found if fault.code not in left_out]

    def _move_clock(self) -> None:
        """Transaction numbers go on above all that the history knows; nobody stays signed in."""
        with psycopg.connect(self.owner_url) as owner:
            owner.execute("SET synchronous_commit = on")
            owner.execute(
                """UPDATE public.history_clock SET xid_offset = greatest(xid_offset,
                     greatest((SELECT coalesce(max(xid), 0) + 1 FROM public.history_transaction),
                              (SELECT coalesce(max(to_xid), 0) FROM public.history_seal))
                     - pg_current_xact_id()::text::bigint)"""
            )
            owner.execute("DELETE FROM public.django_session")

    def _key(self) -> tuple[bytes, bool]:
        """The key of the backup's history, and whether this home goes on with the same one."""
        inside = self.folder / "secrets" / "seal"
        if not inside.exists():
            return seal_key(), True
        key = inside.read_bytes().strip()
        same = key == seal_key()
        if not same and (
            os.environ.get("DOSSIER_SEAL_KEY") or os.environ.get("DOSSIER_SEAL_HEADS")
        ):
            raise Refusal(
                "other_key_set",
                _(
                    "The backup brings the key of its own history, but DOSSIER_SEAL_KEY or DOSSIER_SEAL_HEADS name another one's. Unset them, or name those of the backup."
                ),
            )
        return key, same

    def _note_heads(self, history: dict[str, Any], same_chain: bool) -> dict[str, Any]:
        """The heads as they will be, with a line for this restore; what is to be put on record of it."""
        prepared = self.folder / "seals" / "heads.jsonl"
        prepared.parent.mkdir(mode=0o700, exist_ok=True)
        lines = prepared.read_text(encoding="utf-8").splitlines() if prepared.exists() else []
        seen = history["seal"]
        if same_chain:
            here = heads_file()
            present = here.read_text(encoding="utf-8").splitlines() if here.exists() else []
            lines = present + [line for line in lines if line not in set(present)]
            seen = max(seen, max(read_heads().macs, default=0), self._last_seal())
        note = {
            "restored": self.backup.head["id"],
            "kept": history["seal"],
            "seen": seen,
            "at": self.at.isoformat(),
        }
        prepared.write_text("".join(f"{line}\n" for line in [*lines, json.dumps(note)]), "utf-8")
        return {
            "at": self.at,
            "backup_id": self.backup.head["id"],
            "backup_made_at": self.backup.head["made_at"],
            "backup_sha256": self.backup.sha256,
            "program": self.backup.head["program"][:40],
            "restored_by": system_actor().login,
            "kept_seal": history["seal"],
            "kept_mac": history["mac"],
            "seen_seal": seen,
            "signed": self.backup.signed,
        }

    def _record(self, record: dict[str, Any]) -> None:
        """Put the restore on record, by a row whose coming the history notes and seals."""
        context = system_actor(via="restore").context() | {"why": "restored from a backup"}
        with psycopg.connect(self.owner_url) as owner:
            owner.execute(
                "SELECT set_config('dossier.context', %s, true)",
                [json.dumps(context, ensure_ascii=False)],
            )
            owner.execute(
                sql.SQL("INSERT INTO public.core_restoration ({}) VALUES ({})").format(
                    sql.SQL(", ").join(map(sql.Identifier, record)),
                    sql.SQL(", ").join(map(sql.Placeholder, record)),
                ),
                record,
            )

    def _last_seal(self) -> int:
        """The last seal of the database that is to be replaced; 0 where there is none."""
        try:
            with psycopg.connect(with_database(self.cluster.urls().owner, DATABASE)) as old:
                row = old.execute("SELECT max(id) FROM public.history_seal").fetchone()
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
            return 0  # an empty home
        return int(row[0] or 0) if row else 0

"""Seals finished history entries into a chain keyed with a secret kept outside the database (AUD-1).

Only entries of finished transactions are sealed: those whose number lies below the oldest transaction
still running in this database, so that none can appear in a range later. Each seal lists every entry's
id and digest, is keyed with HMAC-SHA256 over itself and the seal before it, and its head is also written to a file
outside the database, so that a cut-off end or a chain made anew without the key is found.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from dossier.core.db.secrets import secret

BATCH = 20_000
FIRST_MAC = b"\x00" * 32

_LOCK = 0x7365616C  # "seal": one sealer at a time

_ENTRIES = """
SELECT id, xid, digest FROM public.history_entry
WHERE xid >= %s AND xid < %s ORDER BY xid, id LIMIT %s
"""

# Transaction numbers are the server's, not the database's. A running transaction is left out only where
# its process is seen to hold something in another database and nothing in this one: a process works in
# one database alone, so such a transaction can never write an entry here. Any doubt counts as ours.
_FINISHED_BELOW = """
WITH locks AS MATERIALIZED (
  SELECT l.pid, l.transactionid, l.mode, l.database FROM pg_locks l WHERE l.pid IS NOT NULL
), here AS (
  SELECT oid FROM pg_database WHERE datname = current_database()
), elsewhere AS (
  SELECT held.transactionid FROM locks held
  WHERE held.transactionid IS NOT NULL AND held.mode = 'ExclusiveLock'
    AND EXISTS (SELECT FROM locks l, here WHERE l.pid = held.pid AND l.database NOT IN (0, here.oid))
    AND NOT EXISTS (SELECT FROM locks l, here WHERE l.pid = held.pid AND l.database = here.oid)
), running AS (
  SELECT x FROM pg_snapshot_xip(pg_current_snapshot()) AS x
  WHERE NOT EXISTS (SELECT FROM elsewhere WHERE elsewhere.transactionid = x::xid)
)
SELECT coalesce((SELECT min(x::text::bigint) FROM running),
                pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
       + coalesce((SELECT max(xid_offset) FROM public.history_offset), 0)
"""


@dataclass(frozen=True)
class Seal:
    """One seal as it stands in the table."""

    id: int
    from_xid: int
    to_xid: int  # exclusive
    entry_ids: tuple[int, ...]
    digests: bytes
    transaction_ids: tuple[int, ...]
    transaction_digests: bytes
    previous_mac: bytes

    def mac(self, key: bytes) -> bytes:
        """The keyed digest over everything the seal says, and over the seal before it."""
        facts = json.dumps(
            [self.id, self.from_xid, self.to_xid, len(self.entry_ids), len(self.transaction_ids)]
        ).encode()
        body = hashlib.sha256()
        for ids, digests in (
            (self.entry_ids, self.digests),
            (self.transaction_ids, self.transaction_digests),
        ):
            body.update(json.dumps(ids).encode())
            body.update(digests)
        return hmac.new(key, self.previous_mac + facts + body.digest(), hashlib.sha256).digest()


def seal_key() -> bytes:
    """The chain's secret: ``DOSSIER_SEAL_KEY`` or one kept in the home, readable to its owner alone."""
    return (os.environ.get("DOSSIER_SEAL_KEY") or secret(settings.HOME_DIR, "seal")).encode()


def heads_file() -> Path:
    """Where the heads of the chain are written outside the database, one JSON line each."""
    return Path(os.environ.get("DOSSIER_SEAL_HEADS") or settings.HOME_DIR / "seals" / "heads.jsonl")


def seal_pending(connection: psycopg.Connection[Any], *, key: bytes | None = None) -> int:
    """Seal all finished entries not yet sealed, in batches; returns how many entries were sealed.

    ``connection`` may be the application's role (it may add seals, not change them) and must be in
    autocommit mode; each batch is its own transaction.
    """
    key = key or seal_key()
    sealed = 0
    _write_missing_heads(connection)
    while True:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            seal = _next_seal(connection)
            if seal is None:
                return sealed
            mac = seal.mac(key)
            connection.execute(
                "INSERT INTO public.history_seal (id, from_xid, to_xid, entry_ids, digests, transaction_ids,"
                " transaction_digests, previous_mac, mac, sealed_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, now())",
                [
                    seal.id,
                    seal.from_xid,
                    seal.to_xid,
                    list(seal.entry_ids),
                    seal.digests,
                    list(seal.transaction_ids),
                    seal.transaction_digests,
                    seal.previous_mac,
                    mac,
                ],
            )
        # After the commit: a head never speaks of a seal that was not kept. A crash in between leaves
        # the last seal without its head, which the next sealing writes.
        _write_head(seal.id, seal.to_xid, mac)
        sealed += len(seal.entry_ids)


def _write_missing_heads(connection: psycopg.Connection[Any]) -> None:
    """Write the head of the last seal if a crash came before it."""
    row = connection.execute(
        "SELECT id, to_xid, mac FROM public.history_seal ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is not None and row[0] not in read_heads().macs:
        _write_head(row[0], row[1], bytes(row[2]))


def finished_below(connection: psycopg.Connection[Any]) -> int:
    """The history's transaction number below which no transaction of this database still runs."""
    row = connection.execute(_FINISHED_BELOW).fetchone()
    assert row is not None
    return int(row[0])


def _next_seal(connection: psycopg.Connection[Any]) -> Seal | None:
    last = connection.execute(
        "SELECT id, to_xid, mac FROM public.history_seal ORDER BY id DESC LIMIT 1"
    ).fetchone()
    number, start, previous = (last[0] + 1, last[1], bytes(last[2])) if last else (1, 0, FIRST_MAC)
    end = finished_below(connection)
    if end <= start:
        return None
    entries = connection.execute(_ENTRIES, [start, end, BATCH + 1]).fetchall()
    if not entries:
        return None
    if len(entries) > BATCH:
        # A seal ends between transactions; one larger than a batch is sealed whole.
        last_xid = entries[BATCH][1]
        if last_xid == entries[0][1]:
            end = last_xid + 1
            entries = connection.execute(_ENTRIES, [start, end, None]).fetchall()
        else:
            end = last_xid
            entries = [entry for entry in entries if entry[1] < end]
    transactions = connection.execute(
        "SELECT xid, digest FROM public.history_transaction WHERE xid >= %s AND xid < %s ORDER BY xid",
        [start, end],
    ).fetchall()
    return Seal(
        id=number,
        from_xid=start,
        to_xid=end,
        entry_ids=tuple(entry[0] for entry in entries),
        digests=b"".join(bytes(entry[2]) for entry in entries),
        transaction_ids=tuple(row[0] for row in transactions),
        transaction_digests=b"".join(bytes(row[1]) for row in transactions),
        previous_mac=previous,
    )


def _write_head(seal: int, to_xid: int, mac: bytes) -> None:
    _append({"seal": seal, "to": to_xid, "mac": mac.hex()})


def _append(head: dict[str, Any]) -> None:
    """Add a line to the file of the heads and have it on the disk."""
    file = heads_file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{json.dumps(head)}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass
class Heads:
    """What is written outside the database: the last head of each seal, the backups it was brought back
    from, in order, and the seals of which two different heads were written.

    A line of a restore ends the heads above the seal it kept: the chain goes on anew from there. Without
    such a line a seal made twice means that the chain was cut off and has grown anew since.
    """

    macs: dict[int, str] = field(default_factory=dict)
    restored: list[str] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)


def read_heads(file: Path | None = None) -> Heads:
    """The heads of this home, or those of another file."""
    heads = Heads()
    first: dict[int, str] = {}
    for head in _head_lines(file or heads_file()):
        try:
            if "restored" in head:
                kept = int(head["kept"])
                heads.restored.append(str(head["restored"]))
                heads.macs = {seal: mac for seal, mac in heads.macs.items() if seal <= kept}
                first = {seal: mac for seal, mac in first.items() if seal <= kept}
                continue
            seal, mac = int(head["seal"]), str(head["mac"])
        except (ValueError, KeyError, TypeError):
            continue  # not a line of ours; the chain itself is checked all the same
        if first.setdefault(seal, mac) != mac and seal not in heads.twice:
            heads.twice.append(seal)
        heads.macs[seal] = mac
    heads.twice.sort()
    return heads


def _head_lines(file: Path) -> Iterator[dict[str, Any]]:
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            head = json.loads(line)
        except ValueError:
            continue  # a line half written in a crash
        if isinstance(head, dict):
            yield head

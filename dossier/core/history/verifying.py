"""Proves that the history was not touched, or names what was (AUD-1).

Four things are held against each other: the seals' chain against its key and the heads kept outside,
the sealed digests against the entries, the entries against their own digests, and the entries' sum
against the live rows. A superuser who alters any of them leaves a difference that is named here.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.utils.translation import gettext as _
from psycopg import sql

from dossier.core.db.after_migrate import tracked_models, trigger_arguments
from dossier.core.history.sealing import (
    FIRST_MAC,
    Seal,
    read_heads,
    restores_noted,
    seal_key,
)

MOST_NAMED = 200  # faults of one kind that are named one by one; the rest is counted


@dataclass(frozen=True)
class Fault:
    """One thing found wrong: ``code`` is stable; table, row, columns and entry name the place where known."""

    code: str
    text: str
    table: str = ""
    row: str = ""
    entry: int | None = None
    seal: int | None = None
    columns: str = ""

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass
class Verdict:
    """What a verification looked at and found."""

    entries: int
    sealed: int
    seals: int
    faults: list[Fault]
    restores: list[Restored] = field(default_factory=list)


@dataclass(frozen=True)
class Restored:
    """The database was brought back from a backup; no fault, but it is always said."""

    at: datetime
    by: str
    backup: str
    backup_made_at: datetime
    kept_seal: int
    seen_seal: int
    signed: bool

    @property
    def text(self) -> str:
        """The sentence for people."""
        return _(
            "Restored on %(at)s by %(by)s from the backup of %(made)s (%(id)s): seals up to %(kept)s were kept, %(left)s left behind."
        ) % {
            "at": f"{self.at:%Y-%m-%d %H:%M} UTC",
            "by": self.by,
            "made": f"{self.backup_made_at:%Y-%m-%d %H:%M} UTC",
            "id": self.backup[:8],
            "kept": self.kept_seal,
            "left": max(0, self.seen_seal - self.kept_seal),
        }


def verify(
    connection: psycopg.Connection[Any],
    *,
    key: bytes | None = None,
    heads: Path | None = None,
) -> Verdict:
    """Check everything on the owner's connection, in one snapshot; nothing is written.

    ``heads``: another file of the heads than the home's, for a database about to take the place of the old.
    """
    faults: list[Fault] = []
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    seals, sealed = _check_seals(connection, key or seal_key(), faults, read_heads(heads))
    restores = _restores(connection)
    faults.extend(_check_restores(restores, restores_noted(heads)))
    faults.extend(_check_digests(connection))
    faults.extend(_check_triggers(connection))
    for model in tracked_models():
        faults.extend(_check_live_rows(connection, model._meta.db_table, *trigger_arguments(model)))
    row = connection.execute("SELECT count(*) FROM public.history_entry").fetchone()
    assert row is not None
    return Verdict(entries=row[0], sealed=sealed, seals=seals, faults=faults, restores=restores)


def _restores(connection: psycopg.Connection[Any]) -> list[Restored]:
    """The restores the database itself knows of, oldest first."""
    return [
        Restored(*row)
        for row in connection.execute(
            "SELECT at, restored_by, backup_id, backup_made_at, kept_seal, seen_seal, signed"
            " FROM public.core_restoration ORDER BY id"
        )
    ]


def _check_restores(restores: list[Restored], noted: list[str]) -> Iterator[Fault]:
    """The last restore noted outside the database must be on record in it: none is slipped under."""
    if noted and (not restores or restores[-1].backup != noted[-1]):
        yield Fault(
            "restore_unrecorded",
            _(
                "The heads kept outside the database note a restore of the backup %(id)s that the database does not know."
            )
            % {"id": noted[-1][:8]},
        )


def _check_seals(
    connection: psycopg.Connection[Any],
    key: bytes,
    faults: list[Fault],
    heads: dict[int, str],
) -> tuple[int, int]:
    """The chain, its key, the heads outside, and each sealed entry; returns seals and entries sealed."""
    previous, number, sealed, end = FIRST_MAC, 0, 0, 0
    with connection.cursor(name="seals") as cursor:
        cursor.itersize = 5
        cursor.execute(
            "SELECT id, from_xid, to_xid, entry_ids, digests, transaction_ids, transaction_digests,"
            " previous_mac, mac FROM public.history_seal ORDER BY id"
        )
        for row in cursor:
            seal = Seal(
                row[0],
                row[1],
                row[2],
                tuple(row[3]),
                bytes(row[4]),
                tuple(row[5]),
                bytes(row[6]),
                bytes(row[7]),
            )
            mac = bytes(row[8])
            number += 1
            if seal.id != number:
                faults.append(
                    Fault(
                        "seal_missing",
                        _("Seals %(a)s to %(b)s are missing.") % {"a": number, "b": seal.id - 1},
                        seal=number,
                    )
                )
                number = seal.id
            if seal.previous_mac != previous or seal.from_xid != end:
                faults.append(
                    Fault(
                        "chain_broken",
                        _("Seal %(n)s does not follow the seal before it.") % {"n": seal.id},
                        seal=seal.id,
                    )
                )
            if not hmac.compare_digest(mac, seal.mac(key)):
                faults.append(
                    Fault(
                        "seal_forged",
                        _("Seal %(n)s was altered, or made without the key.") % {"n": seal.id},
                        seal=seal.id,
                    )
                )
            if seal.id in heads and heads[seal.id] != mac.hex():
                faults.append(
                    Fault(
                        "head_differs",
                        _("Seal %(n)s differs from the head kept outside the database.")
                        % {"n": seal.id},
                        seal=seal.id,
                    )
                )
            faults.extend(_check_sealed(connection, seal))
            previous, end = mac, seal.to_xid
            sealed += len(seal.entry_ids)
    last_head = max(heads, default=0)
    if last_head > number:
        faults.append(
            Fault(
                "tail_missing",
                _("Seals %(a)s to %(b)s are known outside the database but missing in it.")
                % {"a": number + 1, "b": last_head},
                seal=number + 1,
            )
        )
    # Only the last seal may be without its head (a crash just after it); the next sealing writes it.
    unknown = [seal for seal in range(1, number) if seal not in heads]
    if unknown:
        faults.append(
            Fault(
                "head_missing",
                _(
                    "The heads kept outside the database lack %(count)s seals, the first is %(n)s. Bring the file back: without it a chain made anew cannot be told."
                )
                % {"count": len(unknown), "n": unknown[0]},
                seal=unknown[0],
            )
        )
    return number, sealed


_SEALED = """
SELECT s.id, e.id, e.table_name, e.row_id, s.digest IS DISTINCT FROM e.digest
FROM (SELECT unnest(%(ids)s::bigint[]) AS id,
        substring(%(digests)s::bytea FROM (32 * (generate_series(1, cardinality(%(ids)s::bigint[])) - 1) + 1)::int FOR 32) AS digest) s
FULL JOIN (SELECT * FROM public.history_entry WHERE xid >= %(from)s AND xid < %(to)s) e ON e.id = s.id
WHERE s.id IS NULL OR e.id IS NULL OR s.digest <> e.digest
"""

_SEALED_TRANSACTIONS = """
SELECT s.xid, t.xid
FROM (SELECT unnest(%(ids)s::bigint[]) AS xid,
        substring(%(digests)s::bytea FROM (32 * (generate_series(1, cardinality(%(ids)s::bigint[])) - 1) + 1)::int FOR 32) AS digest) s
FULL JOIN (SELECT * FROM public.history_transaction WHERE xid >= %(from)s AND xid < %(to)s) t ON t.xid = s.xid
WHERE s.xid IS NULL OR t.xid IS NULL OR s.digest <> t.digest
"""


def _check_sealed(connection: psycopg.Connection[Any], seal: Seal) -> Iterator[Fault]:
    """Each entry and transaction of a seal is there, unaltered, and none was slipped in."""
    values = {
        "ids": list(seal.entry_ids),
        "digests": seal.digests,
        "from": seal.from_xid,
        "to": seal.to_xid,
    }
    for sealed_id, entry_id, table, row, _differs in connection.execute(_SEALED, values):
        if entry_id is None:
            yield Fault(
                "entry_removed",
                _("History entry %(n)s was removed.") % {"n": sealed_id},
                entry=sealed_id,
                seal=seal.id,
            )
        elif sealed_id is None:
            yield Fault(
                "entry_inserted",
                _("History entry %(n)s was slipped in after sealing.") % {"n": entry_id},
                table,
                row,
                entry_id,
                seal.id,
            )
        else:
            yield Fault(
                "entry_altered",
                _("History entry %(n)s was altered after sealing.") % {"n": entry_id},
                table,
                row,
                entry_id,
                seal.id,
            )
    values["ids"], values["digests"] = list(seal.transaction_ids), seal.transaction_digests
    for sealed_xid, xid in connection.execute(_SEALED_TRANSACTIONS, values):
        number = sealed_xid if sealed_xid is not None else xid
        yield Fault(
            "transaction_altered",
            _("Who and why of transaction %(n)s was altered, removed or slipped in.")
            % {"n": number},
            seal=seal.id,
        )


def _check_digests(connection: psycopg.Connection[Any]) -> Iterator[Fault]:
    """Each entry, sealed or not, is what its own digest says; each names a transaction that is known."""
    for entry, table, row in connection.execute(
        "SELECT id, table_name, row_id FROM public.history_entry WHERE digest IS DISTINCT FROM"
        " public.history_entry_digest(id, xid, table_name, row_id, op, before, after) LIMIT %s",
        [MOST_NAMED],
    ):
        yield Fault(
            "entry_edited", _("History entry %(n)s was edited.") % {"n": entry}, table, row, entry
        )
    for (xid,) in connection.execute(
        "SELECT xid FROM public.history_transaction WHERE digest IS DISTINCT FROM"
        " public.history_transaction_digest(xid, at, context, db_user, client) LIMIT %s",
        [MOST_NAMED],
    ):
        yield Fault(
            "transaction_edited", _("Who and why of transaction %(n)s was edited.") % {"n": xid}
        )
    for (xid,) in connection.execute(
        "SELECT DISTINCT e.xid FROM public.history_entry e LEFT JOIN public.history_transaction t USING (xid)"
        " WHERE t.xid IS NULL LIMIT %s",
        [MOST_NAMED],
    ):
        yield Fault(
            "transaction_missing", _("Who and why of transaction %(n)s was removed.") % {"n": xid}
        )


def _check_triggers(connection: psycopg.Connection[Any]) -> Iterator[Fault]:
    """Every tracked table has its three triggers, always on."""
    found = {
        (table, name): enabled
        for table, name, enabled in connection.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger WHERE tgname LIKE 'history\\_%'"
        )
    }
    for model in tracked_models():
        table = model._meta.db_table
        for name in ("history_insert", "history_update", "history_delete"):
            if found.get((table, name)) != "A":
                yield Fault(
                    "trigger_off",
                    _("The trigger %(name)s of %(table)s is missing or switched off.")
                    % {"name": name, "table": table},
                    table,
                )


def _check_live_rows(
    connection: psycopg.Connection[Any], table: str, key: str, skip: str, secret: str
) -> Iterator[Fault]:
    """The entries of each row, laid over one another, give the live row; a deleted one has none.

    Each entry must also follow from the one before it: what it says stood before did stand there. A column
    added by a migration stood nowhere before: the first entry that names it says null.
    """
    query = sql.SQL(
        """
        WITH folded AS (
            SELECT row_id, public.history_fold(coalesce(after, '{{}}') ORDER BY id) AS image,
                (array_agg(op ORDER BY id DESC))[1] AS last_op
            FROM public.history_entry WHERE table_name = {name} GROUP BY row_id
        ), live AS (
            SELECT j ->> {key} AS row_id, public.history_image(j, {skip}::text[], {secret}::text[]) AS image
            FROM (SELECT to_jsonb(t) AS j FROM {table} t) x
        )
        SELECT coalesce(f.row_id, l.row_id),
            CASE WHEN f.row_id IS NULL OR f.last_op = 'D' THEN 'row_without_history'
                 WHEN l.row_id IS NULL THEN 'row_gone' ELSE 'row_differs' END,
            (SELECT string_agg(e.key, ', ' ORDER BY e.key) FROM jsonb_each(l.image) e
             WHERE f.image -> e.key IS DISTINCT FROM e.value)
        FROM folded f FULL JOIN live l USING (row_id)
        WHERE (l.row_id IS NULL AND f.last_op <> 'D')
           OR (l.row_id IS NOT NULL AND (f.row_id IS NULL OR f.last_op = 'D'))
           OR (l.row_id IS NOT NULL AND EXISTS (
                SELECT 1 FROM jsonb_each(l.image) e
                WHERE e.value <> 'null'::jsonb AND f.image -> e.key IS DISTINCT FROM e.value
                   OR e.value = 'null'::jsonb AND coalesce(f.image -> e.key, 'null'::jsonb) <> e.value))
        LIMIT {most}
        """
    ).format(
        name=sql.Literal(table),
        table=sql.Identifier(table),
        key=sql.Literal(key),
        skip=sql.Literal(skip),
        secret=sql.Literal(secret),
        most=sql.Literal(MOST_NAMED),
    )
    texts = {
        "row_without_history": _(
            "%(table)s %(row)s is there, but the history does not know it came."
        ),
        "row_gone": _("%(table)s %(row)s is gone, but the history does not know it left."),
        "row_differs": _("%(table)s %(row)s differs from its history in: %(fields)s."),
    }
    for row, code, fields in connection.execute(query):
        yield Fault(
            code,
            texts[code] % {"table": table, "row": row, "fields": fields or ""},
            table,
            row,
            columns=(fields or "") if code == "row_differs" else "",
        )
    follows = sql.SQL(
        """
        SELECT id, row_id FROM (
            SELECT id, row_id, op, before,
                public.history_fold(coalesce(after, '{{}}')) OVER (
                    PARTITION BY row_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS stood
            FROM public.history_entry WHERE table_name = {name}
              AND row_id IN (SELECT row_id FROM public.history_entry WHERE table_name = {name} AND op <> 'I')
        ) x WHERE op = 'U' AND EXISTS (
            SELECT 1 FROM jsonb_each(before) e WHERE coalesce(stood -> e.key, 'null'::jsonb) <> e.value)
        LIMIT {most}
        """
    ).format(name=sql.Literal(table), most=sql.Literal(MOST_NAMED))
    for entry, row in connection.execute(follows):
        yield Fault(
            "entry_out_of_line",
            _(
                "History entry %(n)s does not follow from the one before it: one was removed, added or edited."
            )
            % {"n": entry},
            table,
            row,
            entry,
        )

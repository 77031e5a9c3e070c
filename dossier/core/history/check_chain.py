"""The seals against key and heads, the entries against the seals and against their own digests (AUD-1)."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.utils.translation import gettext as _

from dossier.core.history.faults import MOST_NAMED, Fault
from dossier.core.history.sealing import FIRST_MAC, Heads, Seal

_DIGEST = (
    "public.history_entry_digest(e.id, e.xid, e.table_name, e.row_id, e.op, e.before, e.after)"
)
_TRANSACTION_DIGEST = (
    "public.history_transaction_digest(t.xid, t.at, t.context, t.db_user, t.client)"
)

_SEALS = """
SELECT id, from_xid, to_xid, entry_ids, digests, transaction_ids, transaction_digests, previous_mac, mac
FROM public.history_seal ORDER BY id
"""

# One pass over what a seal covers: are entries and transactions those it lists, and is each what its digest says?
_COVERED = f"""
SELECT e.same, e.edited, t.same, t.edited FROM public.history_seal s,
LATERAL (
  SELECT coalesce(array_agg(e.id ORDER BY e.xid, e.id), '{{}}') = s.entry_ids
         AND coalesce(string_agg(e.digest, ''::bytea ORDER BY e.xid, e.id), ''::bytea) = s.digests AS same,
         count(*) FILTER (WHERE e.digest IS DISTINCT FROM {_DIGEST}) AS edited
  FROM public.history_entry e WHERE e.xid >= s.from_xid AND e.xid < s.to_xid) e,
LATERAL (
  SELECT coalesce(array_agg(t.xid ORDER BY t.xid), '{{}}') = s.transaction_ids
         AND coalesce(string_agg(t.digest, ''::bytea ORDER BY t.xid), ''::bytea) = s.transaction_digests AS same,
         count(*) FILTER (WHERE t.digest IS DISTINCT FROM {_TRANSACTION_DIGEST}) AS edited
  FROM public.history_transaction t WHERE t.xid >= s.from_xid AND t.xid < s.to_xid) t
WHERE s.id = %s
"""  # noqa: S608 - own text, values bound

# Only where a seal does not fit: which of its entries is not there, not listed, or another.
_DIFFERENT = """
SELECT s.id, e.id, e.table_name, e.row_id
FROM (SELECT unnest(%(ids)s::bigint[]) AS id,
        substring(%(digests)s::bytea FROM (32 * (generate_series(1, cardinality(%(ids)s::bigint[])) - 1) + 1)::int FOR 32) AS digest) s
FULL JOIN (SELECT * FROM public.history_entry WHERE xid >= %(from)s AND xid < %(to)s) e ON e.id = s.id
WHERE s.id IS NULL OR e.id IS NULL OR s.digest <> e.digest
ORDER BY 1, 2 LIMIT %(most)s
"""

_DIFFERENT_TRANSACTIONS = """
SELECT coalesce(s.xid, t.xid)
FROM (SELECT unnest(%(ids)s::bigint[]) AS xid,
        substring(%(digests)s::bytea FROM (32 * (generate_series(1, cardinality(%(ids)s::bigint[])) - 1) + 1)::int FOR 32) AS digest) s
FULL JOIN (SELECT * FROM public.history_transaction WHERE xid >= %(from)s AND xid < %(to)s) t ON t.xid = s.xid
WHERE s.xid IS NULL OR t.xid IS NULL OR s.digest <> t.digest
ORDER BY 1 LIMIT %(most)s
"""

# What approved redactions left of entries: of several that emptied one entry, the last one counts.
_EMPTIED = f"""
SELECT e.id, e.table_name, e.row_id, r.redaction_id, e.digest = {_DIGEST}, encode({_DIGEST}, 'hex') = r.emptied_digest
FROM (SELECT DISTINCT ON (entry_id) entry_id, redaction_id, emptied_digest FROM public.core_redactedentry
      WHERE redaction_id = ANY(%(redactions)s) ORDER BY entry_id, redaction_id DESC) r
JOIN public.history_entry e ON e.id = r.entry_id
WHERE encode({_DIGEST}, 'hex') <> r.emptied_digest
LIMIT %(most)s
"""  # noqa: S608 - own text, values bound

_EDITED = f"""
SELECT e.id, e.table_name, e.row_id,
  e.before::text LIKE '%%"$redacted"%%' OR e.after::text LIKE '%%"$redacted"%%'
FROM public.history_entry e
WHERE e.xid >= %(from)s AND (%(to)s::bigint IS NULL OR e.xid < %(to)s)
  AND e.digest IS DISTINCT FROM {_DIGEST}
  AND NOT EXISTS (SELECT FROM public.core_redactedentry r
                  WHERE r.entry_id = e.id AND r.redaction_id = ANY(%(redactions)s))
ORDER BY e.id LIMIT %(most)s
"""  # noqa: S608 - own text, values bound

_EDITED_TRANSACTIONS = f"""
SELECT t.xid FROM public.history_transaction t
WHERE t.xid >= %(from)s AND (%(to)s::bigint IS NULL OR t.xid < %(to)s) AND t.digest IS DISTINCT FROM {_TRANSACTION_DIGEST}
ORDER BY t.xid LIMIT %(most)s
"""  # noqa: S608 - own text, values bound


@dataclass
class Chain:
    """What was walked through: seals, entries in them, faults."""

    seals: int = 0
    sealed: int = 0
    faults: list[Fault] = field(default_factory=list)


def check_chain(
    connection: psycopg.Connection[Any],
    key: bytes,
    redactions: list[int],
    heads: Heads,
) -> Chain:
    """Walk the chain seal by seal with what each covers, then look at what is not sealed.

    ``redactions`` are those with an approval and a certificate that hold: what they emptied is no fault.
    ``heads`` are those kept outside the database.
    """
    chain = Chain()
    previous, end = FIRST_MAC, 0
    with connection.cursor(name="seals", binary=True) as cursor:
        cursor.itersize = 2  # a seal holds 20,000 entries, or one transaction whatever its size
        cursor.execute(_SEALS)
        for row in cursor:
            seal = Seal(
                row[0], row[1], row[2], tuple(row[3]), row[4], tuple(row[5]), row[6], row[7]
            )
            chain.faults += _seal_faults(chain, seal, row[8], previous, end, key, heads)
            chain.faults += _covered(connection, seal, redactions)
            chain.seals = max(seal.id, chain.seals + 1)
            chain.sealed += len(seal.entry_ids)
            previous, end = row[8], seal.to_xid
    chain.faults += _end_faults(chain, heads)
    chain.faults += _outside(connection, end, redactions)
    chain.faults += _emptied(connection, redactions)
    return chain


def _seal_faults(
    chain: Chain,
    seal: Seal,
    mac: bytes,
    previous: bytes,
    end: int,
    key: bytes,
    heads: Heads,
) -> Iterator[Fault]:
    """A seal against the one before it, the key, and its head outside."""
    number = chain.seals + 1
    if seal.id != number:
        yield Fault(
            "seal_missing",
            _("Seals %(a)s to %(b)s are missing.") % {"a": number, "b": seal.id - 1},
            seal=number,
        )
    if seal.previous_mac != previous or seal.from_xid != end:
        yield Fault(
            "chain_broken",
            _("Seal %(n)s does not follow the seal before it.") % {"n": seal.id},
            seal=seal.id,
        )
    if not hmac.compare_digest(mac, seal.mac(key)):
        yield Fault(
            "seal_forged",
            _("Seal %(n)s was altered, or made without the key.") % {"n": seal.id},
            seal=seal.id,
        )
    if heads.macs.get(seal.id, mac.hex()) != mac.hex():
        yield Fault(
            "head_differs",
            _("Seal %(n)s differs from the head kept outside the database.") % {"n": seal.id},
            seal=seal.id,
        )


def _end_faults(chain: Chain, heads: Heads) -> Iterator[Fault]:
    """The end of the chain against the heads outside."""
    last_head = max(heads.macs, default=0)
    if last_head > chain.seals:
        yield Fault(
            "tail_missing",
            _("Seals %(a)s to %(b)s are known outside the database but missing in it.")
            % {"a": chain.seals + 1, "b": last_head},
            seal=chain.seals + 1,
        )
    for seal in heads.twice:
        yield Fault(
            "head_rewritten",
            _(
                "Seal %(n)s was made twice: the end of the chain was cut off once, and later work was sealed over it."
            )
            % {"n": seal},
            seal=seal,
        )
    # Only the last seal may be without its head (a crash just after it); the next sealing writes it.
    unknown = [seal for seal in range(1, chain.seals) if seal not in heads.macs]
    if unknown:
        yield Fault(
            "head_missing",
            _(
                "The heads kept outside the database lack %(count)s seals, the first is %(n)s. Bring the file back: without it a chain made anew cannot be told."
            )
            % {"count": len(unknown), "n": unknown[0]},
            seal=unknown[0],
        )


def _covered(
    connection: psycopg.Connection[Any], seal: Seal, redactions: list[int]
) -> Iterator[Fault]:
    """What a seal covers is there, unaltered, and nothing was slipped in."""
    row = connection.execute(_COVERED, [seal.id]).fetchone()
    assert row is not None
    same, edited, same_transactions, edited_transactions = row
    if not same:
        yield from _different(connection, seal)
    if not same_transactions:
        values = _values(seal, seal.transaction_ids, seal.transaction_digests)
        for (xid,) in connection.execute(_DIFFERENT_TRANSACTIONS, values):
            yield Fault(
                "transaction_altered",
                _("Who and why of transaction %(n)s was altered, removed or slipped in.")
                % {"n": xid},
                seal=seal.id,
            )
    if edited:
        yield from _edited(connection, seal.from_xid, seal.to_xid, redactions)
    if edited_transactions:
        yield from _edited_transactions(connection, seal.from_xid, seal.to_xid)


def _values(seal: Seal, ids: tuple[int, ...], digests: bytes) -> dict[str, Any]:
    return {
        "ids": list(ids),
        "digests": digests,
        "from": seal.from_xid,
        "to": seal.to_xid,
        "most": MOST_NAMED,
    }


def _different(connection: psycopg.Connection[Any], seal: Seal) -> Iterator[Fault]:
    texts = {
        "entry_removed": _("History entry %(n)s was removed."),
        "entry_inserted": _("History entry %(n)s was slipped in after sealing."),
        "entry_altered": _("History entry %(n)s was altered after sealing."),
    }
    found = connection.execute(_DIFFERENT, _values(seal, seal.entry_ids, seal.digests))
    for sealed_id, entry_id, table, row in found:
        if entry_id is None:
            code = "entry_removed"
        else:
            code = "entry_inserted" if sealed_id is None else "entry_altered"
        number = sealed_id if entry_id is None else entry_id
        yield Fault(code, texts[code] % {"n": number}, table or "", row or "", number, seal.id)


def _outside(
    connection: psycopg.Connection[Any], end: int, redactions: list[int]
) -> Iterator[Fault]:
    """What no seal covers: entries after the last, which wait for theirs, and none before the first."""
    for entry, table, row in connection.execute(
        "SELECT id, table_name, row_id FROM public.history_entry WHERE xid < 0 ORDER BY id LIMIT %s",
        [MOST_NAMED],
    ):
        yield Fault(
            "entry_inserted",
            _("History entry %(n)s was slipped in after sealing.") % {"n": entry},
            table,
            row,
            entry,
        )
    yield from _edited(connection, end, None, redactions)
    yield from _edited_transactions(connection, end, None)
    for (xid,) in connection.execute(
        "SELECT DISTINCT e.xid FROM public.history_entry e LEFT JOIN public.history_transaction t USING (xid)"
        " WHERE t.xid IS NULL LIMIT %s",
        [MOST_NAMED],
    ):
        yield Fault(
            "transaction_missing", _("Who and why of transaction %(n)s was removed.") % {"n": xid}
        )


def _edited(
    connection: psycopg.Connection[Any], start: int, end: int | None, redactions: list[int]
) -> Iterator[Fault]:
    """Entries that are not what their own digest says, emptied by an approved redaction apart."""
    values = {"from": start, "to": end, "most": MOST_NAMED, "redactions": redactions}
    for entry, table, row, is_emptied in connection.execute(_EDITED, values):
        if is_emptied:
            yield Fault(
                "entry_emptied",
                _("History entry %(n)s was emptied without an approved redaction.") % {"n": entry},
                table,
                row,
                entry,
            )
        else:
            yield Fault(
                "entry_edited",
                _("History entry %(n)s was edited.") % {"n": entry},
                table,
                row,
                entry,
            )


def _edited_transactions(
    connection: psycopg.Connection[Any], start: int, end: int | None
) -> Iterator[Fault]:
    values = {"from": start, "to": end, "most": MOST_NAMED}
    for (xid,) in connection.execute(_EDITED_TRANSACTIONS, values):
        yield Fault(
            "transaction_edited", _("Who and why of transaction %(n)s was edited.") % {"n": xid}
        )


def _emptied(connection: psycopg.Connection[Any], redactions: list[int]) -> Iterator[Fault]:
    """Emptied entries are as their redaction left them."""
    if not redactions:
        return
    for entry, table, row, number, is_original, _is_left in connection.execute(
        _EMPTIED, {"redactions": redactions, "most": MOST_NAMED}
    ):
        if is_original:
            code, text = (
                "redaction_undone",
                _("What redaction %(k)s emptied stands in history entry %(n)s again."),
            )
        else:
            code, text = (
                "entry_edited",
                _("History entry %(n)s was edited after redaction %(k)s."),
            )
        yield Fault(code, text % {"n": entry, "k": number}, table, row, entry)

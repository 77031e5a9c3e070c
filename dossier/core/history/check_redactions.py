"""Whether the redactions on record were approved and carried out by who holds the key (AUD-3)."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any

import psycopg
from django.utils.translation import gettext as _

from dossier.core.history.faults import Fault
from dossier.core.history.signing import Approved, certificate

_DONE = """
SELECT id, "table", row_id, columns, ground, reason, asked_by_id, asked_at, decided_by_id, decided_at,
       approval, done_at, certificate
FROM public.core_redaction WHERE status = 'done' ORDER BY id
"""
_ENTRIES = """
SELECT entry_id, columns, emptied_digest FROM public.core_redactedentry WHERE redaction_id = %s ORDER BY entry_id
"""


def check_redactions(
    connection: psycopg.Connection[Any], key: bytes, faults: list[Fault]
) -> dict[int, int]:
    """The redactions that hold, each with the number of entries it emptied; the others are named."""
    held: dict[int, int] = {}
    for row in connection.execute(_DONE).fetchall():
        approved = Approved(row[0], row[1], row[2], tuple(row[3]), *row[4:10])
        approval, done_at, given = row[10:]
        counted = [0]
        right = approved.asked_by_id != approved.decided_by_id and hmac.compare_digest(
            approval, approved.mac(key)
        )
        made = certificate(key, approval, done_at, _entries(connection, approved.id, counted))
        if right and hmac.compare_digest(given, made):
            held[approved.id] = counted[0]
        else:
            faults.append(
                Fault(
                    "redaction_forged",
                    _("Redaction %(k)s was altered, or approved or carried out without the key.")
                    % {"k": approved.id},
                    approved.table,
                    approved.row_id,
                )
            )
    return held


def _entries(
    connection: psycopg.Connection[Any], number: int, counted: list[int]
) -> Iterator[tuple[int, list[str], str]]:
    for row in connection.execute(_ENTRIES, [number]):
        counted[0] += 1
        yield row

"""Approvals and certificates of redactions, keyed with the secret of the seals (AUD-3).

Whoever has the database, even as its superuser, but not the key can write neither.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Approved:
    """What the approval of a redaction speaks for; taken from the request's row."""

    id: int
    table: str
    row_id: str
    columns: tuple[str, ...]
    ground: str
    reason: str
    asked_by_id: int
    asked_at: datetime
    decided_by_id: int
    decided_at: datetime

    def mac(self, key: bytes) -> str:
        """The keyed digest, in hexadecimal."""
        facts = [
            self.id,
            self.table,
            self.row_id,
            sorted(self.columns),
            self.ground,
            self.reason,
            self.asked_by_id,
            _moment(self.asked_at),
            self.decided_by_id,
            _moment(self.decided_at),
        ]
        return _mac(key, b"redaction approved", json.dumps(facts, ensure_ascii=False).encode())


def certificate(
    key: bytes,
    approval: str,
    done_at: datetime,
    entries: Iterable[tuple[int, Sequence[str], str]],
) -> str:
    """The keyed digest over an approval and the emptied entries: (entry, columns, digest), by entry."""
    body = hashlib.sha256()
    for entry, columns, digest in entries:
        body.update(json.dumps([entry, sorted(columns), digest]).encode())
    facts = [approval, _moment(done_at), body.hexdigest()]
    return _mac(key, b"redaction carried out", json.dumps(facts).encode())


def _mac(key: bytes, what: bytes, facts: bytes) -> str:
    return hmac.new(key, what + b"\x00" + facts, hashlib.sha256).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")

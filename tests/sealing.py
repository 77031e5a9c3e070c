"""Sealing in tests: a transaction of the same database that just ends holds it back, so it is waited for."""

from __future__ import annotations

import time

import psycopg

from dossier import testing
from dossier.core.history import sealing

_NEWEST = "SELECT coalesce(max(xid), 0) FROM history_entry"


def seal_all(database: str, *, key: bytes | None = None) -> int:
    """Seal everything written so far, in one seal; how many entries were sealed."""
    with psycopg.connect(testing.app_url(database), autocommit=True) as app:
        for _attempt in range(300):
            newest = app.execute(_NEWEST).fetchone()
            if newest is not None and sealing.finished_below(app) > newest[0]:
                return sealing.seal_pending(app, key=key)
            time.sleep(0.1)
    raise AssertionError("entries stay unsealed")

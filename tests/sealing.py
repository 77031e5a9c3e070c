"""Sealing in tests: transactions of other tests on the same server hold it back, so it is waited for."""

from __future__ import annotations

import time

import psycopg

from dossier import testing
from dossier.core.history import sealing

_FREE = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
       + coalesce((SELECT max(xid_offset) FROM history_offset), 0)
       > coalesce((SELECT max(xid) FROM history_entry), 0)
"""


def seal_all(database: str, *, key: bytes | None = None) -> int:
    """Seal everything written so far, in one seal; how many entries were sealed."""
    with psycopg.connect(testing.app_url(database), autocommit=True) as app:
        for _attempt in range(1200):
            if app.execute(_FREE).fetchone() == (True,):
                return sealing.seal_pending(app, key=key)
            time.sleep(0.1)
    raise AssertionError("entries stay unsealed")

"""Jobs of the core."""

from __future__ import annotations

import logging

import psycopg
from django.conf import settings
from procrastinate.contrib.django import app

from dossier.core.history.sealing import seal_pending

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="seal-history", name="core.seal_history")
def seal_history(timestamp: int) -> int:
    """Seal what was written since the last minute into the history's chain (AUD-1)."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True, connect_timeout=5) as connection:
        sealed = seal_pending(connection)
    if sealed:
        log.info("history: %s entries sealed", sealed)
    return sealed

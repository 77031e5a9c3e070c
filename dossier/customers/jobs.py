"""Jobs of this department."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from dossier.core.access import system_actor

log = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="search-duplicates", name="customers.search_duplicates")
def search_duplicates(timestamp: int) -> int:
    """Look for possible duplicates among customers that came or changed by other ways than the form (CUS-3)."""
    from dossier.customers.services.duplicate_pairs import archive_searched

    done = archive_searched(actor=system_actor(via="job"))
    if done.customers:
        log.info("duplicates: %s customers looked at, %s new pairs", done.customers, done.found)
    return done.customers

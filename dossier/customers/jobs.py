"""Jobs of customer files: standings, data queries and possible duplicates follow what changed."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from dossier.core.access import system_actor
from dossier.customers.services.checks import checks_run
from dossier.customers.services.standing import all_standings, sum_owners, work_off_marks

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="customer-standings", name="customers.follow_changes")
def follow_changes(timestamp: int) -> int:
    """Compute and check the customers whose facts changed since the last minute (CUS-8, CUS-13)."""
    ids = work_off_marks()
    if ids:
        checks_run(actor=system_actor(via="job"), ids=ids, wait=False)
        sum_owners()
        log.info("customers: %s standings computed", len(ids))
    return len(ids)


@app.periodic(cron="30 18 * * *")  # UTC: half past two at night in the company's usual time zone
@app.task(queueing_lock="customer-night", name="customers.renew_all")
def renew_all(timestamp: int = 0) -> int:
    """Compute and check all customers: what changes by the passing of days alone (CUS-8, CUS-13)."""
    changed = all_standings()
    found = checks_run(actor=system_actor(via="job"), wait=False)
    sum_owners()
    log.info(
        "customers: %s standings, %s questions opened, %s settled, put off: %s",
        changed,
        found.opened,
        found.settled,
        found.put_off,
    )
    return changed


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="search-duplicates", name="customers.search_duplicates")
def search_duplicates(timestamp: int) -> int:
    """Look for possible duplicates among customers that came or changed by other ways than the form (CUS-3)."""
    from dossier.customers.services.duplicate_pairs import archive_searched

    done = archive_searched(actor=system_actor(via="job"))
    if done.customers:
        log.info("duplicates: %s customers looked at, %s new pairs", done.customers, done.found)
    return done.customers

"""Jobs of customer files: standings and data queries follow what changed, each minute and each night."""

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

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


@app.task(name="core.work_on_import", queue="imports")
def work_on_import(run_id: int, what: str, login: str, ip: str = "", language: str = "") -> None:
    """Check an uploaded file, or bring it in, while its page shows how far it is (AUD-4)."""
    from dossier.core.imports.work import work_as

    work_as(run_id, what, login, ip, language)


@app.task(name="core.verify_history")
def verify_history(verification_id: int) -> None:
    """Verify the history for somebody who asked on the page (AUD-1)."""
    from dossier.core.history.proof import verification_run

    verification_run(verification_id)


@app.task(name="core.carry_out_redactions")
def carry_out_redactions() -> None:
    """Empty what approved redactions name, as the database's owner (AUD-3)."""
    from dossier.core.history.redacting import carry_out_as_owner

    for number in carry_out_as_owner():
        log.info("history: redaction %s carried out", number)

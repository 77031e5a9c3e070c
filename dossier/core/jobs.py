"""Jobs of the core."""

from __future__ import annotations

import logging

import psycopg
from django.conf import settings
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from dossier.core.api.once import forget
from dossier.core.history.sealing import seal_pending
from dossier.core.search import sort_pending

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


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sort-search-index", name="core.sort_search_index")
def sort_search_index(timestamp: int) -> int:
    """Sort what the last minute put unsorted into the indexes of the search."""
    return sort_pending()


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="forget-api-answers", name="core.forget_api_answers")
def forget_api_answers(timestamp: int) -> int:
    """Forget what writes through the API were answered a day ago (SYS-3)."""
    return forget()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take-up-again", name="core.take_up_again", pass_context=True)
async def take_up_again(context: JobContext, timestamp: int) -> int:
    """Take up jobs again whose process was killed at work; how many. Each looks itself what is left."""
    manager = context.app.job_manager
    stalled = list(await manager.get_stalled_jobs())
    for job in stalled:
        log.warning("jobs: %s (%s) was cut off", job.task_name, job.id)
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # it waits once more already
            assert job.id is not None  # it comes from the table
            await manager.finish_job_by_id_async(job.id, status=Status.FAILED, delete_job=False)
    return len(stalled)


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


@app.task(name="core.make_export")
def make_export(file_id: int, login: str, ip: str = "", language: str = "") -> None:
    """Make the file of a long list for somebody (AUD-2)."""
    from dossier.core.exporting.making import make_file_as

    make_file_as(file_id, login, ip, language)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="remove-old-exports", name="core.remove_old_exports")
def remove_old_exports(timestamp: int) -> int:
    """Remove files of lists that lay for a day."""
    from dossier.core.exporting.making import remove_old_files

    return remove_old_files()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="back-up-if-due", name="core.back_up_if_due")
def back_up_if_due(timestamp: int) -> bool:
    """Make the scheduled backup when its time has come, or was missed (SYS)."""
    from dossier.core.backup import runs

    return runs.back_up_if_due(timezone.now())


@app.task(queueing_lock="back-up-now", name="core.back_up_now")
def back_up_now(login: str) -> bool:
    """Make the backup somebody asked for on the page (SYS)."""
    from dossier.core.backup import runs

    return runs.back_up_into_folder(login=login, scheduled=False)


@app.task(name="core.carry_out_redactions")
def carry_out_redactions() -> None:
    """Empty what approved redactions name, as the database's owner (AUD-3)."""
    from dossier.core.history.redacting import carry_out_as_owner

    for number in carry_out_as_owner():
        log.info("history: redaction %s carried out", number)

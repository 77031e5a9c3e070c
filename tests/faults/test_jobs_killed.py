"""A job whose process was killed at work is taken up again; of one that waits once more the record is closed."""

from __future__ import annotations

import asyncio

import pytest
from django.db import connection
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from dossier.core.jobs import carry_out_redactions, seal_history, take_up_again

pytestmark = pytest.mark.usefixtures("committed_db")


def cut_off(job: int) -> None:
    """As a killed process leaves it: begun by a worker that is heard of no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [worker, job],
        )


def taken_up() -> int:
    """Run the job as the worker does."""

    async def run() -> int:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            async with worker.open_async():
                context = JobContext(
                    app=worker, job=None, start_timestamp=0.0, abort_reason=lambda: None
                )
                return await take_up_again.func(context, 0)

    return asyncio.run(run())


def status_of(job: int) -> str:
    return ProcrastinateJob.objects.get(pk=job).status


def test_a_job_killed_at_work_waits_again():
    job = carry_out_redactions.defer()
    cut_off(job)
    assert taken_up() == 1
    assert status_of(job) == "todo"
    assert taken_up() == 0


def test_a_job_called_for_anew_meanwhile_is_closed_and_done_once():
    job = seal_history.defer(timestamp=0)
    cut_off(job)
    anew = seal_history.defer(timestamp=60)
    assert taken_up() == 1
    assert (status_of(job), status_of(anew)) == ("failed", "todo")


def test_a_job_at_work_is_left_alone():
    job = carry_out_redactions.defer()
    cut_off(job)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now()")
    assert taken_up() == 0
    assert status_of(job) == "doing"

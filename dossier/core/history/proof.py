"""Verifications asked for on the page: one at a time, done by a job, the result kept (AUD-1)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, system_actor
from dossier.core.errors import Refusal
from dossier.core.history.sealing import read_heads
from dossier.core.history.verifying import Fault, verify_at
from dossier.core.models import HistoryEntry, HistorySeal, Verification
from dossier.core.services import command

log = logging.getLogger(__name__)

Status = Verification.Status
_WORK = 0x76657269  # "veri": held by the process that verifies, so that its death is seen
_ASK = 0x7661736B  # "vask": one asks at a time
_MOST_KEPT = 500


@dataclass(frozen=True)
class Standing:
    """How the seals stand now, as this process sees it."""

    entries: int
    seals: int
    sealed_at: datetime | None
    unsealed: int
    heads: int


def standing() -> Standing:
    """Counts of entries, the last seal, what is not yet sealed, and the heads outside the database."""
    last = HistorySeal.objects.order_by("-pk").only("pk", "to_xid", "sealed_at").first()
    unsealed = HistoryEntry.objects.filter(transaction_id__gte=last.to_xid if last else 0)
    return Standing(
        entries=HistoryEntry.objects.count(),
        seals=last.pk if last else 0,
        sealed_at=last.sealed_at if last else None,
        unsealed=unsealed.count(),
        heads=len(read_heads().macs),
    )


def reads_as_owner() -> bool:
    """Whether this program may read as the database's owner, as the command does."""
    return bool(settings.OWNER_DATABASE_URL)


def verification_ask(*, actor: Actor) -> Verification:
    """Put a verification on the list of jobs and record who asked; one that runs is not doubled."""
    from dossier.core.jobs import verify_history

    actor.require("core.history", "verify")
    with command(actor, why="verification asked for"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ASK])
        for open_one in Verification.objects.filter(status__in=(Status.WAITING, Status.RUNNING)):
            if not _settle(open_one):
                raise Refusal(
                    "already_verifying", _("A verification is under way already. Wait for its end.")
                )
        made = Verification.objects.create(
            asked_by_id=actor.account_id,
            asked_by=actor.login,
            asked_name=actor.name,
            ip=actor.ip[:45],
            as_owner=reads_as_owner(),
        )
        verify_history.defer(verification_id=made.pk)
        return made


def verification_run(verification_id: int) -> None:
    """The job: verify, and write what was found beside the question."""
    actor = system_actor(via="job")
    with _working() as free:
        if not free:
            return  # another process is at it
        with command(actor, why="verification begun"):
            row = Verification.objects.select_for_update().filter(pk=verification_id).first()
            if row is None or row.status not in (Status.WAITING, Status.RUNNING):
                return
            row.status, row.began_at = Status.RUNNING, timezone.now()
            row.save()
        found: dict[str, Any]
        try:
            verdict = verify_at(settings.OWNER_DATABASE_URL or settings.DATABASE_URL)
        except (psycopg.Error, OSError) as error:
            # What stands in the way is said on the page; the log has the whole of it.
            log.exception("history: the verification could not be done")
            found = {"status": Status.FAILED, "problem": type(error).__name__}
        else:
            found = {
                "status": Status.DONE,
                "entries": verdict.entries,
                "sealed": verdict.sealed,
                "seals": verdict.seals,
                "fault_count": len(verdict.faults),
                "faults": [_kept(fault) for fault in verdict.faults[:_MOST_KEPT]],
            }
        with command(actor, why="verification done"):
            row = Verification.objects.select_for_update().get(pk=verification_id)
            for name, value in found.items():
                setattr(row, name, value)
            row.ended_at = timezone.now()
            row.save()


def _kept(fault: Fault) -> dict[str, Any]:
    """A fault without its sentence, which the page says in the reader's language."""
    return {name: value for name, value in fault.as_json().items() if name != "text" and value}


def latest(most: int = 20) -> list[Verification]:
    """The newest verifications; one whose process died is told as such."""
    rows = list(Verification.objects.order_by("-pk")[:most])
    for row in rows:
        if row.status in (Status.WAITING, Status.RUNNING):
            with command(system_actor(), why="verification interrupted"):
                _settle(row)
    return rows


def _settle(row: Verification) -> bool:
    """Whether the verification has ended; one marked as running that nobody works on is closed."""
    if row.status == Status.WAITING and _is_queued(row.pk):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_WORK])
        if cursor.fetchone() != (True,):
            return False
    row.refresh_from_db()
    if row.status in (Status.WAITING, Status.RUNNING):
        row.status, row.problem, row.ended_at = Status.FAILED, "interrupted", timezone.now()
        row.save()
    return True


def _is_queued(verification_id: int) -> bool:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return bool(
        ProcrastinateJob.objects.filter(
            task_name="core.verify_history",
            args__verification_id=verification_id,
            status__in=("todo", "doing"),
        ).exists()
    )


@contextmanager
def _working() -> Iterator[bool]:
    """Hold the mark of the working process on a connection of its own; False where another holds it."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True, connect_timeout=5) as holder:
        row = holder.execute("SELECT pg_try_advisory_lock(%s)", [_WORK]).fetchone()
        yield bool(row and row[0])

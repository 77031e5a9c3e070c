"""Checks and brings in uploaded files, at once when they are small, else as a job (AUD-4).

A run's status says how far it is; a run that is being worked on holds a lock of the database, so
that one whose process was killed is recognised by anybody who looks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import override

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.imports.cells import cell_text
from dossier.core.imports.engine import bring_in
from dossier.core.imports.pipeline import Reading
from dossier.core.imports.registry import Options
from dossier.core.imports.result import Result, problem_json
from dossier.core.imports.store import (
    Meter,
    cancelled,
    change_run,
    hold_run,
    holding,
    is_worked_on,
    second_connection,
)
from dossier.core.imports.uploads import WAITING, forget, given_of
from dossier.core.models import ImportRun
from dossier.core.services import command

SMALL = 16 * 1024  # bytes of a file, some 150 customers, that is worked on while the page waits
_SHOWN = 30  # problems of one sort shown in the preview
_ALIKE = 50  # groups of look-alikes shown
_FIRST = 5  # rows shown as they were understood
_CELL = 80  # characters of a cell shown
_SILENT = timedelta(seconds=45)  # a worker without a sign of life for so long is gone

# The people department knows accounts; the core must not, so it is named, not imported.
_ACTOR = "dossier.people.selectors.actor_by_login"

Status = ImportRun.Status


def begin(
    run: ImportRun, *, actor: Actor, what: str, options: Mapping[str, Any] | None = None
) -> None:
    """Start ``check`` or ``bring``: done when this returns for a small file, else under way.

    ``options`` are what was decided last; they count only if this call is the one that starts.
    """
    if _size(run) > SMALL:
        _claim(run, actor=actor, what=what, options=options, large=True)
        return
    with holding(run.pk) as held:
        if held and _claim(run, actor=actor, what=what, options=options, large=False):
            work(run, actor=actor, what=what)


def _size(run: ImportRun) -> int:
    """Bytes to be read, look-up files included."""
    given = given_of(run)
    places = {given.source, *(given.beside or {}).values()}
    return sum(place.stat().st_size for place in places if isinstance(place, Path))


def _claim(
    run: ImportRun, *, actor: Actor, what: str, options: Mapping[str, Any] | None, large: bool
) -> bool:
    """Take the run for this work, once (of the same form twice the first one counts); a large
    file's job is enqueued by the same transaction."""
    may_follow = WAITING if what == "check" else (Status.CHECKED,)
    with command(actor, why=f"import_{what}", import_run=run.pk):
        fresh = ImportRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status not in may_follow:
            return False
        fresh.status = Status.CHECKING if what == "check" else Status.RUNNING
        fresh.progress_done, fresh.progress_total = 0, None
        decided = {key: value for key, value in fresh.options.items() if key != "cancel"}
        fresh.options = decided | dict(options or {})
        fresh.result = {key: v for key, v in fresh.result.items() if key not in ("refusal", "rate")}
        fresh.save(
            update_fields=[
                "status", "progress_done", "progress_total", "options", "result", "updated_at",
            ]
        )  # fmt: skip
        if large:
            from dossier.core.jobs import work_on_import

            work_on_import.defer(
                run_id=run.pk, what=what, login=actor.login, ip=actor.ip, language=actor.language
            )
    run.refresh_from_db()
    return True


def work_as(run_id: int, what: str, login: str, ip: str, language: str) -> None:
    """The job: with the rights the person has now."""
    with holding(run_id) as held:
        run = ImportRun.objects.filter(pk=run_id).first()
        if not held or run is None or run.status not in (Status.CHECKING, Status.RUNNING):
            return  # done before, or given up
        actor: Actor = import_string(_ACTOR)(login, via="web")
        with override(language or None), second_connection() as other:
            work(run, actor=actor, what=what, meter=Meter(run.pk, other))


def work(run: ImportRun, *, actor: Actor, what: str, meter: Meter | None = None) -> None:
    """Check or bring in now, the run being held. A refusal of the whole file is kept with the run."""
    options = Options.of(run.options, dry_run=what == "check")
    first: dict[str, Any] = {}

    def on_reading(reading: Reading) -> None:
        _note_total(run, actor, reading)
        first.update(_first_rows(reading))

    try:
        result = bring_in(
            actor=actor, kind=run.kind, given=given_of(run), options=options,
            run=None if options.dry_run else run,
            advance=meter.advance if meter else None,
            on_reading=on_reading,
        )  # fmt: skip
        if options.dry_run and _asked_to_stop(run):
            raise cancelled()
    except Refusal as refusal:
        _end_badly(run, actor, {"code": refusal.code, "message": refusal.message})
        return
    except BaseException:
        run.refresh_from_db()
        if run.status != Status.DONE:
            _end_badly(run, actor, {"code": "interrupted"})
        raise
    run.refresh_from_db()
    if options.dry_run:
        change_run(
            run, actor=actor, why="import_checked", status=Status.CHECKED,
            result=_kept(result) | {"first": first},
        )  # fmt: skip
    else:
        shown = {key: run.result[key] for key in ("alike", "groups") if key in run.result}
        change_run(run, actor=actor, why="import_result", result=run.result | _kept(result) | shown)


def _end_badly(run: ImportRun, actor: Actor, refusal: dict[str, Any]) -> None:
    """Nothing was brought in: say so with the run."""
    run.refresh_from_db()
    change_run(
        run, actor=actor, why="import_failed", status=Status.FAILED,
        result=run.result | {"refusal": refusal},
    )  # fmt: skip


def _asked_to_stop(run: ImportRun) -> bool:
    return ImportRun.objects.filter(pk=run.pk, options__has_key="cancel").exists()


def _note_total(run: ImportRun, actor: Actor, reading: Reading) -> None:
    lines = reading.table.lines - reading.header.row_number
    if lines > 0 and run.progress_total != lines:
        change_run(run, actor=actor, why="import_progress", progress_total=lines)


def _first_rows(reading: Reading) -> dict[str, Any]:
    """The first rows by field, as they are handed on: joined, looked up, replaced."""
    fields = reading.fields
    names = reading.header.names
    return {
        "fields": fields,
        "sources": [
            " + ".join(names[at] for at in reading.compiled.own.get(field, ())) for field in fields
        ],
        "rows": [
            {
                "row": record.row,
                "cells": [cell_text(record.values.get(field, ""))[:_CELL] for field in fields],
            }
            for record in islice(reading.records(), _FIRST)
        ],
    }


def _kept(result: Result) -> dict[str, Any]:
    """What a run keeps of its result: the JSON with few problems, and what the preview shows."""
    return result.as_json(most_problems=1_000) | {
        "facts": result.facts,
        "problem_count": len(result.problems),
        "error_count": result.errors,
        "status": result.status,
        "groups": _groups(result),
        "alike": [
            {"rows": list(group.rows), "codes": list(group.codes), "names": list(group.names), "reasons": list(group.reasons)}
            for group in result.duplicates[:_ALIKE]
        ],
        "alike_count": len(result.duplicates),
        "warned": len({row for row, one in result.problems if one.severity == "warning"}
                      - {row for row, one in result.problems if one.severity == "error"}),
    }  # fmt: skip


def _groups(result: Result) -> list[dict[str, Any]]:
    """Problems of one sort together: errors first, the most frequent first."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for row, problem in sorted(result.problems, key=lambda one: one[0]):
        key = (problem.severity, problem.code, problem.field)
        counts[key] += 1
        if len(found[key]) < _SHOWN:
            given = str(problem.params.get("value", ""))
            found[key].append(
                problem_json(row, problem, result.kind)
                | {"given": given, "params": dict(problem.params)}
            )
    order = sorted(found, key=lambda key: (key[0] != "error", -counts[key]))
    return [
        {
            "severity": key[0],
            "code": key[1],
            "field": key[2],
            "count": counts[key],
            "problems": found[key],
        }
        for key in order
    ]


def cancel(run: ImportRun, *, actor: Actor) -> None:
    """Call an import off: what waits is discarded with its files, what is under way ends at the next
    batch with nothing saved. What is done stays done (see `undo`)."""
    with command(actor, why="import_cancelled", import_run=run.pk):
        fresh = ImportRun.objects.select_for_update().get(pk=run.pk)
        waiting = fresh.status in WAITING
        if waiting:
            fresh.status = Status.FAILED
            fresh.result = fresh.result | {"refusal": {"code": "discarded"}}
        elif fresh.status in (Status.CHECKING, Status.RUNNING):
            fresh.options = fresh.options | {"cancel": True}
            if hold_run(run.pk):  # nobody has begun: the job will find nothing to do
                fresh.status = Status.FAILED
                fresh.result = fresh.result | {"refusal": {"code": "cancelled"}}
        else:
            return
        fresh.save(update_fields=["status", "options", "result", "updated_at"])
    if waiting:
        forget(fresh)
    run.refresh_from_db()


def settle_dead(run: ImportRun, *, actor: Actor) -> None:
    """A run under way that nobody works on any more, and no job will, has ended badly."""
    under_way = (Status.CHECKING, Status.RUNNING)
    if run.status not in under_way or _is_queued(run.pk) or is_worked_on(run.pk):
        return
    with command(actor, why="import_failed", import_run=run.pk):
        if not hold_run(run.pk):
            return
        fresh = ImportRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status in under_way:
            fresh.status = Status.FAILED
            fresh.result = fresh.result | {"refusal": {"code": "interrupted"}}
            fresh.save(update_fields=["status", "result", "updated_at"])
    run.refresh_from_db()


def _is_queued(run_id: int) -> bool:
    """Whether a job for the run waits, or a worker that gives signs of life has it."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    alive = Q(worker__last_heartbeat__gt=timezone.now() - _SILENT)
    return bool(
        ProcrastinateJob.objects.filter(
            Q(status="todo") | Q(status="doing") & alive,
            task_name="core.work_on_import",
            args__run_id=run_id,
        ).exists()
    )

"""Checks and brings in uploaded files, at once when they are small, else as a job (AUD-4).

A run's status says how far it is; a run that is being worked on holds a lock of the database, so
that one whose process was killed is recognised by anybody who looks.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.imports.engine import bring_in
from dossier.core.imports.pipeline import Reading
from dossier.core.imports.registry import Options
from dossier.core.imports.result import Result, problem_json
from dossier.core.imports.store import (
    Meter,
    change_run,
    hold_run,
    is_worked_on,
    second_connection,
)
from dossier.core.imports.uploads import folder, given_of
from dossier.core.models import ImportRun
from dossier.core.services import command

SMALL = 512 * 1024  # bytes of a file that is worked on while the page waits
_SHOWN = 30  # problems of one sort shown in the preview
_ALIKE = 50  # groups of look-alikes shown

# The people department knows accounts; the core must not, so it is named, not imported.
_ACTOR = "dossier.people.selectors.actor_by_login"

Status = ImportRun.Status


def begin(run: ImportRun, *, actor: Actor, what: str) -> None:
    """Start ``check`` or ``bring``: done when this returns for a small file, else under way."""
    if not _claim(run, actor=actor, what=what):
        return  # the same form twice: the first one counts
    if (folder() / run.stored_as).stat().st_size <= SMALL:
        work(run, actor=actor, what=what)


def _claim(run: ImportRun, *, actor: Actor, what: str) -> bool:
    """Take the run for this work, once; a large file's job is enqueued by the same transaction."""
    may_follow = {
        "check": (Status.UPLOADED, Status.CHECKED, Status.FAILED),
        "bring": (Status.CHECKED,),
    }
    with command(actor, why=f"import_{what}", import_run=run.pk):
        fresh = ImportRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status not in may_follow[what]:
            return False
        large = (folder() / run.stored_as).stat().st_size > SMALL
        fresh.status = Status.CHECKING if what == "check" else Status.RUNNING
        fresh.progress_done, fresh.progress_total = 0, None
        fresh.save(update_fields=["status", "progress_done", "progress_total", "updated_at"])
        if large:
            from dossier.core.jobs import work_on_import

            work_on_import.defer(
                run_id=run.pk, what=what, login=actor.login, ip=actor.ip, language=actor.language
            )
    run.refresh_from_db()
    return True


def work_as(run_id: int, what: str, login: str, ip: str, language: str) -> None:
    """The job: with the rights the person has now."""
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None or run.status not in (Status.CHECKING, Status.RUNNING):
        return  # done before, or given up
    actor: Actor = import_string(_ACTOR)(login, via="web")
    with override(language or None), second_connection() as other:
        work(run, actor=actor, what=what, meter=Meter(run.pk, other))


def work(run: ImportRun, *, actor: Actor, what: str, meter: Meter | None = None) -> None:
    """Check or bring in now. A refusal of the whole file is kept with the run."""
    options = Options.of(run.options, dry_run=what == "check")
    try:
        result = bring_in(
            actor=actor, kind=run.kind, given=given_of(run), options=options,
            run=None if options.dry_run else run,
            advance=meter.advance if meter else None,
            on_reading=lambda reading: _note_total(run, actor, reading),
        )  # fmt: skip
    except Refusal as refusal:
        run.refresh_from_db()
        kept = run.result | {"refusal": {"code": refusal.code, "message": refusal.message}}
        change_run(run, actor=actor, why="import_failed", status=Status.FAILED, result=kept)
        return
    run.refresh_from_db()
    if options.dry_run:
        change_run(
            run, actor=actor, why="import_checked", status=Status.CHECKED, result=_kept(result)
        )
    else:
        shown = {key: run.result[key] for key in ("alike", "groups") if key in run.result}
        change_run(run, actor=actor, why="import_result", result=run.result | _kept(result) | shown)


def _note_total(run: ImportRun, actor: Actor, reading: Reading) -> None:
    lines = reading.table.lines - reading.header.row_number
    if lines > 0 and run.progress_total != lines:
        change_run(run, actor=actor, why="import_progress", progress_total=lines)


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
                problem_json(row, problem) | {"given": given, "params": dict(problem.params)}
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


def settle_dead(run: ImportRun, *, actor: Actor) -> None:
    """A run marked as being brought in that nobody works on, though its job began, has ended badly."""
    if run.status != Status.RUNNING or is_worked_on(run.pk) or _is_queued(run.pk):
        return
    with command(actor, why="import_failed", import_run=run.pk):
        if not hold_run(run.pk):
            return
        fresh = ImportRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status == Status.RUNNING:
            fresh.status = Status.FAILED
            fresh.result = fresh.result | {
                "refusal": {
                    "code": "interrupted",
                    "message": _("The program was interrupted while bringing this in."),
                }
            }
            fresh.save(update_fields=["status", "result", "updated_at"])
    run.refresh_from_db()


def _is_queued(run_id: int) -> bool:
    """Whether a job for the run waits or runs."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    return bool(
        ProcrastinateJob.objects.filter(
            task_name="core.work_on_import", args__run_id=run_id, status__in=("todo", "doing")
        ).exists()
    )

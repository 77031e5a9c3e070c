"""Backups as they are made: on command, asked for on the page, or by the schedule; each is put on record."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, system_actor
from dossier.core.backup import home
from dossier.core.backup.making import SUFFIX, Made, back_up
from dossier.core.backup.reading import is_backup
from dossier.core.backup.restoring import check
from dossier.core.backup.rules import FILE_NAME, Kept, due, to_delete
from dossier.core.errors import Refusal, Stale
from dossier.core.models import BackupPlan, BackupRun
from dossier.core.services import command

log = logging.getLogger(__name__)


def plan() -> BackupPlan:
    """The plan in force; what is shipped where nobody changed it."""
    return BackupPlan.objects.first() or BackupPlan()


def plan_change(*, actor: Actor, expected_version: int, **values: object) -> BackupPlan:
    """Another time of day, other numbers to keep, on or off."""
    actor.require("core.backup", "change")
    with command(actor, why="backup plan"):
        row = BackupPlan.objects.select_for_update().first()
        if (row.version if row else 1) != expected_version:
            raise Stale(
                "stale",
                _("The plan was changed meanwhile. Look at it again, then change it."),
            )
        row = row or BackupPlan()
        for name, value in values.items():
            setattr(row, name, value)
        row.version = expected_version + 1
        row.save()
        return row


def backup_ask(*, actor: Actor) -> None:
    """Put a backup into the folder of backups on the list of jobs; one that waits is not doubled."""
    from procrastinate.exceptions import AlreadyEnqueued

    from dossier.core.jobs import back_up_now

    actor.require("core.backup", "change")
    if under_way():
        raise Refusal("backup_running", _("A backup is being made already. Wait for its end."))
    try:
        with command(actor, why="backup asked for"):
            back_up_now.defer(login=actor.login)
    except AlreadyEnqueued as error:
        raise Refusal(
            "backup_running", _("A backup is being made already. Wait for its end.")
        ) from error


def under_way() -> bool:
    """Whether a backup of this home is being made now, or waits for its turn."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    with home.alone("backup") as free:
        if not free:
            return True
    return bool(
        ProcrastinateJob.objects.filter(task_name="core.back_up_now", status="todo").exists()
    )


def back_up_and_record(target: Path, *, overwrite: bool = False) -> Made:
    """What `dossier backup` does: a backup where somebody wants it, on record like any other."""
    began = timezone.now()
    actor = system_actor(via="command")
    try:
        made = back_up(target, overwrite=overwrite)
    except Refusal as refusal:
        _record(actor, began, target, refusal=refusal)
        raise
    _record(actor, began, target, made=made)
    return made


def back_up_into_folder(*, login: str, scheduled: bool) -> bool:
    """What the job does: a backup into the folder, checked if the plan says so, older ones thinned out.

    Never raises a refusal: it is put on record, and said on the page and by `dossier check`.
    """
    actor, began, folder = system_actor(via="job"), timezone.now(), home.default_folder()
    target = folder / FILE_NAME.format(at=began.strftime("%Y%m%dT%H%M%SZ"), suffix=SUFFIX)
    made, checked = None, False
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = back_up(target)
        if plan().check_after:
            check(target)
            checked = True
        _thin_out(folder)
    except Refusal as refusal:
        log.error("backup: %s", refusal.code)
        _record(actor, began, target, refusal=refusal, scheduled=scheduled, login=login)
        return False
    except OSError as error:
        log.exception("backup: the folder of backups cannot be used")
        unusable = Refusal("folder_unusable", str(error.strerror or error))
        _record(actor, began, target, refusal=unusable, scheduled=scheduled, login=login)
        return False
    _record(actor, began, target, made=made, scheduled=scheduled, login=login, checked=checked)
    return True


def back_up_if_due(now: datetime) -> bool:
    """Make the scheduled backup where its time has come; whether one was made."""
    plan_now = plan()
    runs = BackupRun.objects.filter(scheduled=True).order_by("-began_at")
    last = runs.filter(problem="").first()
    tried = runs.first()
    is_due = due(
        now.astimezone(timezone.get_default_timezone()),
        enabled=plan_now.enabled,
        at=plan_now.at,
        last_made=last.began_at if last else None,
        last_tried=tried.began_at if tried else None,
    )
    return is_due and back_up_into_folder(login="", scheduled=True)


def _thin_out(folder: Path) -> None:
    """Delete what need not be kept: only files that bear a name of ours and begin as a backup does."""
    rule = plan()
    names = [path.name for path in folder.iterdir() if path.is_file() and is_backup(path)]
    kept = Kept(rule.keep_daily, rule.keep_weekly, rule.keep_monthly)
    for name in to_delete(names, kept):
        (folder / name).unlink(missing_ok=True)


def _record(
    actor: Actor,
    began: datetime,
    target: Path,
    *,
    made: Made | None = None,
    refusal: Refusal | None = None,
    scheduled: bool = False,
    login: str = "",
    checked: bool = False,
) -> None:
    with command(actor, why="backup"), translation.override("zh-hans"):
        BackupRun.objects.create(
            began_at=began,
            ended_at=timezone.now(),
            scheduled=scheduled,
            asked_by=login or actor.login,
            problem=refusal.code if refusal else "",
            detail=refusal.message[:700] if refusal else "",
            path=str(target)[:700],
            size=made.size if made else 0,
            sha256=made.sha256 if made else "",
            rows=made.rows if made else 0,
            files=made.files if made else 0,
            encrypted=made.encrypted if made else False,
            checked=checked,
        )


def folder_is_in_home() -> bool:
    """Whether scheduled backups lie in the home itself, and so go with the disk."""
    return home.default_folder().is_relative_to(Path(settings.HOME_DIR))

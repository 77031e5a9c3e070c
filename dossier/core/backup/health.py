"""Whether backups are made as they should be: for the page and for `dossier check`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from dossier.core.backup.rules import OLD_AFTER
from dossier.core.backup.runs import plan
from dossier.core.models import BackupRun


class State(StrEnum):
    """How backups stand."""

    OFF = "off"  # none are scheduled
    NONE = "none"  # scheduled; none was made so far
    GOOD = "good"
    FAILED = "failed"  # the last one failed
    OLD = "old"  # the last good one is too long ago


@dataclass(frozen=True)
class Health:
    """The state, and the runs it rests on."""

    state: State
    last_good: BackupRun | None
    last: BackupRun | None


def health(now: datetime | None = None) -> Health:
    """How backups into the folder stand; those made by hand elsewhere count as made."""
    now = now or timezone.now()
    last = BackupRun.objects.order_by("-began_at").first()
    good = BackupRun.objects.filter(problem="").order_by("-began_at").first()
    if last is not None and last.problem:
        state = State.FAILED
    elif not plan().enabled:
        state = State.OFF
    elif good is None:
        state = State.NONE
    elif now - good.ended_at > OLD_AFTER:
        state = State.OLD
    else:
        state = State.GOOD
    return Health(state, good, last)

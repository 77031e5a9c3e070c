"""When a scheduled backup is due, which older ones go, when silence is a fault. No clock, no files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

FILE_NAME = "dossier-{at}{suffix}"
_OURS = re.compile(r"dossier-(\d{8}T\d{6}Z)\.dossier")
_AGAIN_AFTER = timedelta(hours=1)
OLD_AFTER = timedelta(hours=50)  # two nights missed


class Kept(NamedTuple):
    """How many backups stay: the last of each of so many days, weeks and months that have one."""

    daily: int
    weekly: int
    monthly: int


def due(
    now: datetime,
    *,
    enabled: bool,
    at: time,
    last_made: datetime | None,
    last_tried: datetime | None,
) -> bool:
    """Whether the day's backup is still to be made; ``now`` in the company's time zone.

    One that was missed (the program was down) is made up for at once; one that failed is tried again hourly.
    """
    if not enabled:
        return False
    moment = datetime.combine(now.date(), at, tzinfo=now.tzinfo)
    if moment > now:
        moment -= timedelta(days=1)
    if last_made is not None and last_made >= moment:
        return False
    return last_tried is None or now - last_tried >= _AGAIN_AFTER


def made_at(name: str) -> datetime | None:
    """When the backup of this name was made; None for a name that is not one of the schedule's."""
    found = _OURS.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def to_delete(names: Iterable[str], kept: Kept) -> list[str]:
    """The backups that need not be kept, oldest first. The newest always stays; other names are nobody's here."""
    ours = sorted(((at, name) for name in names if (at := made_at(name))), reverse=True)
    stay = {name for _at, name in ours[:1]}
    for count, period in (
        (kept.daily, "%Y-%m-%d"),
        (kept.weekly, "%G-%V"),
        (kept.monthly, "%Y-%m"),
    ):
        newest: dict[str, str] = {}
        for at, name in ours:
            newest.setdefault(at.strftime(period), name)
        stay |= set(list(newest.values())[:count])
    return sorted(name for _at, name in ours if name not in stay)

"""What a verification finds: faults with a stable code and the place where they are (AUD-1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

MOST_NAMED = 200  # faults of one kind that are named one by one


@dataclass(frozen=True)
class Fault:
    """One thing found wrong: ``code`` is stable; table, row, columns and entry name the place where known."""

    code: str
    text: str
    table: str = ""
    row: str = ""
    entry: int | None = None
    seal: int | None = None
    columns: str = ""

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True)
class Restored:
    """The database was brought back from a backup; no fault, but it is always said."""

    at: datetime
    by: str
    backup: str
    backup_made_at: datetime
    kept_seal: int
    seen_seal: int
    signed: bool

    @property
    def text(self) -> str:
        """The sentence for people."""
        return _(
            "Restored on %(at)s by %(by)s from the backup of %(made)s (%(id)s): seals up to %(kept)s were kept, %(left)s left behind."
        ) % {
            "at": f"{self.at:%Y-%m-%d %H:%M} UTC",
            "by": self.by,
            "made": f"{self.backup_made_at:%Y-%m-%d %H:%M} UTC",
            "id": self.backup[:8],
            "kept": self.kept_seal,
            "left": max(0, self.seen_seal - self.kept_seal),
        }


@dataclass
class Verdict:
    """What a verification looked at and found.

    ``redactions`` are the approved requests and how many entries each emptied (AUD-3); they are no faults.
    """

    entries: int
    sealed: int
    seals: int
    faults: list[Fault]
    redactions: dict[int, int] = field(default_factory=dict)
    restores: list[Restored] = field(default_factory=list)

"""What a verification finds: faults with a stable code and the place where they are (AUD-1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

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

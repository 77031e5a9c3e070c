"""What people were told is saved: the test's own record, held against the database at the end.

It is kept in the memory of the people's process, which nobody kills.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class What(StrEnum):
    """Kinds of writes, each with its own proof in ``verify``."""

    EDIT = "edit of a customer"
    COUNT = "count of a shared customer"
    NOTE = "note"
    ORDER = "order"
    AMEND = "change of an order"
    CUSTOMER = "customer"
    IMPORT = "import"


class State(StrEnum):
    """How a write ended, as its author knows it."""

    OPEN = "open"  # sent, and no answer: it may be there or not, once at most
    DONE = "acknowledged"
    REFUSED = "refused"  # told so, by the first answer: it must not be there


@dataclass(slots=True)
class Write:
    """One write. ``token`` is a text that stands in the record and nowhere else.

    ``row`` is the record changed (0: one is made), ``saw`` the value of the field its author had before
    the eyes. ``sent`` counts the requests: more than one where no answer came, or on purpose (``again``).
    """

    what: What
    who: str
    token: str
    row: int = 0
    saw: str = ""
    expected: dict[str, Any] = field(default_factory=dict)
    state: State = State.OPEN
    sent: int = 0
    unsure: bool = False  # an earlier request of it got no answer
    again: bool = False  # repeated on purpose, as one who presses twice or loses the connection


class Journal:
    """All writes of all people."""

    def __init__(self, mark: str) -> None:
        self.mark = mark  # of this run: tells its records from those of earlier ones
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._writes: list[Write] = []

    def begin(self, what: What, who: str, **facts: Any) -> Write:
        """A write about to be sent."""
        with self._lock:
            made = Write(what, who, f"{self.mark}-{next(self._numbers):06d}-", **facts)
            self._writes.append(made)
        return made

    def all(self, what: What | None = None) -> list[Write]:
        """The writes until now, of one kind or all."""
        with self._lock:
            return [one for one in self._writes if what is None or one.what is what]

"""Where reports are computed: the shape every engine has, and the one in use."""

from __future__ import annotations

from typing import Protocol

from dossier.core.access import Actor
from dossier.reports.declarations import Answer, Question


class Engine(Protocol):
    """Answers questions about what the actor may see; nothing else enters a figure."""

    def answer(self, actor: Actor, question: Question) -> Answer:
        """Compute cells and totals as they stood at one moment."""
        ...


def engine() -> Engine:
    """The engine in use."""
    from dossier.reports.engine_sql import SqlEngine

    return SqlEngine()

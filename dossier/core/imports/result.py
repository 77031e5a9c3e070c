"""Rows on their way through an import, the problems found, and what came of the whole (AUD-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from dossier.core.imports.messages import problem_text

Severity = Literal["error", "warning"]
Outcome = Literal["created", "updated", "unchanged", "rejected"]


class Problem(NamedTuple):
    """Something about one row: the field, a stable code, an error or a warning, what fills the message."""

    field: str
    code: str
    severity: Severity = "error"
    params: Mapping[str, Any] = {}

    def text(self, kind: str = "") -> str:
        """The sentence in the language active now, in the words of this kind of import."""
        return problem_text(self.code, self.field, self.params, kind)

    def kept(self) -> dict[str, Any]:
        """What the table of rows keeps of it."""
        return {
            "field": self.field,
            "code": self.code,
            "severity": self.severity,
            "params": dict(self.params),
        }


class Duplicate(NamedTuple):
    """Rows that look like one record; codes follow the rows, then those of the archive's members."""

    rows: tuple[int, ...]
    codes: tuple[str | None, ...]
    score: float
    reasons: tuple[str, ...]
    names: tuple[str, ...] = ()  # for the page; not part of the JSON

    def as_json(self) -> dict[str, Any]:
        """The group as the JSON of an import holds it."""
        return {
            "rows": list(self.rows),
            "codes": list(self.codes),
            "score": round(self.score, 2),
            "reasons": list(self.reasons),
        }


class Row:
    """One row: what it is, what was read from it (``data``, the kind's own), what becomes of it.

    ``target`` is the record made or changed; ``previous`` the record an earlier import made of the
    row with the same key in an annotated copy. ``outcome`` is None until it is settled.
    """

    __slots__ = (
        "cells",
        "data",
        "fingerprint",
        "key",
        "number",
        "ordinal",
        "outcome",
        "previous",
        "problems",
        "refused",
        "target",
    )

    def __init__(self, number: int, fingerprint: bytes, ordinal: int, cells: str, key: str) -> None:
        self.number = number
        self.fingerprint = fingerprint
        self.ordinal = ordinal
        self.cells = cells
        self.key = key
        self.data: Any = None
        self.problems: list[Problem] = []
        self.refused = False  # an error was found
        self.outcome: Outcome | None = None
        self.target: int | None = None
        self.previous: int | None = None

    def error(self, field: str, code: str, **params: Any) -> None:
        """The row cannot be brought in."""
        self.refused = True
        self.problems.append(Problem(field, code, "error", params))

    def warn(self, field: str, code: str, **params: Any) -> None:
        """The row is brought in, but a person should look at this."""
        self.problems.append(Problem(field, code, "warning", params))

    def settle(self, outcome: Outcome, target: int | None = None) -> None:
        """Say what became of the row."""
        self.outcome = outcome
        self.target = target


@dataclass
class Result:
    """What came of an import, or would come of it (a dry run).

    ``status`` is ``checked`` after a dry run, ``refused`` where nothing was brought in because of an
    error, ``done`` otherwise.
    """

    kind: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    seconds: float = 0.0
    run: int | None = None
    status: Literal["checked", "refused", "done"] = "checked"
    facts: dict[str, Any] = field(default_factory=dict)  # what the kind adds: products created …

    @property
    def errors(self) -> int:
        """How many problems are errors."""
        return sum(problem.severity == "error" for _row, problem in self.problems)

    def count(self, rows: Iterable[Row]) -> None:
        """Add settled rows."""
        for row in rows:
            self.rows += 1
            outcome = row.outcome
            if outcome == "created":
                self.created += 1
            elif outcome == "updated":
                self.updated += 1
            elif outcome == "rejected":
                self.rejected += 1
            else:
                self.unchanged += 1
            if row.problems:
                self.problems.extend((row.number, problem) for problem in row.problems)

    def as_json(self, *, most_problems: int | None = None) -> dict[str, Any]:
        """The JSON of an import as the manual states it, messages in the language active now."""
        problems = sorted(self.problems, key=lambda found: found[0])[:most_problems]
        return {
            "kind": self.kind,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "problems": [problem_json(row, problem, self.kind) for row, problem in problems],
            "duplicates": [group.as_json() for group in self.duplicates],
            "seconds": round(self.seconds, 3),
            "run": self.run,
        }


def problem_json(row: int, problem: Problem, kind: str = "") -> dict[str, Any]:
    """One problem as the JSON of an import holds it."""
    return {
        "row": row,
        "field": problem.field,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.text(kind),
    }


def kept_problems(kept: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Problems as the table of rows keeps them."""
    return [
        Problem(one["field"], one["code"], one["severity"], one.get("params") or {}) for one in kept
    ]

"""The annotated copy of an import: the sheet with its problems, to correct and bring in again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from dossier.core.access import Actor
from dossier.core.exports import Said, record_export
from dossier.core.imports.annotated import CellProblem, annotated_copy
from dossier.core.imports.engine import Given
from dossier.core.imports.pipeline import Reading, read_records
from dossier.core.imports.registry import kind_of
from dossier.core.imports.result import Problem, Result
from dossier.core.imports.store import kept_rows, row_key
from dossier.core.models import ImportRun


def annotate(kind: str, given: Given, result: Result, *, refused_only: bool = False) -> bytes:
    """The copy of a file just checked or brought in. Rows carry a key where they were kept."""
    run = result.run if result.status == "done" else None
    return _copy(kind, given, result.problems, run, refused_only=refused_only)


def annotate_run(run: ImportRun, given: Given, *, refused_only: bool = False) -> bytes:
    """The copy of a file brought in before, from what was kept of its rows."""
    problems = [(row, problem) for row, found in kept_rows(run) for problem in found]
    return _copy(run.kind, given, problems, run.pk, refused_only=refused_only)


def record_copy(actor: Actor, run: ImportRun, given: Given, content: bytes, name: str) -> None:
    """Put a copy on record as it is handed over (AUD-2)."""
    kind = kind_of(run.kind)
    fields = given.mapping.fields() if given.mapping is not None else []
    record_export(
        actor=actor,
        kind=kind.permission,
        title=gettext_lazy("Annotated copy of an import"),
        content=content,
        file_name=name,
        file_format="xlsx",
        rows=run.result.get("rows", 0),
        columns=[
            spec.label for field in fields for spec in kind.columns.specs if spec.field == field
        ],
        said=[
            Said(gettext_lazy("Import number"), [str(run.pk)]),
            Said(gettext_lazy("File"), [run.file_name]),
        ],
        scope=actor.scopes(kind.permission, "import"),
    )


def _copy(
    kind: str,
    given: Given,
    problems: Iterable[tuple[int, Problem]],
    run: int | None,
    *,
    refused_only: bool,
) -> bytes:
    reading = read_records(
        given.source,
        given.name,
        kind_of(kind).columns,
        given.mapping,
        given.limits,
        sheet=given.sheet,
        beside=given.beside,
    )
    try:
        marked: dict[int, list[CellProblem]] = defaultdict(list)
        for row, problem in problems:
            marked[row].append(
                CellProblem(problem.text(kind), problem.severity, reading.column_of(problem.field))
            )
        return annotated_copy(reading, marked, _keys(reading, run), refused_only=refused_only)
    finally:
        reading.table.close()


def _keys(reading: Reading, run: int | None) -> dict[int, str]:
    if run is None:
        return {}
    return {record.row: row_key(run, record.row) for record in reading.records()}

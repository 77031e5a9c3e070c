"""The record of imports: runs, their rows as typed, and how a row is known again (AUD-4)."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.imports.registry import ImportKind, is_maker, kind_of, kinds, table_of
from dossier.core.imports.result import Problem, Row
from dossier.core.imports.stages import copy_lines, escaped, fetch
from dossier.core.models import ImportRow, ImportRun
from dossier.core.services import command

_LOCK_CLASS = 0x696D7072  # "impr": one import of a kind of record at a time
_RUN_CLASS = 0x696D7275  # "imru": held by the process that brings the run in, however it ends

_ROW_COLUMNS = (
    "run_id",
    "row",
    "fingerprint",
    "ordinal",
    "cells",
    "outcome",
    "target_table",
    "target_id",
    "problems",
)


class Known(NamedTuple):
    """The record an earlier import made of the same row."""

    table: str
    target: int


def hold_locks(names: Iterable[str]) -> None:
    """Wait until no other import writes these kinds of record; let go at the end of the transaction.

    An import may take minutes, so this wait has no limit of its own; other waits keep theirs.
    """
    for name in sorted(names):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, _key(name)])
            cursor.execute("SELECT set_config('lock_timeout', '5s', true)")


def try_locks(names: Iterable[str]) -> bool:
    """Hold these kinds of record as an import does, unless one is at work; whether they are held."""
    return all(
        fetch("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, _key(name)])[0][0]
        for name in sorted(names)
    )


def hold_run(run_id: int) -> bool:
    """Mark the run as worked on until the transaction ends; False when another process works on it."""
    return bool(
        fetch("SELECT pg_try_advisory_xact_lock(%s, %s)", [_RUN_CLASS, run_id % 2**31])[0][0]
    )


def _key(name: str) -> int:
    return zlib.crc32(name.encode()) - 2**31


def is_worked_on(run_id: int) -> bool:
    """Whether a process is at work on the run now."""
    with transaction.atomic():
        return not hold_run(run_id)


def start_run(
    *,
    actor: Actor,
    kind: ImportKind,
    file_name: str,
    sha256: str,
    status: str,
    stored_as: str = "",
    options: dict[str, Any] | None = None,
) -> ImportRun:
    """Note that a file is to be brought in; a transaction of its own."""
    with command(actor, why="import_start"):
        return ImportRun.objects.create(
            kind=kind.key,
            file_name=file_name[:255],
            file_sha256=sha256,
            stored_as=stored_as,
            status=status,
            options=options or {},
            started_by_id=actor.account_id,
            started_by=actor.login[:150],
        )


def change_run(run: ImportRun, *, actor: Actor, why: str, **values: Any) -> None:
    """Set values of a run."""
    with command(actor, why=why, import_run=run.pk):
        for name, value in values.items():
            setattr(run, name, value)
        run.save(update_fields=[*values, "updated_at"])


def may_see(actor: Actor, run: ImportRun) -> bool:
    """Its maker sees a run; others who may bring in that kind everywhere see it too."""
    if is_maker(actor, run):
        return True
    permission = kind_of(run.kind).permission
    return "all" in actor.scopes(permission, "import")


def reachable_run(actor: Actor, run_id: int) -> ImportRun:
    """The run, or NotFound where it is nobody's the actor may know of."""
    run = ImportRun.objects.filter(pk=run_id).first() if run_id < 2**63 else None
    if run is None or run.kind not in {kind.key for kind in kinds()} or not may_see(actor, run):
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return run


class RowStore:
    """Finds and keeps rows of one kind of import. Used inside the import's transaction."""

    def __init__(self, kind: ImportKind, run_id: int | None) -> None:
        self.kind = kind
        self.run_id = run_id
        self.table = table_of(kind.model)
        self.has_earlier = bool(
            fetch(
                "SELECT 1 FROM core_importrun WHERE kind = %s AND status IN ('done', 'undone') LIMIT 1",
                [kind.key],
            )
        )

    def recognise(self, rows: Sequence[Row]) -> list[Row]:
        """Settle rows that an earlier import brought in as unchanged; give the others.

        A row counts where the record it made is still there, also after an undo that had to keep it;
        a change counts until it is undone. ``previous`` is set from the keys of annotated copies.
        """
        if not self.has_earlier:
            return list(rows)
        self._by_key([row for row in rows if row.key])
        known = self._known(rows)
        left = []
        for row in rows:
            found = known.get((row.fingerprint, row.ordinal))
            if found is None:
                left.append(row)
            else:
                row.problems.clear()
                row.settle("unchanged", found if row.previous is None else row.previous)
        return left

    def _known(self, rows: Sequence[Row]) -> dict[tuple[bytes, int], int]:
        found = fetch(
            f"""
            SELECT r.fingerprint, r.ordinal, r.target_id
            FROM unnest(%s::bytea[], %s::integer[]) AS s (fingerprint, ordinal)
            JOIN core_importrow r ON r.fingerprint = s.fingerprint AND r.ordinal = s.ordinal
            JOIN core_importrun i ON i.id = r.run_id
            WHERE i.kind = %s AND r.target_table = %s
              AND (i.status = 'done' AND r.outcome IN ('created', 'updated')
                   OR i.status = 'undone' AND r.outcome = 'created')
              AND EXISTS (SELECT 1 FROM {self.table} t WHERE t.id = r.target_id)
            """,  # noqa: S608 - own table name
            [
                [row.fingerprint for row in rows],
                [row.ordinal for row in rows],
                self.kind.key,
                self.table,
            ],
        )
        return {(bytes(fingerprint), ordinal): target for fingerprint, ordinal, target in found}

    def _by_key(self, rows: Sequence[Row]) -> None:
        """Keys of annotated copies: the record that row became when it was accepted."""
        keys = {key: row for row in rows if (key := _row_key(row.key)) is not None}
        if not keys:
            return
        found = fetch(
            f"""
            SELECT r.run_id, r.row, r.target_id
            FROM unnest(%s::bigint[], %s::integer[]) AS s (run_id, row)
            JOIN core_importrow r ON r.run_id = s.run_id AND r.row = s.row
            JOIN core_importrun i ON i.id = r.run_id
            WHERE i.kind = %s AND i.status IN ('done', 'undone') AND r.target_table = %s
              AND EXISTS (SELECT 1 FROM {self.table} t WHERE t.id = r.target_id)
            """,  # noqa: S608 - own table name
            [
                [run for run, _row in keys],
                [number for _run, number in keys],
                self.kind.key,
                self.table,
            ],
        )
        for run, number, target in found:
            keys[run, number].previous = target

    def keep(self, rows: Iterable[Row]) -> None:
        """Write settled rows as typed, with what became of them."""
        assert self.run_id is not None
        copy_lines("core_importrow", _ROW_COLUMNS, self._lines(rows))

    def _lines(self, rows: Iterable[Row]) -> Iterator[str]:
        run, table = self.run_id, self.table
        for row in rows:
            target = "\\N" if row.target is None else row.target
            named = "" if row.target is None else table
            problems = "[]"
            if row.problems:
                problems = escaped(
                    json.dumps(
                        [one.kept() for one in row.problems], ensure_ascii=False, default=str
                    )
                )
            yield (
                f"{run}\t{row.number}\t\\\\x{row.fingerprint.hex()}\t{row.ordinal}\t{row.cells}\t"
                f"{row.outcome}\t{named}\t{target}\t{problems}"
            )


def row_key(run_id: int, row: int) -> str:
    """The key by which an annotated copy tells its rows."""
    return f"{run_id}-{row}"


def _row_key(text: str) -> tuple[int, int] | None:
    run, dash, row = text.strip().partition("-")
    if (
        dash
        and run.isascii()
        and row.isascii()
        and run.isdigit()
        and row.isdigit()
        and len(run) < 19
        and len(row) < 10
    ):
        return int(run), int(row)
    return None


def kept_rows(run: ImportRun) -> Iterator[tuple[int, list[Problem]]]:
    """(row number, problems) of a run's rows that have any."""
    from dossier.core.imports.result import kept_problems

    found = ImportRow.objects.filter(run=run).exclude(problems=[]).order_by("row")
    for number, problems in found.values_list("row", "problems").iterator(chunk_size=5000):
        yield number, kept_problems(problems)


@contextmanager
def second_connection() -> Iterator[Any]:
    """Another connection, whose writes others see before the import's own transaction ends."""
    other = connection.copy()
    try:
        yield other
    finally:
        other.close()


@contextmanager
def holding(run_id: int) -> Iterator[bool]:
    """Mark the run as worked on by this connection, over all its transactions; False: by another."""
    held = bool(fetch("SELECT pg_try_advisory_lock(%s, %s)", [_RUN_CLASS, run_id % 2**31])[0][0])
    try:
        yield held
    finally:
        if held:
            fetch("SELECT pg_advisory_unlock(%s, %s)", [_RUN_CLASS, run_id % 2**31])


class Meter:
    """Writes how far a run has come, seen by others at once, and hears of a wish to stop; at most
    twice a second."""

    def __init__(self, run_id: int, other: Any) -> None:
        self.run_id = run_id
        self.other = other
        self.done = 0
        self._began = time.monotonic()
        self._said = 0.0

    def advance(self, count: int) -> None:
        """So many more rows were worked on. Raises the refusal ``cancelled`` where that was asked for."""
        self.done += count
        now = time.monotonic()
        if now - self._said < 0.5:
            return
        self._said = now
        rate = round(self.done / max(now - self._began, 0.001))
        with self.other.cursor() as cursor:
            cursor.execute(
                "UPDATE core_importrun SET progress_done = %s,"
                " result = jsonb_set(result, '{rate}', to_jsonb(%s::int)) WHERE id = %s"
                " RETURNING jsonb_exists(options, 'cancel')",
                [self.done, rate, self.run_id],
            )
            found = cursor.fetchone()
        if found and found[0]:
            raise cancelled()


def cancelled() -> Refusal:
    """The refusal of an import that was called off while it was under way."""
    return Refusal("cancelled", _("This import was cancelled."))

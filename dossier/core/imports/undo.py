"""Takes a whole import back (AUD-4): what it made is removed, what it changed is put back.

What somebody has changed since, or built upon, stays as it is and is listed. The history says what
the import did, entry by entry, so nothing has to be remembered beside it; the undo itself is recorded
like any other change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.imports.registry import ImportKind, Options, UndoTable, kind_of
from dossier.core.imports.stages import fetch
from dossier.core.imports.store import hold_locks, hold_run, reachable_run
from dossier.core.models import ImportRun
from dossier.core.services import command

_MOST_KEPT = 500  # shown and stored; the number is always told


@dataclass(frozen=True)
class Kept:
    """A record the undo left alone, and why."""

    table: str
    pk: int
    title: str
    reason: str


@dataclass
class Undone:
    """What an undo did."""

    run: int
    deleted: int = 0
    restored: int = 0
    kept: list[Kept] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and the record of the import."""
        return {
            "run": self.run,
            "deleted": self.deleted,
            "restored": self.restored,
            "kept": [
                {"table": one.table, "id": one.pk, "title": one.title, "reason": one.reason}
                for one in self.kept[:_MOST_KEPT]
            ],
            "kept_count": len(self.kept),
        }


def undo_run(*, actor: Actor, run_id: int) -> Undone:
    """Take an import back, in one transaction. Twice is refused: there is nothing left to take back."""
    run = reachable_run(actor, run_id)
    kind = kind_of(run.kind)
    actor.require(kind.permission, "import")
    if "all" not in actor.scopes(kind.permission, "import") and run.started_by != actor.login:
        raise Refusal(
            "not_allowed",
            gettext_lazy(
                "Only who brought this file in, or somebody who reaches everything, can undo it."
            ),
        )
    with command(
        actor, why=f"undo of import {run.pk}: {run.file_name}"[:200], undo_of_import=run.pk
    ):
        hold_run(run.pk)
        hold_locks(kind.locks(Options.of(run.options)))
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        if run.status != ImportRun.Status.DONE:
            raise Refusal(
                "not_done",
                gettext_lazy("Only an import that was brought in can be undone, and only once."),
                params={},
            )
        done = _Undo(kind, int(run.options["transaction"])).run(Undone(run.pk))
        run.status = ImportRun.Status.UNDONE
        run.undone_at = timezone.now()
        run.result = run.result | {"undo": done.as_json()}
        run.save(update_fields=["status", "undone_at", "result", "updated_at"])
    return done


class _Undo:
    """The work on one import, table by table, parts before the records they belong to."""

    def __init__(self, kind: ImportKind, xid: int) -> None:
        self.kind = kind
        self.xid = xid
        self.tables = [(table, _model(table.model)) for table in kind.undo]
        self.touched: dict[str, set[int]] = {}  # records whose derived columns may differ now

    def run(self, done: Undone) -> Undone:
        """Do it."""
        self._gather()
        self._mark_changed()
        self._keep_with_parts()
        self._keep_referenced()
        for table, model in self.tables:
            self._remove(table, model, done)
        for table, model in self.tables:
            self._put_back(table, model, done)
        for table, _made in self.tables:
            touched = self.touched.get(table.model, set())
            if table.renew is not None and touched:
                table.renew(sorted(touched))
        for table, model in self.tables:
            if not table.parent:
                self._list_kept(model, done)
        return done

    def _gather(self) -> None:
        """What the import's transaction did to each row of these tables."""
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.undo_rows")
            cursor.execute(
                """
                CREATE TEMP TABLE undo_rows ON COMMIT DROP AS
                SELECT e.table_name, e.row_id::bigint AS row_id, min(e.id) AS first_id, max(e.id) AS last_id,
                       bool_or(e.op = 'I') AS made, NULL::text AS kept
                FROM history_entry e
                WHERE e.xid = %s AND e.table_name = ANY(%s) AND e.op IN ('I', 'U')
                GROUP BY e.table_name, e.row_id
                """,
                [self.xid, [model._meta.db_table for _table, model in self.tables]],
            )
            cursor.execute("CREATE UNIQUE INDEX ON undo_rows (table_name, row_id)")
            cursor.execute("ANALYZE undo_rows")

    def _mark_changed(self) -> None:
        """Rows with a later entry in the history, and rows that are gone."""
        _run(
            "UPDATE undo_rows u SET kept = 'changed' WHERE EXISTS ("
            " SELECT 1 FROM history_entry e WHERE e.table_name = u.table_name AND e.row_id = u.row_id::text"
            " AND e.id > u.last_id)"
        )

    def _keep_with_parts(self) -> None:
        """A record whose part was changed since, or got a new part since, counts as changed; and its
        unchanged parts stay with it."""
        for table, model in self.tables:
            if not table.parent:
                continue
            part, parent = model._meta.db_table, _model(table.parent_model)._meta.db_table
            _run(
                f"""
                UPDATE undo_rows u SET kept = 'changed'
                WHERE u.table_name = %s AND u.made AND u.kept IS NULL AND EXISTS (
                  SELECT 1 FROM {part} p LEFT JOIN undo_rows x ON x.table_name = %s AND x.row_id = p.id
                  WHERE p.{table.parent} = u.row_id AND (x.row_id IS NULL OR x.kept IS NOT NULL))
                """,  # noqa: S608 - own names
                [parent, part],
            )
        self._parts_follow()

    def _parts_follow(self) -> None:
        for table, model in self.tables:
            if table.parent:
                _run(
                    f"""
                    UPDATE undo_rows u SET kept = 'with'
                    FROM {model._meta.db_table} p JOIN undo_rows r ON r.table_name = %s AND r.row_id = p.{table.parent}
                    WHERE u.table_name = %s AND u.row_id = p.id AND u.kept IS NULL AND r.kept IS NOT NULL
                    """,  # noqa: S608 - own names
                    [_model(table.parent_model)._meta.db_table, model._meta.db_table],
                )

    def _keep_referenced(self) -> None:
        """A record something else refers to stays; repeated until nothing more has to stay."""
        again = True
        while again:
            again = False
            for _table, model in self.tables:
                for other, column in _references(model):
                    again |= self._keep_for(model, other, column)
            if again:
                self._parts_follow()

    def _keep_for(self, model: type[models.Model], other: type[models.Model], column: str) -> bool:
        """Keep rows that rows of ``other`` refer to, unless those go too."""
        ours = other._meta.db_table in {known._meta.db_table for _table, known in self.tables}
        goes = (
            "AND NOT EXISTS (SELECT 1 FROM undo_rows x WHERE x.table_name = %(other)s AND x.row_id = o.id"
            " AND x.made AND x.kept IS NULL)"
            if ours
            else ""
        )
        return bool(
            _run(
                f"""
                UPDATE undo_rows u SET kept = 'used'
                WHERE u.table_name = %(table)s AND u.made AND u.kept IS NULL AND EXISTS (
                  SELECT 1 FROM {other._meta.db_table} o WHERE o.{column} = u.row_id {goes})
                """,  # noqa: S608 - own names
                {"table": model._meta.db_table, "other": other._meta.db_table},
            )
        )

    def _remove(self, table: UndoTable, model: type[models.Model], done: Undone) -> None:
        """Delete what the import made. References among these rows are checked at the end."""
        name = model._meta.db_table
        for (link,) in _self_links(model):
            _run(
                f"UPDATE {name} t SET {link} = NULL FROM undo_rows u WHERE u.table_name = %s AND u.row_id = t.id"  # noqa: S608 - own names
                f" AND u.made AND u.kept IS NULL AND t.{link} IS NOT NULL",
                [name],
            )
        removed = fetch(
            f"DELETE FROM {name} t USING undo_rows u WHERE u.table_name = %s AND u.row_id = t.id"  # noqa: S608 - own names
            f" AND u.made AND u.kept IS NULL RETURNING t.{table.parent or 'id'}",
            [name],
        )
        if table.parent:
            self._touch(table.parent_model, removed)
        else:
            done.deleted += len(removed)

    def _touch(self, model: str, rows: Sequence[tuple[Any, ...]]) -> None:
        self.touched.setdefault(model, set()).update(pk for (pk,) in rows)

    def _put_back(self, table: UndoTable, model: type[models.Model], done: Undone) -> None:
        """Values before the import, for rows nobody has changed since."""
        name = model._meta.db_table
        columns = [
            str(f.column) for f in model._meta.concrete_fields
            if not f.primary_key and not isinstance(f, models.GeneratedField)
            and f.name not in ("version", "created_at", "updated_at")
        ]  # fmt: skip
        changed = fetch(
            f"""
            WITH before AS (
              SELECT u.row_id, (SELECT jsonb_object_agg(b.key, b.value) FROM (
                  SELECT DISTINCT ON (v.key) v.key, v.value FROM history_entry e, jsonb_each(e.before) v
                  WHERE e.xid = %(xid)s AND e.table_name = u.table_name AND e.row_id = u.row_id::text
                    AND e.op = 'U' ORDER BY v.key, e.id) b) AS image
              FROM undo_rows u WHERE u.table_name = %(table)s AND NOT u.made AND u.kept IS NULL)
            UPDATE {name} t SET ({", ".join(columns)}, version, updated_at) = (
                SELECT {", ".join("r." + column for column in columns)}, t.version + 1, now()
                FROM jsonb_populate_record(t, b.image) r)
            FROM before b WHERE b.row_id = t.id AND b.image IS NOT NULL
            RETURNING t.{table.parent or "id"}
            """,  # noqa: S608 - own names
            {"xid": self.xid, "table": name},
        )
        if table.parent:
            self._touch(table.parent_model, changed)
        else:
            done.restored += len(changed)
            self._touch(table.model, changed)

    def _list_kept(self, model: type[models.Model], done: Undone) -> None:
        name = model._meta.db_table
        reasons = {
            "changed": _("changed since"),
            "used": _("other records refer to it"),
            "with": _("belongs to a record that stays"),
        }
        found = fetch(
            "SELECT row_id, kept FROM undo_rows WHERE table_name = %s AND kept IS NOT NULL ORDER BY row_id",
            [name],
        )
        titles = {
            row.pk: str(row)
            for row in model._default_manager.filter(pk__in=[pk for pk, _k in found[:_MOST_KEPT]])
        }
        done.kept.extend(
            Kept(name, pk, titles.get(pk, f"#{pk}"), reasons[kept]) for pk, kept in found
        )


def _model(name: str) -> type[models.Model]:
    return apps.get_model(name)


def _run(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def _references(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """Columns of other tables (and of its own) that refer to the model's rows.

    What is computed from a row (``DO_NOTHING``), or removed together with it by a constraint of its own,
    goes with it by the database and keeps nothing.
    """
    return [
        (relation.related_model, relation.field.column)
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, (models.ManyToOneRel, models.OneToOneRel))
        and relation.on_delete is not models.DO_NOTHING
        and getattr(relation.field, "db_constraint", True)
    ]


def _self_links(model: type[models.Model]) -> list[tuple[str]]:
    """Nullable columns that refer to the same table."""
    return [
        (f.column,)
        for f in model._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and f.related_model is model and f.null
    ]

"""Kinds of import, registered by the departments that own the records (core knows no department)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.functional import Promise

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.imports.columns import KindColumns
from dossier.core.imports.pipeline import Record
from dossier.core.imports.result import Duplicate, Row
from dossier.core.models import ImportRun

LEAVE_OUT = "leave_out"
"""Value of `Options.duplicates`: rows that look like an earlier one or a record on file stay out."""


@dataclass(frozen=True)
class Options:
    """How a file is to be brought in.

    ``dry_run`` checks everything and writes nothing; ``valid_only`` brings in the good rows though
    others are refused. ``create_missing`` names what lines may create (``products``, ``customers``),
    ``unassigned`` the walk-in customer of lines without customer, ``currency`` the currency where the
    sheet names none, ``duplicates`` what becomes of rows that look like one record: empty, and all are
    brought in and flagged with each other, or `LEAVE_OUT`.
    """

    dry_run: bool = False
    valid_only: bool = False
    create_missing: frozenset[str] = frozenset()
    unassigned: str = ""
    currency: str = ""
    duplicates: str = ""

    def kept(self) -> dict[str, Any]:
        """What the record of the import keeps."""
        return {
            "valid_only": self.valid_only,
            "create_missing": sorted(self.create_missing),
            "unassigned": self.unassigned,
            "currency": self.currency,
            "duplicates": self.duplicates,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any], **more: Any) -> Options:
        """The options an import's record keeps, some of them replaced."""
        values: dict[str, Any] = {
            "valid_only": bool(kept.get("valid_only")),
            "create_missing": frozenset(kept.get("create_missing") or ()),
            "unassigned": str(kept.get("unassigned") or ""),
            "currency": str(kept.get("currency") or ""),
            "duplicates": LEAVE_OUT if kept.get("duplicates") == LEAVE_OUT else "",
        }
        return cls(**(values | more))


@dataclass
class Context:
    """What a session knows of its import. ``columns`` are the fields the file fills, ``titles`` their
    names in the sheet; ``keyed``: it is an annotated copy with a key for each row. While ``writing`` is False nothing may be written: a dry run, or an import that
    has failed and only goes on to name the remaining problems.
    """

    actor: Actor
    options: Options
    run_id: int | None
    writing: bool
    columns: frozenset[str]
    titles: Mapping[str, str] = field(default_factory=dict)
    discount: str = "factor"
    keyed: bool = False

    def refused(self) -> None:
        """A row is refused: unless the good rows are wanted alone, nothing more is written."""
        if not self.options.valid_only:
            self.writing = False


class Session(Protocol):
    """One import of a kind: made inside the transaction, after the lock is held."""

    def check(self, rows: Sequence[tuple[Row, Record]]) -> None:
        """Read some rows and name their problems: pure, without the database, in a thread of its own."""

    def take(self, rows: Sequence[Row]) -> None:
        """Match and write a batch (rows known from before are left out), or keep it for ``finish``."""

    def finish(self) -> list[Duplicate]:
        """Settle and write what was kept; groups that look like one record."""

    def facts(self) -> dict[str, Any]:
        """What else is worth saying: how many products were created …"""


@dataclass(frozen=True)
class UndoTable:
    """A table an import writes, children before parents.

    ``parent`` is the column that leads to the record the row is a part of (``parent_table``): a part
    changed since keeps its record.
    """

    model: str
    parent: str = ""
    parent_model: str = ""
    url: str = ""  # name of the page of one row
    renew: Callable[[list[int]], None] | None = None  # derived columns after values were put back


@dataclass(frozen=True)
class Creates:
    """Something lines may create where it is missing."""

    key: str
    label: str | Promise
    text: str | Promise


@dataclass(frozen=True)
class ImportKind:
    """One kind of import.

    ``permission`` is the object kind whose ``import`` action is needed; ``model`` the table its rows
    become; ``locks`` names what must not be brought in by two imports at once.
    """

    key: str
    label: str | Promise
    text: str | Promise
    icon: str
    order: int
    columns: KindColumns
    permission: str
    model: str
    session: Callable[[Context], Session]
    undo: tuple[UndoTable, ...]
    locks: Callable[[Options], frozenset[str]]
    creates: tuple[Creates, ...] = ()
    list_url: str = ""
    needs: tuple[tuple[str, ...], ...] = ()  # groups of fields of which one column should be there


_kinds: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> ImportKind:
    """Register a kind; a department calls this in its ``imports.py``."""
    _kinds[kind.key] = kind
    return kind


def kinds() -> list[ImportKind]:
    """All kinds in order."""
    return sorted(_kinds.values(), key=lambda kind: kind.order)


def kind_of(key: str) -> ImportKind:
    """The kind of this key, or a refusal that names those there are."""
    found = _kinds.get(key)
    if found is None:
        from django.utils.translation import gettext_lazy as _

        raise Refusal(
            "unknown_kind",
            _("There is no import “%(kind)s”. There are: %(known)s."),
            field="kind",
            params={"kind": key[:60], "known": ", ".join(kind.key for kind in kinds())},
        )
    return found


def is_maker(actor: Actor, run: ImportRun) -> bool:
    """Whether the actor began this run: by the account, for a sign-in name may go to somebody else later."""
    return run.started_by_id is not None and run.started_by_id == actor.account_id


def may_read_file(actor: Actor, kind: ImportKind, run: ImportRun) -> bool:
    """Whether the actor may read what stands in a file: covered values are for its owner alone, and for
    those who may uncover every one of them (ORG-4)."""
    return (
        actor.is_system
        or is_maker(actor, run)
        or not any(spec.covered for spec in kind.columns.specs)
        or "all" in actor.scopes(kind.permission, "unmask")
    )


def table_of(model: str) -> str:
    """The database table of "app.Model"."""
    from django.apps import apps

    return str(apps.get_model(model)._meta.db_table)

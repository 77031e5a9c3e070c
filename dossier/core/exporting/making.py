"""Makes the file of a list for somebody: reads the rows as the page cuts them, writes, puts on record (AUD-2).

A short list is made while the browser waits. A long one is made by a job; its file lies in the
program's home for a day, for nobody but the person who asked for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from dossier.core.access import Actor, Scope
from dossier.core.errors import NotFound, Refusal
from dossier.core.exporting.declarations import (
    FORMS,
    Exportable,
    Form,
    SheetColumn,
    Value,
    exportable_of,
)
from dossier.core.exporting.writing import FORMATS, Written, write_file
from dossier.core.exports import FileFacts, Said, record_export
from dossier.core.models import Export, ExportFile
from dossier.core.screens.lists import Column, ListScreen, capital, request_of_list
from dossier.core.services import command
from dossier.core.templatetags.look import moment_text

AT_ONCE: Final = 1_000  # rows of a list that is made while the page waits
KEPT: Final = timedelta(hours=24)
SILENT: Final = timedelta(minutes=3)  # a job without a sign of life for so long is gone
_BATCH: Final = 2_000
Status = ExportFile.Status
# The people department knows accounts; the core must not, so it is named, not imported.
_ACTOR: Final = "dossier.people.selectors.actor_by_login"


@dataclass(frozen=True)
class Asked:
    """What was asked for: a list as its address has it, in which form, as what kind of file."""

    entry: Exportable
    query: str
    form: Form
    file_format: str

    @classmethod
    def of(cls, actor: Actor, key: str, query: str, wanted: str) -> Asked:
        """From what a form sent (``wanted`` is "shown.xlsx" and the like); NotFound, NotAllowed."""
        entry = exportable_of(key)
        form, _dot, file_format = wanted.partition(".")
        if entry is None or form not in FORMS or file_format not in FORMATS:
            raise NotFound("not_found", _("There is no such list."))
        if form == "complete" and entry.complete is None:
            raise NotFound("not_found", _("There is no such list."))
        actor.require(*cast(tuple[str, str], tuple(entry.needs.rsplit(".", 1))))
        actor.require(entry.kind, "export")
        return cls(entry, query, form, file_format)

    @property
    def title(self) -> Any:
        """What the list is called."""
        return self.entry.screen(_NOBODY).title

    def name(self) -> str:
        """A name for the file that tells files of the same list apart."""
        return f"{self.entry.key}-{timezone.localtime():%Y%m%d-%H%M%S}.{self.file_format}"


_NOBODY: Final = Actor(login="", name="")


class Listing:
    """The rows of a list as its page cuts and orders them, and the columns of the form asked for."""

    def __init__(self, actor: Actor, asked: Asked) -> None:
        self.actor, self.asked = actor, asked
        self.screen: ListScreen = asked.entry.screen(actor)
        self.request = request_of_list(actor, asked.query)
        rows, self.chips, self.searched = self.screen.everything(self.request)
        rows = _within(rows, actor, asked.entry.kind)
        self.columns: Sequence[SheetColumn]
        if asked.form == "complete" and asked.entry.complete is not None:
            # A page leaves long texts in the database; the complete form holds every field.
            self.rows = rows.defer(None)
            self.columns = asked.entry.complete(actor)
        else:
            shown = self.screen.chosen_columns(self.request)
            self.rows = self.screen.lean(rows, shown)
            self.columns = [_as_shown(column) for column in shown]
        self.group_label = self._group_label()

    def _group_label(self) -> Any:
        """The head of a column before the others, where the list is grouped by what no column shows.

        The complete form stays as an import reads it: its rows are in the order of the groups, no more.
        """
        grouped = self.screen.grouped(self.request)
        shown = {column.key for column in self.screen.chosen_columns(self.request)}
        if grouped is None or self.asked.form == "complete" or grouped.grouping.key in shown:
            return ""
        return grouped.grouping.label

    def _labels(self) -> list[Any]:
        return [*([self.group_label] if self.group_label else []), *(c.label for c in self.columns)]

    def count(self, most: int) -> int:
        """How many rows, counting no further than one beyond ``most``."""
        return int(self.rows.order_by()[: most + 1].count())

    def values(self, tell: Callable[[int], None] | None = None) -> Iterator[list[Value]]:
        """The values row by row; ``tell`` hears how many batches of rows are done."""
        readers = [column.value for column in self.columns]
        prepare = self.asked.entry.prepare if self.asked.form == "complete" else None
        done = 0
        for group, rows in self.screen.parts(self.request, self.rows):
            lead: list[Value] = [group] if self.group_label else []
            for batch in _batches(rows):
                if prepare is not None:
                    prepare(self.actor, batch)
                for record in batch:
                    yield [*lead, *(read(record) for read in readers)]
                done += len(batch)
                if tell is not None:
                    tell(done)

    def write(self, path: Path, tell: Callable[[int], None] | None = None) -> Written:
        """Write the file."""
        chips = [(str(chip["label"]), str(chip["value"])) for chip in self.chips]
        if self.searched:
            chips.insert(0, (_("Search"), self.searched))
        scope = _scopes(self.actor, self.asked.entry)
        words = [str(Scope(one).label) for one in sorted(scope) if one in Scope]
        about = [
            (_("List"), str(self.screen.title)),
            *chips,
            (_("Scope"), _(", ").join(words)),
            (_("As of"), moment_text(timezone.now())),
            (_("Taken out by"), f"{self.actor.name} ({self.actor.login})"),
        ]
        return write_file(
            path,
            self.asked.file_format,
            [capital(label) for label in self._labels()],
            self.values(tell),
            title=str(self.screen.title),
            about=about,
        )

    def record(self, written: Written, name: str) -> Export:
        """Put the file on record, before it is handed over."""
        said = [
            Said(gettext_lazy("Form"), [_FORM_WORDS[self.asked.form]], words=True),
            Said(gettext_lazy("Address of the list"), [_without_search(self.request)]),
        ]
        if self.searched:  # what was searched for may be a name: the record says only that it was
            said.append(
                Said(gettext_lazy("Characters searched for"), [str(len(self.searched))]),
            )
        uncovered = [column.label for column in self.columns if column.uncovers]
        if uncovered:
            said.append(Said(gettext_lazy("Shown uncovered"), uncovered, words=True))
        return record_export(
            actor=self.actor,
            kind=self.asked.entry.kind,
            title=self.screen.title,
            content=FileFacts(size=written.size, sha256=written.sha256),
            file_name=name,
            file_format=self.asked.file_format,
            rows=written.rows,
            columns=self._labels(),
            said=said,
            scope=_scopes(self.actor, self.asked.entry),
        )


_FORM_WORDS: Final = {
    "shown": gettext_lazy("as shown"),
    "complete": gettext_lazy("complete, to be brought in again"),
}


def _scopes(actor: Actor, entry: Exportable) -> frozenset[str]:
    return actor.scopes(entry.kind, "export")


def _without_search(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in ("q", "after", "before", "columns"):
        query.pop(name, None)
    return query.urlencode()


def _within(rows: Any, actor: Actor, kind: str) -> Any:
    """The rows cut to those the actor may also take out, where that right reaches less far."""
    if actor.is_system or actor.scopes(kind, "export") >= actor.scopes(kind, "view"):
        return rows
    if Scope.ALL in actor.scopes(kind, "export"):
        return rows
    return rows.filter(pk__in=rows.model.objects.for_user(actor, "export").values("pk"))


def _batches(rows: Any) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for record in rows.iterator(chunk_size=_BATCH):
        batch.append(record)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _as_shown(column: Column) -> SheetColumn:
    if column.out is not None:
        return SheetColumn(column.label, column.out)

    def text(record: Any) -> Value:
        cell = column.cell(record)
        return str(cell.get("text", "")) if isinstance(cell, dict) else cell

    return SheetColumn(column.label, text)


# -- files of long lists -----------------------------------------------------------------------------------


def folder() -> Path:
    """Where made files lie, readable to the program's own user alone."""
    place = Path(settings.HOME_DIR) / "files" / "exports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def ask_for_file(*, actor: Actor, asked: Asked) -> ExportFile:
    """Have the file made by a job; its page shows how far it is."""
    from dossier.core.jobs import make_export

    with command(actor, why="export_ask"):
        made = ExportFile.objects.create(
            account_id=actor.account_id,
            login=actor.login[:150],
            list_key=asked.entry.key,
            query=asked.query,
            form=asked.form,
            file_format=asked.file_format,
            name=asked.name(),
        )
        make_export.defer(file_id=made.pk, login=actor.login, ip=actor.ip, language=actor.language)
    return made


def file_of(actor: Actor, pk: int) -> ExportFile:
    """A file the actor asked for and may still take out; else NotFound, as if it were not there."""
    found = ExportFile.objects.filter(pk=pk, account_id=actor.account_id).first()
    entry = exportable_of(found.list_key) if found is not None else None
    if found is None or entry is None or not entry.allowed(actor) or actor.account_id is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    if found.export is not None and not _still_within(actor, entry, found.export):
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return found


def _still_within(actor: Actor, entry: Exportable, export: Export) -> bool:
    """Whether the right reaches as far today as when the file was made."""
    held = _scopes(actor, entry)
    return Scope.ALL in held or set(export.scope) <= held


def make_file_as(file_id: int, login: str, ip: str, language: str) -> None:
    """The job: with the rights and in the language of the person who asked."""
    actor: Actor = import_string(_ACTOR)(login, via="web")
    with override(language or None):
        make_file(file_id, replace(actor, ip=ip))


def make_file(file_id: int, actor: Actor) -> None:
    """Make the file, with the rights the actor has now."""
    made = ExportFile.objects.filter(pk=file_id).first()
    if made is None or made.status not in (Status.WAITING, Status.WORKING):
        return  # WORKING: the process that began it was killed
    _set(file_id, status=Status.WORKING)
    stored = secrets.token_hex(16)
    path = folder() / stored
    try:
        asked = Asked.of(actor, made.list_key, made.query, f"{made.form}.{made.file_format}")
        listing = Listing(actor, asked)
        path.touch(mode=0o600)
        written = listing.write(path, lambda done: _set(file_id, rows_done=done))
        with command(actor, why="export"):
            export = listing.record(written, made.name)
            _set(
                file_id,
                status=Status.READY,
                stored_as=stored,
                rows_done=written.rows,
                export_id=export.pk,
            )
    except (
        BaseException
    ) as problem:  # also when the worker is told to stop: nothing half done stays
        path.unlink(missing_ok=True)
        told = problem.message if isinstance(problem, Refusal) else ""
        _set(file_id, status=Status.FAILED, problem=told[:300])
        raise


def _set(file_id: int, **values: Any) -> None:
    ExportFile.objects.filter(pk=file_id).update(updated_at=timezone.now(), **values)


def remove_old_files() -> int:
    """Remove files older than a day, and what nobody knows of; how many."""
    limit = timezone.now() - KEPT
    old = list(ExportFile.objects.filter(created_at__lt=limit).exclude(stored_as=""))
    for made in old:
        (folder() / made.stored_as).unlink(missing_ok=True)
        _set(made.pk, stored_as="", status=Status.GONE)
    known = set(ExportFile.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    stray = 0
    for place in folder().iterdir():
        aged = timezone.now().timestamp() - place.stat().st_mtime > KEPT.total_seconds()
        if aged and place.name not in known:
            place.unlink(missing_ok=True)
            stray += 1
    return len(old) + stray


def is_silent(made: ExportFile) -> bool:
    """Whether the job that makes it seems to have gone."""
    return (
        made.status in (Status.WAITING, Status.WORKING)
        and timezone.now() - made.updated_at > SILENT
    )

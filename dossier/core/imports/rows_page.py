"""The rows of an import that was brought in: what became of each, with the way to its record (AUD-4)."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dossier.core.access import Actor
from dossier.core.imports.registry import ImportKind, kind_of
from dossier.core.imports.result import kept_problems
from dossier.core.models import ImportRow, ImportRun
from dossier.core.screens.lists import Column, Filter, ListScreen

_SHOWN = 90  # characters of a row
_COLOURS = {
    ImportRow.Outcome.CREATED: "green",
    ImportRow.Outcome.UPDATED: "blue",
    ImportRow.Outcome.UNCHANGED: "secondary",
    ImportRow.Outcome.REJECTED: "red",
}


def _records(actor: Actor, kind: ImportKind, rows: list[ImportRow]) -> dict[int, tuple[str, str]]:
    """{record: (what it is called, its page)} of the kind's own table."""
    wanted = [row.target_id for row in rows if row.target_id is not None]
    model: Any = apps.get_model(kind.model)
    found: dict[int, tuple[str, str]] = {}
    for table in kind.undo:
        if table.model == kind.model and table.url:
            for record in model.objects.for_user(actor).filter(pk__in=wanted):
                found[record.pk] = (str(record), reverse(table.url, args=[record.pk]))
            return found
    for name, parent, url in _parents(kind, model):
        for record in model.objects.for_user(actor).filter(pk__in=wanted).select_related(name):
            found[record.pk] = (str(getattr(record, name)), reverse(url, args=[parent(record)]))
        break
    return found


def _parents(kind: ImportKind, model: Any) -> list[tuple[str, Any, str]]:
    """The record a line belongs to, where the line itself has no page: (attribute, its key, page)."""
    pages = {apps.get_model(table.model): table.url for table in kind.undo if table.url}
    return [
        (field.name, lambda record, column=field.attname: getattr(record, column), pages[field.related_model])
        for field in model._meta.concrete_fields
        if field.related_model in pages
    ]  # fmt: skip


def screen(run: ImportRun, actor: Actor) -> ListScreen:
    """The list of one import's rows."""

    def with_records(found: list[ImportRow]) -> None:
        """The records of a page, those the actor may see, read at once."""
        records = _records(actor, kind_of(run.kind), found)
        for row in found:
            row.record = records.get(row.target_id)  # type: ignore[attr-defined, arg-type] # read by the cells

    return ListScreen(
        key="import-rows",
        prepare=with_records,
        title=_("Rows of import %(number)s") % {"number": run.pk},
        rows=lambda actor: ImportRow.objects.filter(run=run),
        columns=(
            Column(
                "row",
                pgettext_lazy("row number in the sheet", "Row"),
                lambda row: str(row.row),
                sort="row",
                align="end",
            ),
            Column(
                "outcome",
                gettext_lazy("Outcome"),
                lambda row: {"text": row.get_outcome_display(), "badge": _COLOURS[row.outcome]},
            ),
            Column("record", gettext_lazy("Record"), _record),
            Column("cells", gettext_lazy("As in the file"), _cells, css="wrap"),
            Column(
                "problems",
                gettext_lazy("Problems"),
                lambda row: " ".join(
                    problem.text(run.kind) for problem in kept_problems(row.problems)
                ),
                css="wrap",
            ),
        ),
        row_url=lambda row: row.record[1] if row.record else "",
        default_sort="row",
        filters=(
            Filter(
                "outcome",
                gettext_lazy("Outcome"),
                "choice",
                column="outcome",
                quick=True,
                options=lambda actor: ImportRow.Outcome.choices,
            ),
        ),
        search=lambda rows, q: rows.filter(cells__icontains=q),
        search_placeholder=gettext_lazy("Search in the rows"),
        icon="file-import",
        head=lambda request: _head(request, run),
    )


def _record(row: Any) -> dict[str, str]:
    title, url = row.record or ("", "")
    return {"text": title, "url": url} if url else {"text": title}


def _cells(row: Any) -> str:
    shown = [str(cell) for cell in row.cells if cell not in ("", None)]
    text = " · ".join(shown)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _head(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    return {
        "subtitle": f"{run.file_name} · {kind_of(run.kind).label}",
        "actions": [
            {
                "url": reverse("import-run", args=[run.pk]),
                "label": _("Back to the import"),
                "icon": "arrow-left",
            }
        ],
    }

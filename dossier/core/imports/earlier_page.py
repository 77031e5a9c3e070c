"""The list of what was brought in before (AUD-4)."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dossier.core.access import Actor
from dossier.core.imports.registry import ImportKind, kind_of
from dossier.core.imports.result_page import starter
from dossier.core.models import ImportRun
from dossier.core.screens.lists import Column, Filter, ListScreen

Status = ImportRun.Status
_COLOURS = {
    Status.DONE: "green",
    Status.FAILED: "red",
    Status.UNDONE: "secondary",
    Status.RUNNING: "blue",
    Status.CHECKING: "blue",
    Status.CHECKED: "yellow",
    Status.UPLOADED: "yellow",
}


def _rows(actor: Actor, allowed_kinds: list[ImportKind]) -> QuerySet[ImportRun]:
    """Runs the actor may know of: own ones, and those of kinds whose import reaches everything."""
    allowed = [kind.key for kind in allowed_kinds]
    wide = [kind.key for kind in allowed_kinds if "all" in actor.scopes(kind.permission, "import")]
    rows = ImportRun.objects.filter(kind__in=allowed)
    return rows.filter(kind__in=wide) | rows.filter(started_by_id=actor.account_id or 0)


def _numbers(row: ImportRun) -> str:
    result = row.result
    if not result.get("rows"):
        return ""
    return _("%(created)s new, %(updated)s changed, %(rejected)s refused") % {
        key: f"{result.get(key, 0):,}" for key in ("created", "updated", "rejected")
    }


def screen(allowed_kinds: Callable[[Actor], list[ImportKind]]) -> ListScreen:
    """The list; ``allowed_kinds`` says what the actor may bring in."""
    return ListScreen(
        key="imports",
        title=gettext_lazy("Earlier imports"),
        rows=lambda actor: _rows(actor, allowed_kinds(actor)),
        columns=(
            Column("id", gettext_lazy("Number"), lambda row: str(row.pk), sort="id", align="end"),
            Column("file_name", gettext_lazy("File"), lambda row: row.file_name),
            Column(
                "kind",
                pgettext_lazy("what an import holds", "What"),
                lambda row: str(kind_of(row.kind).label),
            ),
            Column("started_by", gettext_lazy("Who"), starter),
            Column(
                "status",
                gettext_lazy("Status"),
                lambda row: {"text": row.get_status_display(), "badge": _COLOURS[row.status]},
            ),
            Column("numbers", gettext_lazy("Rows"), _numbers),
        ),
        row_url=lambda row: reverse("import-run", args=[row.pk]),
        default_sort="-id",
        filters=(
            Filter(
                "kind",
                pgettext_lazy("what an import holds", "What"),
                "choice",
                column="kind",
                quick=True,
                options=lambda actor: [(kind.key, kind.label) for kind in allowed_kinds(actor)],
            ),
            Filter(
                "status",
                gettext_lazy("Status"),
                "choice",
                column="status",
                quick=True,
                options=lambda actor: Status.choices,
            ),
        ),
        search=lambda rows, q: rows.filter(file_name__icontains=q),
        icon="file-import",
    )

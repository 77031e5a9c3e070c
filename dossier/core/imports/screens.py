"""The import pages: file, columns, check, done, and what was brought in before (AUD-4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, Refusal
from dossier.core.imports import columns_page, result_page
from dossier.core.imports.copies import annotate, annotate_run
from dossier.core.imports.engine import bring_in
from dossier.core.imports.limits import DEFAULT
from dossier.core.imports.mapping import parse_map
from dossier.core.imports.registry import ImportKind, Options, kind_of, kinds
from dossier.core.imports.store import change_run, reachable_run, start_run
from dossier.core.imports.undo import undo_run
from dossier.core.imports.uploads import forget, given_of, keep, shown_name
from dossier.core.imports.work import begin, settle_dead
from dossier.core.models import ImportRun
from dossier.core.money import CURRENCIES, DEFAULT_CURRENCY
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.lists import Column, Filter, ListScreen
from dossier.core.screens.requests import actor_of, page

Status = ImportRun.Status
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAP_BYTES = 256 * 1024
_COLOURS = {
    Status.DONE: "green",
    Status.FAILED: "red",
    Status.UNDONE: "secondary",
    Status.RUNNING: "blue",
    Status.CHECKING: "blue",
    Status.CHECKED: "yellow",
    Status.UPLOADED: "yellow",
}

nav(
    NavItem(
        url_name="imports",
        label=gettext_lazy("Import"),
        icon="file-import",
        order=70,
        prefix="/imports/",
        shown=lambda actor: bool(allowed_kinds(actor)),
    )
)


def allowed_kinds(actor: Actor) -> list[ImportKind]:
    """The kinds of import the actor's roles include."""
    return [kind for kind in kinds() if actor.can(kind.permission, "import")]


def _importer(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Guard: signed in, and allowed to bring in something."""

    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if not allowed_kinds(actor_of(request)):
            raise NotAllowed(
                "not_allowed",
                gettext_lazy(
                    "Your role does not include this. Ask the system administrator for the right."
                ),
            )
        return view(request, *args, **more)

    return page()(guarded)


def _run(request: HttpRequest, run_id: int) -> ImportRun:
    """The run, for somebody who may bring in its kind."""
    actor = actor_of(request)
    run = reachable_run(actor, run_id)
    actor.require(kind_of(run.kind).permission, "import")
    return run


def _to(run: ImportRun, name: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name, args=[run.pk]))


# -- file ---------------------------------------------------------------------------------------------


@_importer
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose what and which file; stores it and goes on to its columns."""
    actor = actor_of(request)
    offered = allowed_kinds(actor)
    errors: list[str] = []
    if request.method == "POST":
        try:
            return _to(_stored(request, actor), "import-columns")
        except NotAllowed:
            raise
        except Refusal as refusal:
            errors.append(refusal.message)
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    chosen = asked if asked in {kind.key for kind in offered} else offered[0].key
    return render(
        request,
        "screens/import_start.html",
        {
            "kinds": offered,
            "kind": chosen,
            "currencies": [
                (code, f"{code} {currency.name}") for code, currency in CURRENCIES.items()
            ],
            "currency": request.POST.get("currency") or DEFAULT_CURRENCY,
            "unassigned": request.POST.get("unassigned", "")[:98],
            "import_errors": errors,
            "imports_url": reverse("import-list"),
            "max_bytes": DEFAULT.stored_bytes,
        },
        status=400 if errors else 200,
    )


def _stored(request: HttpRequest, actor: Actor) -> ImportRun:
    kind = kind_of(request.POST.get("kind", ""))
    actor.require(kind.permission, "import")
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        raise Refusal("no_file", gettext_lazy("Choose a file first."), field="file")
    currency = request.POST.get("currency", "").strip().upper()
    if currency and currency not in CURRENCIES:
        raise Refusal(
            "unknown_currency", gettext_lazy("This currency is not known."), field="currency"
        )
    options: dict[str, Any] = {
        "currency": currency,
        "unassigned": "".join(
            c for c in request.POST.get("unassigned", "").strip()[:98] if c.isprintable()
        ),
    }
    given_map = request.FILES.get("map")
    if given_map is not None:
        if given_map.size and given_map.size > _MAP_BYTES:
            raise Refusal(
                "bad_map", gettext_lazy("The map is larger than a map can be."), field="map"
            )
        try:
            text = given_map.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refusal(
                "bad_map", gettext_lazy("The map is not text in UTF-8."), field="map"
            ) from error
        parse_map(text)
        options["given_map"] = text
    stored, digest, _size = keep(upload.chunks())
    run = start_run(
        actor=actor,
        kind=kind,
        file_name=shown_name(upload.name or ""),
        sha256=digest,
        stored_as=stored,
        status=Status.UPLOADED,
        options=options,
    )
    try:
        columns_page.look(run)
    except BaseException:
        forget(run)
        change_run(run, actor=actor, why="import_refused", status=Status.FAILED)
        raise
    return run


# -- columns ------------------------------------------------------------------------------------------


@_importer
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, run_id: int) -> HttpResponse:
    """What the columns mean: suggested, remembered, corrected."""
    run = _run(request, run_id)
    if run.status not in (Status.UPLOADED, Status.CHECKED, Status.FAILED):
        return _to(run, "import-run")
    actor = actor_of(request)
    errors: list[str] = []
    seen = columns_page.look(run)
    if request.method == "POST":
        try:
            if request.POST.get("again"):
                columns_page.choose_sheet(run, actor, request.POST.get("sheet", ""))
                return _to(run, "import-columns")
            columns_page.save(run, actor, seen, request.POST)
            begin(run, actor=actor, what="check")
            return _to(run, "import-run")
        except Refusal as refusal:
            errors.append(refusal.message)
            seen = columns_page.look(run)
    context = columns_page.context(seen, request.POST if errors else None)
    context |= {
        "run": result_page.named(run) | {"sheet": seen.sheet, "header_row": seen.header_row},
        "import_errors": errors,
    }
    context["cancel_url"] = reverse("imports")
    return render(request, "screens/import_map.html", context, status=400 if errors else 200)


# -- check, progress, done ----------------------------------------------------------------------------


@_importer
@require_http_methods(["GET", "POST"])
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Where an import stands: its columns, progress, check, or what came of it."""
    found = _run(request, run_id)
    actor = actor_of(request)
    settle_dead(found, actor=actor)
    if request.method == "POST":
        return _decided(request, found, actor)
    if found.status == Status.UPLOADED:
        return _to(found, "import-columns")
    if found.status in (Status.CHECKING, Status.RUNNING):
        return render(
            request,
            "screens/import_progress.html",
            {"run": result_page.named(found), "progress": result_page.progress_facts(found)},
        )
    if found.status == Status.CHECKED:
        return result_page.preview(request, found)
    return result_page.finished(request, found)


def _decided(request: HttpRequest, found: ImportRun, actor: Actor) -> HttpResponse:
    if found.status != Status.CHECKED:
        return _to(found, "import-run")  # the same form twice: what was decided first counts
    allowed = {item.key for item in kind_of(found.kind).creates}
    options = found.options | {
        "valid_only": request.POST.get("mode") == "valid",
        "create_missing": [key for key in request.POST.getlist("create_missing") if key in allowed],
    }
    change_run(found, actor=actor, why="import_options", options=options)
    begin(found, actor=actor, what="check" if request.POST.get("again") else "bring")
    return _to(found, "import-run")


@_importer
@require_GET
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far it is, for the page that asks every second; sends it on when it is done."""
    found = _run(request, run_id)
    settle_dead(found, actor=actor_of(request))
    if found.status in (Status.CHECKING, Status.RUNNING):
        return render(
            request, "screens/_progress.html", {"progress": result_page.progress_facts(found)}
        )
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = reverse("import-run", args=[found.pk])
    return response


# -- copy, undo, list ---------------------------------------------------------------------------------


@_importer
@require_GET
def annotated(request: HttpRequest, run_id: int) -> HttpResponse:
    """The sheet with its problems, to correct and bring in again."""
    found = _run(request, run_id)
    given = given_of(found)
    if found.status in (Status.DONE, Status.UNDONE):
        data = annotate_run(found, given)
    else:
        options = Options.of(found.options, dry_run=True)
        result = bring_in(actor=actor_of(request), kind=found.kind, given=given, options=options)
        data = annotate(found.kind, given, result)
    response = HttpResponse(data, content_type=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="import-{found.pk}.xlsx"'
    return response


@_importer
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask, then take the import back."""
    found = _run(request, run_id)
    if request.method == "POST":
        undo_run(actor=actor_of(request), run_id=found.pk)
        return _to(found, "import-run")
    counts = result_page.counts(found)
    confirm = {
        "title": _("Undo this import"),
        "subject": f"{found.file_name} · {kind_of(found.kind).label}",
        "text": _(
            "What this import made is removed, what it changed gets its earlier values back."
        ),
        "effects": [
            _("%(count)s new records are removed.") % {"count": number_format(counts["created"])},
            _("%(count)s changed records are put back.")
            % {"count": number_format(counts["updated"])},
            _("What was changed since, or is used by other records, stays and is listed."),
        ],
        "button": _("Undo this import"),
        "icon": "arrow-back-up",
        "danger": True,
    }
    return render(
        request,
        "screens/confirm.html",
        {"confirm": confirm, "cancel_url": reverse("import-run", args=[found.pk])},
    )


def _rows(actor: Actor) -> QuerySet[ImportRun]:
    """Runs the actor may know of: own ones, and those of kinds whose import reaches everything."""
    allowed = [kind.key for kind in allowed_kinds(actor)]
    wide = [
        kind.key
        for kind in allowed_kinds(actor)
        if "all" in actor.scopes(kind.permission, "import")
    ]
    rows = ImportRun.objects.filter(kind__in=allowed)
    return rows.filter(kind__in=wide) | rows.filter(started_by=actor.login)


def _numbers(row: ImportRun) -> str:
    result = row.result
    if not result.get("rows"):
        return ""
    return _("%(created)s new, %(updated)s changed, %(rejected)s refused") % {
        key: number_format(result.get(key, 0), force_grouping=True)
        for key in ("created", "updated", "rejected")
    }


def _list_screen() -> ListScreen:
    return ListScreen(
        key="imports",
        title=gettext_lazy("Earlier imports"),
        rows=_rows,
        columns=(
            Column("id", gettext_lazy("Number"), lambda row: str(row.pk), sort="id", align="end"),
            Column("file_name", gettext_lazy("File"), lambda row: row.file_name),
            Column(
                "kind",
                pgettext_lazy("what an import holds", "What"),
                lambda row: str(kind_of(row.kind).label),
            ),
            Column("started_by", gettext_lazy("Who"), lambda row: row.started_by),
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


@_importer
@require_GET
def earlier(request: HttpRequest) -> HttpResponse:
    """What was brought in before."""
    return _list_screen().view(request)

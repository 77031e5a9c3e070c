"""The import pages: file, columns, check, done, and what was brought in before (AUD-4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, Refusal
from dossier.core.imports import (
    columns_page,
    earlier_page,
    files_page,
    maps_page,
    result_page,
    rows_page,
)
from dossier.core.imports.copies import annotate, annotate_run, record_copy
from dossier.core.imports.engine import bring_in
from dossier.core.imports.limits import DEFAULT
from dossier.core.imports.named_maps import named_map, remove_map
from dossier.core.imports.receiving import Sent, change_files, is_open, receive
from dossier.core.imports.registry import (
    ImportKind,
    Options,
    kind_of,
    kinds,
    may_read_file,
)
from dossier.core.imports.store import reachable_run
from dossier.core.imports.undo import undo_run
from dossier.core.imports.uploads import WAITING, given_of, is_kept
from dossier.core.imports.work import begin, cancel, settle_dead
from dossier.core.models import ImportRun
from dossier.core.money import CURRENCIES, DEFAULT_CURRENCY
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.requests import View, actor_of, page

Status = ImportRun.Status
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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


def _importer(view: View) -> View:
    """Guard: signed in, and allowed to bring in something."""

    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
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


def _readable(request: HttpRequest, run_id: int) -> ImportRun:
    """The run, for somebody who may read what stands in its file."""
    found = _run(request, run_id)
    _require_file(request, found)
    return found


def _require_file(request: HttpRequest, found: ImportRun) -> None:
    if not may_read_file(actor_of(request), kind_of(found.kind), found):
        raise NotAllowed(
            "covered",
            gettext_lazy(
                "This file holds values that are covered for you. Only who brought it in, or somebody"
                " who may see all covered values, can look into it."
            ),
        )


def _to(run: ImportRun, name: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name, args=[run.pk]))


# -- file ---------------------------------------------------------------------------------------------


@_importer
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Choose what and which files; stores them and goes on to the columns."""
    actor = actor_of(request)
    offered = allowed_kinds(actor)
    errors: list[str] = []
    if request.method == "POST":
        try:
            kind = kind_of(request.POST.get("kind", ""))
            actor.require(kind.permission, "import")
            sent = Sent.of(request.FILES, request.POST, actor)
            run = receive(actor=actor, kind=kind, sent=sent, options=_options(request, kind))
            return _to(run, "import-files" if is_open(run) else "import-columns")
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
            "lines": [kind.key for kind in offered if kind.creates],
            "currencies": [
                (code, f"{code} {currency.name}") for code, currency in CURRENCIES.items()
            ],
            "currency": request.POST.get("currency") or DEFAULT_CURRENCY,
            "unassigned": request.POST.get("unassigned", "")[:98],
            "saved_maps": maps_page.grouped(actor),
            "saved": request.POST.get("saved", "") or request.GET.get("saved", ""),
            "import_errors": errors,
            "imports_url": reverse("import-list"),
            "maps_url": reverse("import-maps"),
            "max_bytes": DEFAULT.stored_bytes,
        },
        status=400 if errors else 200,
    )


def _options(request: HttpRequest, kind: ImportKind) -> dict[str, Any]:
    """What the first page says of lines; of other kinds nothing."""
    if not kind.creates:
        return {"currency": "", "unassigned": ""}
    currency = request.POST.get("currency", "").strip().upper()
    if currency and currency not in CURRENCIES:
        raise Refusal(
            "unknown_currency", gettext_lazy("This currency is not known."), field="currency"
        )
    unassigned = request.POST.get("unassigned", "").strip()[:98]
    return {
        "currency": currency,
        "unassigned": "".join(char for char in unassigned if char.isprintable()),
    }


@_importer
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest, run_id: int) -> HttpResponse:
    """Which of the files is the main one, which are looked up, which are missing."""
    found = _readable(request, run_id)
    actor = actor_of(request)
    if found.status not in WAITING or not is_kept(found):
        return _to(found, "import-run")
    errors: list[str] = []
    if request.method == "POST":
        try:
            change_files(
                found, actor, sent=Sent.of(request.FILES, request.POST, actor),
                main=request.POST.get("main", ""), remove=request.POST.get("remove", ""),
                no_map=bool(request.POST.get("no_map")),
            )  # fmt: skip
            if "next" in request.POST and not is_open(found):
                columns_page.look(found)
                return _to(found, "import-columns")
            return _to(found, "import-files")
        except Refusal as refusal:
            if refusal.code == "under_way":
                return _to(found, "import-run")
            errors.append(refusal.message)
    context = files_page.context(found) | {
        "saved_maps": maps_page.grouped(actor, only=found.kind),
        "import_errors": errors,
        "discard_url": reverse("import-cancel", args=[found.pk]),
        "max_bytes": DEFAULT.stored_bytes,
    }
    return render(request, "screens/import_files.html", context, status=400 if errors else 200)


# -- columns ------------------------------------------------------------------------------------------


@_importer
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, run_id: int) -> HttpResponse:
    """What the columns mean: suggested, remembered, corrected."""
    run = _readable(request, run_id)
    if run.status not in WAITING or not is_kept(run):
        return _to(run, "import-run")
    if is_open(run):
        return _to(run, "import-files")
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
            if refusal.code == "under_way":
                return _to(run, "import-run")
            errors.append(refusal.message)
            seen = columns_page.look(run)
    context = columns_page.context(seen, request.POST if errors else None)
    context |= {
        "run": result_page.named(run) | {"sheet": seen.sheet, "header_row": seen.header_row},
        "import_errors": errors,
        "files_url": reverse("import-files", args=[run.pk]),
        "discard_url": reverse("import-cancel", args=[run.pk]),
        "by_map": seen.given is not None,
        "save_as": request.POST.get("save_as", "")[:80],
    }
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
        return _to(found, "import-files" if is_open(found) else "import-columns")
    if found.status in (Status.CHECKING, Status.RUNNING):
        return render(
            request,
            "screens/import_progress.html",
            {
                "run": result_page.named(found),
                "progress": result_page.progress_facts(found),
                "cancel_url": reverse("import-cancel", args=[found.pk]),
            },
        )
    if found.status == Status.CHECKED:
        _require_file(request, found)
        return result_page.preview(request, found)
    return result_page.finished(request, found)


def _decided(request: HttpRequest, found: ImportRun, actor: Actor) -> HttpResponse:
    """Bring in, or check again with other options; of the same form twice the first one counts."""
    allowed = {item.key for item in kind_of(found.kind).creates}
    options = {
        "valid_only": request.POST.get("mode") == "valid",
        "create_missing": [key for key in request.POST.getlist("create_missing") if key in allowed],
        "duplicates": request.POST.get("duplicates", "")[:20],
    }
    if found.status == Status.CHECKED:
        what = "check" if request.POST.get("again") else "bring"
        begin(found, actor=actor, what=what, options=options)
    return _to(found, "import-run")


@_importer
@require_POST
def cancelled(request: HttpRequest, run_id: int) -> HttpResponse:
    """Call the import off: before it is brought in, or while it is under way."""
    found = _run(request, run_id)
    was_waiting = found.status in WAITING
    cancel(found, actor=actor_of(request))
    if was_waiting and found.status == Status.FAILED:
        messages.success(request, _("The file was discarded. Nothing was saved."))
        return HttpResponseRedirect(reverse("imports"))
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
    found = _readable(request, run_id)
    given = given_of(found)
    if found.status in (Status.DONE, Status.UNDONE):
        data = annotate_run(found, given)
    elif is_open(found):
        return _to(found, "import-files")
    else:
        options = Options.of(found.options, dry_run=True)
        result = bring_in(actor=actor_of(request), kind=found.kind, given=given, options=options)
        data = annotate(found.kind, given, result)
    name = f"import-{found.pk}.xlsx"
    record_copy(actor_of(request), found, given, data, name)
    response = HttpResponse(data, content_type=_XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@_importer
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask, then take the import back."""
    found = _run(request, run_id)
    if request.method == "POST":
        undo_run(actor=actor_of(request), run_id=found.pk)
        return _to(found, "import-run")
    confirm = {
        "title": _("Undo this import"),
        "subject": f"{found.file_name} · {kind_of(found.kind).label}",
        "text": _(
            "What this import made is removed, what it changed gets its earlier values back."
        ),
        "effects": [
            *result_page.undo_effects(found),
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


@_importer
@require_GET
def rows(request: HttpRequest, run_id: int) -> HttpResponse:
    """The rows of an import that was brought in, each with the record it became."""
    found = _readable(request, run_id)
    if found.status not in (Status.DONE, Status.UNDONE):
        return _to(found, "import-run")
    return rows_page.screen(found, actor_of(request)).view(request)


@_importer
@require_GET
def earlier(request: HttpRequest) -> HttpResponse:
    """What was brought in before."""
    return earlier_page.screen(allowed_kinds).view(request)


# -- mappings kept under a name -------------------------------------------------------------------------


@_importer
@require_GET
def saved_maps(request: HttpRequest) -> HttpResponse:
    """Mappings to choose from."""
    return maps_page.listed(request, actor_of(request))


@_importer
@require_GET
def saved_map(request: HttpRequest, map_id: int) -> HttpResponse:
    """One of them as a file."""
    return maps_page.as_file(named_map(actor_of(request), map_id))


@_importer
@require_http_methods(["GET", "POST"])
def remove_saved_map(request: HttpRequest, map_id: int) -> HttpResponse:
    """Ask, then forget it."""
    actor = actor_of(request)
    found = named_map(actor, map_id)
    if request.method == "GET":
        return maps_page.ask_removal(request, found)
    remove_map(actor=actor, map_id=found.pk)
    messages.success(request, _("The mapping “%(name)s” is removed.") % {"name": found.name})
    return HttpResponseRedirect(reverse("import-maps"))

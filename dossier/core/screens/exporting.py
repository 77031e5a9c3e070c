"""Taking a list out: at once where it is short, else by a job whose file is fetched from its page (AUD-2)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.errors import NotFound
from dossier.core.exporting.making import (
    AT_ONCE,
    Asked,
    Listing,
    Status,
    ask_for_file,
    file_of,
    folder,
    is_silent,
)
from dossier.core.exporting.writing import FORMATS
from dossier.core.models import ExportFile
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import moment_text

_LONGEST_QUERY = 8_000


@page()
@require_POST
def list_export(request: HttpRequest, key: str) -> HttpResponseBase:
    """Take out the list of this key as its page was filtered and sorted."""
    actor = actor_of(request)
    query = request.POST.get("query", "")[:_LONGEST_QUERY].removeprefix("?")
    asked = Asked.of(actor, key, query, request.POST.get("as", ""))
    listing = Listing(actor, asked)
    if listing.count(AT_ONCE) > AT_ONCE:
        made = ask_for_file(actor=actor, asked=asked)
        return HttpResponseRedirect(reverse("export-file", args=[made.pk]))
    name = asked.name()
    with tempfile.TemporaryDirectory(dir=folder(), prefix="now-") as place:
        path = Path(place) / "file"
        listing.record(listing.write(path), name)
        content = path.open("rb")  # stays readable though its name goes with the folder
    return _handed_over(content, name, asked.file_format)


def _handed_over(content: Any, name: str, file_format: str) -> FileResponse:
    return FileResponse(
        content, as_attachment=True, filename=name, content_type=FORMATS[file_format]
    )


@page()
@require_http_methods(["GET", "HEAD"])
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the file of a long list is; whoever asked for it takes it from here for a day."""
    made = file_of(actor_of(request), pk)
    partial = request.headers.get("HX-Request") == "true"
    template = "screens/_export_file.html" if partial else "screens/export_file.html"
    response = render(request, template, {"made": _shown(made)})
    response.headers["Vary"] = "HX-Request"
    return response


def _shown(made: ExportFile) -> dict[str, Any]:
    export = made.export
    return {
        "pk": made.pk,
        "name": made.name,
        "asked_at": moment_text(made.created_at),
        "under_way": made.status in (Status.WAITING, Status.WORKING) and not is_silent(made),
        "waiting": made.status == Status.WAITING,
        "ready": made.status == Status.READY,
        "gone": made.status == Status.GONE,
        "problem": made.problem,
        "rows": f"{made.rows_done:,}",
        "size": filesizeformat(export.size) if export is not None else "",
        "sha256": export.sha256 if export is not None else "",
        "until": _("Kept for 24 hours, for you alone."),
    }


@page()
@require_http_methods(["GET"])
def export_file_content(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file itself, to the person who asked for it and may still have it."""
    made = file_of(actor_of(request), pk)
    path = folder() / made.stored_as
    if made.status != Status.READY or not made.stored_as or not path.is_file():
        raise NotFound("not_found", _("The file is no longer kept. Take the list out again."))
    return _handed_over(path.open("rb"), made.name, made.file_format)

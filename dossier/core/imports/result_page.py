"""What the pages show of an import: progress, the check's findings, what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dossier.core.imports.messages import field_label, problem_text, short_text
from dossier.core.imports.registry import ImportKind, kind_of, table_of
from dossier.core.models import ImportRun

Status = ImportRun.Status
_REASONS = {
    "name": gettext_lazy("equal name"),
    "tax_number": gettext_lazy("equal tax number"),
    "phone": gettext_lazy("equal telephone"),
    "address": gettext_lazy("equal address"),
}


def named(run: ImportRun) -> dict[str, Any]:
    """The run as the heads of the pages show it."""
    return {
        "file_name": run.file_name,
        "kind_label": kind_of(run.kind).label,
        "who": run.started_by,
        "finished_at": run.updated_at,
    }


def progress_facts(found: ImportRun) -> dict[str, Any]:
    done, total = found.progress_done, found.progress_total
    title = _("Checking the rows") if found.status == Status.CHECKING else _("Bringing the rows in")
    percent = min(99, done * 100 // total) if total else None
    return {
        "url": reverse("import-progress", args=[found.pk]),
        "title": title,
        "text": _("%(done)s rows") % {"done": number_format(done)}
        if done
        else _("Reading the file"),
        "percent": percent if done else None,
        "finished": False,
    }


def counts(found: ImportRun) -> dict[str, Any]:
    result = found.result
    names = {
        "rows": "rows",
        "created": "created",
        "updated": "updated",
        "unchanged": "unchanged",
        "refused": "rejected",
        "warned": "warned",
    }
    return {name: result.get(key, 0) for name, key in names.items()}


def preview(request: HttpRequest, found: ImportRun) -> HttpResponse:
    result = found.result
    kind = kind_of(found.kind)
    chosen = set(found.options.get("create_missing") or ())
    numbers = counts(found)
    context = {
        "run": named(found),
        "counts": numbers,
        "problem_groups": [_group(group) for group in result.get("groups", [])],
        "problem_count": result.get("problem_count", 0),
        "duplicates": [_alike(group) for group in result.get("alike", [])],
        "duplicates_count": result.get("alike_count", 0),
        "mode": "valid",
        "create_missing": [
            {"key": item.key, "label": item.label, "text": item.text, "checked": item.key in chosen}
            for item in kind.creates
        ],
        "map_url": reverse("import-columns", args=[found.pk]),
        "annotated_url": reverse("import-annotated", args=[found.pk])
        if result.get("problem_count")
        else "",
        "cancel_url": reverse("imports"),
    }
    return render(request, "screens/import_preview.html", context)


def _group(group: dict[str, Any]) -> dict[str, Any]:
    first = group["problems"][0]
    return {
        "severity": group["severity"],
        "count": group["count"],
        "label": f"{field_label(group['field'])}: {short_text(group['code'])}",
        "advice": "",
        "more": group["count"] - len(group["problems"]),
        "problems": [
            {
                "row": one["row"],
                "field": field_label(one["field"]),
                "value": one.get("given", ""),
                "message": problem_text(one["code"], one["field"], one.get("params") or {}),
            }
            for one in group["problems"]
        ],
    } | (
        {"advice": problem_text(first["code"], first["field"], {})}
        if not first.get("params")
        else {}
    )


def _alike(group: dict[str, Any]) -> dict[str, Any]:
    rows, codes, names = group["rows"], group["codes"], group["names"]
    return {
        "rows": [
            {
                "name": name,
                "code": codes[at] if at < len(codes) else None,
                "row": rows[at] if at < len(rows) else "",
            }
            for at, name in enumerate(names)
        ],
        "reasons": [str(_REASONS.get(reason, reason)) for reason in group["reasons"]],
    }


def finished(request: HttpRequest, found: ImportRun) -> HttpResponse:
    result = found.result
    numbers = counts(found)
    undo = result.get("undo") or {}
    failed = ""
    if found.status == Status.FAILED:
        refusal = result.get("refusal") or {}
        failed = refusal.get("message") or _("Rows are refused, and all rows or none were wanted.")
    kind = kind_of(found.kind)
    links = []
    if found.status != Status.FAILED and (url := _url(kind.list_url)):
        links.append({"url": url, "label": kind.label})
    if found.status == Status.FAILED and found.stored_as:
        links.append({"url": reverse("import-columns", args=[found.pk]), "label": _("Check again")})
    links.append({"url": reverse("imports"), "label": _("Bring in another file")})
    rows = numbers["created"] + numbers["updated"]
    context = {
        "run": named(found)
        | {
            "undone": found.status == Status.UNDONE,
            "undone_text": _undone_text(undo),
            "failed": failed,
            "result_text": ngettext("%(count)s row is in.", "%(count)s rows are in.", rows)
            % {"count": number_format(rows)},
            "seconds_text": _("It took %(seconds)s seconds.")
            % {"seconds": result.get("seconds", 0)},
        },
        "counts": numbers,
        "kept": [_kept(kind, one) for one in undo.get("kept", [])[:100]],
        "links": links,
        "annotated_url": reverse("import-annotated", args=[found.pk])
        if result.get("problem_count") and found.stored_as
        else "",
        "undo_url": reverse("import-undo", args=[found.pk]) if found.status == Status.DONE else "",
    }
    return render(request, "screens/import_done.html", context)


def _undone_text(undo: dict[str, Any]) -> str:
    if not undo:
        return ""
    return _(
        "%(deleted)s records were removed, %(restored)s put back as before, %(kept)s kept."
    ) % {
        "deleted": number_format(undo["deleted"]),
        "restored": number_format(undo["restored"]),
        "kept": number_format(undo["kept_count"]),
    }


def _kept(kind: ImportKind, one: dict[str, Any]) -> dict[str, Any]:
    pages = {table_of(table.model): table.url for table in kind.undo}
    url = _url(pages.get(one["table"], ""), one["id"])
    return {"url": url or "#", "title": one["title"], "hint": one["reason"]}


def _url(name: str, *arguments: object) -> str:
    if not name:
        return ""
    try:
        return reverse(name, args=list(arguments))
    except NoReverseMatch:
        return ""

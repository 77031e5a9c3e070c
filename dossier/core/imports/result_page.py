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
from dossier.core.imports.registry import LEAVE_OUT, ImportKind, kind_of, may_read_file, table_of
from dossier.core.imports.uploads import is_kept
from dossier.core.models import ImportRow, ImportRun
from dossier.core.screens.requests import actor_of

Status = ImportRun.Status
_REASONS = {
    "name": gettext_lazy("equal name"),
    "tax_number": gettext_lazy("equal tax number"),
    "phone": gettext_lazy("equal telephone"),
    "address": gettext_lazy("equal address"),
    "email": gettext_lazy("equal e-mail"),
    "email_domain": gettext_lazy("equal e-mail domain"),
    "contact": gettext_lazy("equal contact"),
}

_ENDINGS = {
    "interrupted": gettext_lazy("The program was interrupted while this was under way."),
    "cancelled": gettext_lazy("This import was cancelled."),
    "discarded": gettext_lazy("This import was discarded."),
}


def starter(run: ImportRun) -> str:
    """Who started an import, as people read it: one from the command line is the system's."""
    kind, _colon, user = run.started_by.partition(":")
    return _("System (%(user)s)") % {"user": user} if kind == "system" else run.started_by


def named(run: ImportRun) -> dict[str, Any]:
    """The run as the heads of the pages show it."""
    return {
        "file_name": run.file_name,
        "kind_label": kind_of(run.kind).label,
        "who": starter(run),
        "finished_at": run.updated_at,
    }


def progress_facts(found: ImportRun) -> dict[str, Any]:
    done, total = found.progress_done, found.progress_total
    title = _("Checking the rows") if found.status == Status.CHECKING else _("Bringing the rows in")
    percent = min(99, done * 100 // total) if total else None
    return {
        "url": reverse("import-progress", args=[found.pk]),
        "title": title,
        "text": _progress_text(done, total, found.result.get("rate", 0)),
        "percent": percent if done else None,
        "finished": False,
        "stopping": "cancel" in found.options,
    }


def _progress_text(done: int, total: int | None, rate: int) -> str:
    if not done:
        return _("Reading the file")
    words = {
        "done": f"{done:,}",
        "total": f"{total or 0:,}",
        "rate": f"{rate:,}",
    }
    if not rate:
        return _("%(done)s rows") % words
    if not total:
        return _("%(done)s rows, %(rate)s a second") % words
    return _("%(done)s of about %(total)s rows, %(rate)s a second") % words


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
    numbers: dict[str, Any] = {name: result.get(key, 0) for name, key in names.items()}
    return numbers | {"warned_text": f"{numbers['warned']:,}"}


def preview(request: HttpRequest, found: ImportRun) -> HttpResponse:
    result = found.result
    kind = kind_of(found.kind)
    chosen = set(found.options.get("create_missing") or ())
    numbers = counts(found)
    context = {
        "run": named(found),
        "counts": numbers,
        "first": _first(kind, result),
        "problem_groups": [_group(group, kind.key) for group in result.get("groups", [])],
        "problem_count": result.get("problem_count", 0),
        "duplicates": [_alike(group) for group in result.get("alike", [])],
        "duplicates_count": result.get("alike_count", 0),
        "mode": "valid",
        "leave_out": found.options.get("duplicates") == LEAVE_OUT,
        "create_missing": [
            {"key": item.key, "label": item.label, "text": item.text, "checked": item.key in chosen}
            for item in kind.creates
        ],
        "map_url": reverse("import-columns", args=[found.pk]),
        "annotated_url": reverse("import-annotated", args=[found.pk])
        if result.get("problem_count")
        else "",
        "settings": _settings(found),
        "discard_url": reverse("import-cancel", args=[found.pk]),
    }
    return render(request, "screens/import_preview.html", context)


def _settings(found: ImportRun) -> list[tuple[str, str]]:
    """What was said on the first page, to be read again before it counts."""
    options = found.options
    said = [
        (_("Mapping"), options.get("map_name", "")),
        (_("Files looked up"), ", ".join(one["name"] for one in options.get("files", []))),
    ]
    if kind_of(found.kind).creates:
        if "currency" not in (found.result.get("first") or {}).get("fields", []):
            said.append((_("Currency"), options.get("currency", "")))
        said += [
            (_("Lines without customer go to"), options.get("unassigned", "") or _("refused")),
        ]
    return [(label, value) for label, value in said if value]


def _first(kind: ImportKind, result: dict[str, Any]) -> dict[str, Any]:
    """The first rows as they were understood; a cell with a problem says which.

    Columns that are only kept with their row go nowhere, so they are not among them.
    """
    first = result.get("first") or {}
    fields, kept = first.get("fields", []), kind.columns.kept
    problems: dict[tuple[int, str], dict[str, Any]] = {}
    for one in result.get("problems", []):
        problems.setdefault((one["row"], one["field"]), one)
    return {
        "heads": [
            {"label": field_label(field, kind.key), "source": source}
            for field, source in zip(fields, first.get("sources", []), strict=True)
            if field not in kept
        ],
        "rows": [
            {
                "row": row["row"],
                "cells": [
                    {"text": text, "problem": problems.get((row["row"], field))}
                    for field, text in zip(fields, row["cells"], strict=True)
                    if field not in kept
                ],
            }
            for row in first.get("rows", [])
        ],
    }


def _group(group: dict[str, Any], kind: str) -> dict[str, Any]:
    first = group["problems"][0]
    return {
        "severity": group["severity"],
        "count": f"{group['count']:,}",
        "label": f"{field_label(group['field'], kind)}: {short_text(group['code'])}",
        "advice": "",
        "more": f"{more:,}" if (more := group["count"] - len(group["problems"])) else "",
        "problems": [
            {
                "row": one["row"],
                "field": field_label(one["field"], kind),
                "value": one.get("given", ""),
                "message": problem_text(one["code"], one["field"], one.get("params") or {}, kind),
            }
            for one in group["problems"]
        ],
    } | (
        {"advice": problem_text(first["code"], first["field"], {}, kind)}
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
    readable = may_read_file(actor_of(request), kind_of(found.kind), found)
    failed = _failed_text(result) if found.status == Status.FAILED else ""
    kind = kind_of(found.kind)
    links = []
    if found.status != Status.FAILED and (url := _url(kind.list_url)):
        links.append({"url": url, "label": _("Go to: %(kind)s") % {"kind": kind.label}})
    if found.status == Status.FAILED and is_kept(found) and readable:
        links.append({"url": reverse("import-columns", args=[found.pk]), "label": _("Check again")})
    links.append({"url": reverse("imports"), "label": _("Bring in another file")})
    links.append({"url": reverse("import-list"), "label": _("Earlier imports")})
    rows = numbers["created"] + numbers["updated"]
    context = {
        "run": named(found)
        | {
            "undone": found.status == Status.UNDONE,
            "undone_text": _undone_text(undo),
            "failed": failed,
            "result_text": ngettext("%(count)s row is in.", "%(count)s rows are in.", rows)
            % {"count": f"{rows:,}"},
            "seconds_text": _seconds_text(result.get("seconds", 0)),
        },
        "counts": numbers,
        "kept": [_kept(kind, one) for one in undo.get("kept", [])[:100]],
        "links": links,
        "annotated_url": reverse("import-annotated", args=[found.pk])
        if result.get("problem_count") and is_kept(found) and readable
        else "",
        "tile_urls": _tile_urls(found) if readable else {},
        "undo_url": reverse("import-undo", args=[found.pk]) if found.status == Status.DONE else "",
    }
    return render(request, "screens/import_done.html", context)


def _seconds_text(seconds: float) -> str:
    words = {"seconds": number_format(max(seconds, 0.1), 1)}
    if seconds < 0.1:
        return _("It took less than %(seconds)s seconds.") % words
    return _("It took %(seconds)s seconds.") % words


def undo_effects(found: ImportRun) -> list[str]:
    """What taking the import back would do; what it would not do is left out."""
    made, changed = (found.result.get(key, 0) for key in ("created", "updated"))
    said = (
        (
            made,
            ngettext(
                "%(count)s new record is removed.", "%(count)s new records are removed.", made
            ),
        ),
        (
            changed,
            ngettext(
                "%(count)s changed record is put back.",
                "%(count)s changed records are put back.",
                changed,
            ),
        ),
    )
    return [text % {"count": f"{count:,}"} for count, text in said if count]


def _failed_text(result: dict[str, Any]) -> str:
    refusal = result.get("refusal") or {}
    known = _ENDINGS.get(refusal.get("code", ""))
    if known is not None:
        return str(known)
    return refusal.get("message") or _("Rows are refused, and all rows or none were wanted.")


def _tile_urls(found: ImportRun) -> dict[str, str]:
    """Where the rows of each outcome are listed; of an import that was brought in alone."""
    if found.status not in (Status.DONE, Status.UNDONE):
        return {}
    base = reverse("import-rows", args=[found.pk])
    outcome = ImportRow.Outcome
    return {
        "rows": base,
        "created": f"{base}?outcome={outcome.CREATED}",
        "updated": f"{base}?outcome={outcome.UPDATED}",
        "unchanged": f"{base}?outcome={outcome.UNCHANGED}",
        "refused": f"{base}?outcome={outcome.REJECTED}",
    }


def _undone_text(undo: dict[str, Any]) -> str:
    if not undo:
        return ""
    return _(
        "%(deleted)s records were removed, %(restored)s put back as before, %(kept)s kept."
    ) % {
        "deleted": f"{undo['deleted']:,}",
        "restored": f"{undo['restored']:,}",
        "kept": f"{undo['kept_count']:,}",
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

"""Pages of the record of exports: everybody's own; all for auditors and administrators (AUD-2)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dossier.core.access import Actor, Scope, kinds
from dossier.core.exports import EXPORT, export_seen, exports_seen
from dossier.core.models import Export
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.lists import Cell, Column, Filter, ListScreen, capital
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import moment_text


def _takes_out(actor: Actor) -> bool:
    """Whether the entry concerns this reader: they see all, or may take something out themselves."""
    return actor.can(EXPORT.key, "view") or any(
        permission.endswith(".export") for permission in actor.grants
    )


nav(
    NavItem(
        "exports",
        gettext_lazy("Exports"),
        "file-export",
        order=85,
        group=gettext_lazy("Settings"),
        prefix="/exports/",
        shown=_takes_out,
    )
)


def _in_words(message_id: str) -> str:
    return _(message_id) if message_id else ""


def _kind_words(key: str) -> str:
    return next((capital(kind.label) for kind in kinds() if kind.key == key), key)


def _rows_text(export: Export) -> str:
    return f"{export.rows:,}"


def _who(export: Export) -> str:
    return export.name or export.login


def _what(export: Export) -> Cell:
    return {"text": _in_words(export.title), "title": _kind_words(export.kind)}


LIST = ListScreen(
    key="exports",
    title=gettext_lazy("Exports"),
    icon="file-export",
    rows=exports_seen,
    row_url=lambda row: reverse("export", args=[row.pk]),
    default_sort="-at",
    search=lambda rows, typed: rows.filter(
        Q(login__icontains=typed)
        | Q(name__icontains=typed)
        | Q(file_name__icontains=typed)
        | Q(sha256__istartswith=typed)
    ),
    search_placeholder=gettext_lazy("Name, sign-in name, file, SHA-256"),
    head=lambda request: {
        "empty_text": _(
            "Every file taken out is put on record here, with who took it and its hash."
        )
    },
    columns=(
        Column("at", gettext_lazy("When"), lambda row: moment_text(row.at), sort="at"),
        Column("who", gettext_lazy("Who"), _who),
        Column("login", gettext_lazy("Sign-in name"), lambda row: row.login, default=False),
        Column("what", gettext_lazy("What was taken out"), _what),
        Column("rows", gettext_lazy("Number of rows"), _rows_text, align="end", sort="rows"),
        Column("format", gettext_lazy("Format"), lambda row: row.file_format),
        Column("file", gettext_lazy("File"), lambda row: row.file_name),
        Column(
            "sha256",
            gettext_lazy("SHA-256"),
            lambda row: {"text": row.sha256[:12], "title": row.sha256},
        ),
        Column("ip", gettext_lazy("IP address"), lambda row: row.ip, default=False),
    ),
    filters=(
        Filter("at", gettext_lazy("When"), "date_range", column="at__date"),
        Filter(
            "kind",
            gettext_lazy("What was taken out"),
            "multi",
            options=lambda actor: [
                (kind.key, kind.label)
                for kind in kinds()
                if "export" in kind.actions and kind.key != EXPORT.key
            ],
        ),
        Filter("rows", gettext_lazy("Number of rows"), "number_range"),
    ),
)


@page()
@require_http_methods(["GET", "HEAD"])
def export_list(request: HttpRequest) -> HttpResponse:
    """What was taken out; one's own, or everybody's."""
    return LIST.view(request)


@page()
@require_http_methods(["GET", "HEAD"])
def export_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: what was asked for, how the rows were cut, and the file's hash."""
    export = export_seen(actor_of(request), pk)
    return render(
        request,
        "screens/detail.html",
        {
            "detail": {
                "title": _in_words(export.title),
                "badges": [{"text": export.file_format, "color": "secondary"}],
                "subtitle": f"{moment_text(export.at)} · {_who(export)}",
            },
            "breadcrumbs": [
                {"label": _("Exports"), "url": reverse("exports")},
                {"label": moment_text(export.at)},
            ],
            "facts": [
                {"title": _("Who and when"), "items": _who_facts(export)},
                {"title": _("What was asked for"), "items": _asked_facts(export)},
                {"title": _("The file"), "items": _file_facts(export)},
            ],
        },
    )


def _who_facts(export: Export) -> list[dict[str, Any]]:
    via = {"web": _("the pages"), "command": _("the command line")}
    return [
        {"label": _("Who"), "value": _who(export)},
        {"label": _("Sign-in name"), "value": export.login},
        {"label": _("When"), "value": moment_text(export.at)},
        {"label": _("By way of"), "value": via.get(export.via, export.via)},
        {"label": _("IP address"), "value": export.ip},
    ]


def _asked_facts(export: Export) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": _("Object"), "value": _kind_words(export.kind)},
        {
            "label": _("Scope"),
            "value": _list([str(Scope(word).label) for word in export.scope if word in Scope]),
        },
    ]
    for one in export.said:
        values = [_in_words(value) if one["words"] else value for value in one["values"]]
        facts.append({"label": _in_words(one["label"]), "value": _list(values)})
    return facts


def _file_facts(export: Export) -> list[dict[str, Any]]:
    return [
        {"label": _("File"), "value": export.file_name},
        {"label": _("Size"), "value": filesizeformat(export.size)},
        {"label": _("Number of rows"), "value": _rows_text(export)},
        {
            "label": _("Columns"),
            "value": _list([_in_words(column) for column in export.columns]),
            "wide": True,
        },
        {"label": _("SHA-256"), "value": export.sha256, "wide": True},
    ]


def _list(values: list[str]) -> str:
    return _(", ").join(values)

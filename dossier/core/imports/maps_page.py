"""Mappings kept under a name, as pages show them (AUD-4)."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from dossier.core.access import Actor
from dossier.core.imports.named_maps import named_maps
from dossier.core.imports.registry import kind_of
from dossier.core.models import NamedMap


def grouped(actor: Actor, *, only: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """[(kind, [(key, name)])] to choose from."""
    found = [one for one in named_maps(actor) if only in ("", one.kind)]
    return [
        (str(kind_of(kind).label), [(str(one.pk), one.name) for one in maps])
        for kind, maps in groupby(found, key=lambda one: one.kind)
    ]


def listed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page with all of them."""
    maps = [
        {
            "name": one.name,
            "kind": kind_of(one.kind).label,
            "who": one.saved_by,
            "when": one.updated_at,
            "use_url": f"{reverse('imports')}?kind={one.kind}&saved={one.pk}",
            "file_url": reverse("import-map", args=[one.pk]),
            "remove_url": reverse("import-map-remove", args=[one.pk]),
        }
        for one in named_maps(actor)
    ]
    return render(
        request, "screens/import_maps.html", {"maps": maps, "imports_url": reverse("imports")}
    )


def as_file(found: NamedMap) -> HttpResponse:
    """The map as TOML, as the command line takes it too."""
    response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.kind}-{found.pk}.toml"'
    return response


def ask_removal(request: HttpRequest, found: NamedMap) -> HttpResponse:
    """Whether it may go."""
    confirm = {
        "title": _("Remove this mapping"),
        "subject": f"{found.name} · {kind_of(found.kind).label}",
        "text": _("It can no longer be chosen. What was brought in with it stays as it is."),
        "button": _("Remove this mapping"),
        "icon": "trash",
        "danger": True,
    }
    return render(
        request, "screens/confirm.html", {"confirm": confirm, "cancel_url": reverse("import-maps")}
    )

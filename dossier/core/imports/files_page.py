"""What the page of an import's files shows: the main file, those looked up, those missing (AUD-4)."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from dossier.core.imports.result_page import named
from dossier.core.imports.uploads import (
    found_lookups,
    further,
    main_file,
    map_of,
    missing_lookups,
)
from dossier.core.models import ImportRun


def context(run: ImportRun) -> dict[str, Any]:
    """Files with their part in the import; the map; what is missing."""
    given = map_of(run)
    looked_up = {one.name for one in found_lookups(run, given).values()}
    unsure = bool(run.options.get("unsure"))
    main = main_file(run)
    return {
        "run": named(run),
        "files": [
            {
                "name": one.name,
                "size": filesizeformat(one.size),
                "main": one == main and not unsure,
                "part": _part(one.name in looked_up, main=one == main and not unsure),
            }
            for one in sorted([main, *further(run)], key=lambda one: one.name.casefold())
        ],
        "unsure": unsure,
        "missing": missing_lookups(run, given),
        "map_name": run.options.get("map_name", "") if given is not None else "",
        "lookups": bool(given and given.lookups),
    }


def _part(looked_up: bool, *, main: bool) -> str:
    if main:
        return _("its rows are brought in")
    if looked_up:
        return _("the map looks rows up in it")
    return _("not used")

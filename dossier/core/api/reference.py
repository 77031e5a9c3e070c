"""Reference data through the API: divisions and industries, the same for everybody."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.api import kinds
from dossier.core.api.records import Narrow, Record, Shown, Sort
from dossier.core.api.routes import Routes
from dossier.core.api.scopes import ObjectType
from dossier.core.models import Industry, Region

_TEXT: kinds.Schema = {"type": "string"}
REFERENCE = Routes(
    ObjectType("reference", _("Reference data")),
    "",
    keys={"id": kinds.text(6, shortest=1)},
)


def _shown(*names: str) -> list[Shown]:
    made = [Shown("id", ("pk",), lambda: _TEXT)]
    made += [Shown(name, (name,), lambda: _TEXT) for name in names]
    made.append(Shown("level", ("level",), lambda: kinds.integer(1)))
    made.append(Shown("parent", ("parent_id",), lambda: kinds.nullable(_TEXT)))
    return made


def _below(rows: Any, value: Any, actor: Any) -> Any:
    return rows.filter(parent_id=value)


def _level(rows: Any, value: Any, actor: Any) -> Any:
    return rows.filter(level=value)


_FILTERS = (
    Narrow("parent", kinds.text(6, shortest=1), _below, _("Directly below this one")),
    Narrow("level", kinds.number_parameter(1, 3), _level, _("Level")),
)
REGION = Record(
    name="Region",
    rows=lambda actor: Region.objects.all(),
    shown=_shown("name", "full_name"),
    sorts={"id": Sort("code")},
    default_sort="id",
    filters=_FILTERS,
    search=lambda rows, text, actor: rows.filter(full_name__icontains=text),
    key=str,
)
INDUSTRY = Record(
    name="Industry",
    rows=lambda actor: Industry.objects.all(),
    shown=_shown("name"),
    sorts={"id": Sort("code")},
    default_sort="id",
    filters=_FILTERS,
    search=lambda rows, text, actor: rows.filter(name__icontains=text),
    key=str,
)
REFERENCE.records(
    "/regions",
    REGION,
    plural="regions",
    summary=(_("List administrative divisions (GB/T 2260)"), _("Read a division")),
    needs=(),
)
REFERENCE.records(
    "/industries",
    INDUSTRY,
    plural="industries",
    summary=(_("List industries (GB/T 4754)"), _("Read an industry")),
    needs=(),
)

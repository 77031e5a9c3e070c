"""What the objects of this department share in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, body
from dossier.core.api.records import (
    REFERS,
    Refers,
    Shown,
    shown_fields,
)
from dossier.people.models import Team

REFERS["employee"] = Refers((("id", "pk"), ("number", "number"), ("name", "name")))
REFERS["team"] = Refers((("id", "pk"), ("name", "name")))
REFERS["territory"] = Refers((("id", "pk"), ("name", "name")))

VERSION = (kinds.VERSION, REQUIRED, _("The version you read"))
VERSIONED = body("Versioned", version=VERSION)
NAME = (kinds.text(60), REQUIRED, _("Name"))


def plain(
    name: str, schema: kinds.Schema, title: Any = "", path: str = "", make: Any = None
) -> Shown:
    return Shown(name, (path or name,), lambda: schema, make, title=title)


def row_key() -> list[Shown]:
    return shown_fields(Team, ())


def refers_to(name: str, lookup: str, title: Any) -> Shown:
    refers = REFERS[lookup]
    paths, make = refers.shown(name)
    return Shown(
        name, paths, lambda: kinds.nullable(refers.document(coded=False)), make, title=title
    )


TEXT: kinds.Schema = {"type": "string"}
YES: kinds.Schema = {"type": "boolean"}


def key_list(kind: str) -> kinds.Schema:
    item = {"type": "string"} if kind == "string" else kinds.integer(1)
    return {"type": "array", "items": item}


def revealed() -> kinds.Schema:
    """The schema of an uncovered value."""
    return {
        "type": "object",
        "properties": {"field": {"type": "string"}, "value": {"type": "string"}},
        "required": ["field", "value"],
        "additionalProperties": False,
    }

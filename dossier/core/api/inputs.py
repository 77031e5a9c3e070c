"""What may be sent: bodies made from the field lists, so that a new field can be sent by its one entry.

Anything not named is refused: nobody sets an owner, a status or a total that the page does not offer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import ConfigDict, Field, create_model

from dossier.core.access import Actor
from dossier.core.api import kinds
from dossier.core.errors import Refusal
from dossier.core.fields import FieldSpec, Kind, Surface
from dossier.core.screens.lookups import get_lookup

Body = dict[str, Any]
BodyModel = type[Schema]
REQUIRED: Any = ...

COVER = "•"  # what covered values are shown with; it is never stored


class Sent(Schema):
    """A body; what it does not name cannot be set."""

    model_config = ConfigDict(extra="forbid")


def body(
    name: str,
    model: type[models.Model] | None = None,
    specs: Iterable[FieldSpec] = (),
    /,
    *,
    must: Iterable[str] = (),
    **more: tuple[Any, Any, str | Promise],
) -> BodyModel:
    """A body of the fields that stand on the form, those in ``must`` demanded, and of ``more``:
    type, default (``REQUIRED``: demanded) and title."""
    needed = set(must)
    made: dict[str, Any] = {}
    for spec in specs:
        if not spec.on(Surface.FORM):
            continue
        assert model is not None
        column = model._meta.get_field(spec.name)
        default = REQUIRED if spec.name in needed else None
        made[spec.name] = (kinds.sent(spec, column), _field(default, _titled(spec, model)))
    for key, (kind, default, title) in more.items():
        made[key] = (kind, _field(default, _worded(title)))
    made_model: BodyModel = create_model(name, __base__=Sent, **made)
    return made_model


def _field(default: Any, extra: Callable[[dict[str, Any]], None]) -> Any:
    return Field(default, json_schema_extra=extra)


def _titled(spec: FieldSpec, model: type[models.Model]) -> Callable[[dict[str, Any]], None]:
    """Title and help in the language of whoever reads the document."""

    def say(schema: dict[str, Any]) -> None:
        schema.pop("default", None)
        schema["title"] = spec.title(model)
        words = described(spec, model)
        if words:
            schema["description"] = words

    return say


def _worded(title: str | Promise) -> Callable[[dict[str, Any]], None]:
    def say(schema: dict[str, Any]) -> None:
        schema.pop("default", None)
        schema["title"] = str(title)

    return say


def described(spec: FieldSpec, model: type[models.Model]) -> str:
    """Help, unit and the meaning of the words of a choice."""
    parts = [str(part) for part in (spec.help, spec.unit) if part]
    if spec.kind is Kind.CHOICE:
        choices: Any = model._meta.get_field(spec.name).choices or ()  # type: ignore[union-attr] # a real field
        parts.append("; ".join(f"{value}: {label}" for value, label in choices))
    return ". ".join(parts)


def given(sent: Schema) -> Body:
    """What was sent, by field; what was not sent is not there. Objects within are read alike."""
    return {name: _plain(getattr(sent, name)) for name in sent.model_fields_set}


def _plain(value: Any) -> Any:
    if isinstance(value, Schema):
        return given(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def refuse_covered(specs: Iterable[FieldSpec], values: Mapping[str, Any]) -> None:
    """Nobody stores the covered form of a value in place of the value."""
    for spec in specs:
        if spec.mask is not None and COVER in str(values.get(spec.name) or ""):
            raise Refusal(
                "covered",
                _("This is the covered form. Leave the field out to keep what is stored."),
                field=spec.name,
            )


def with_records(actor: Actor, specs: Iterable[FieldSpec], values: Body) -> Body:
    """The values with the records that keys stand for, where the actor may choose them as on the form."""
    found = dict(values)
    for spec in specs:
        key = values.get(spec.name)
        if spec.kind is Kind.REF and key is not None:
            found[spec.name] = record(actor, spec.lookup, key, field=spec.name)
    return found


def record(actor: Actor, lookup: str, key: object, *, field: str) -> Any:
    """The record of a key, by the look-up of the form; refused where the actor may not choose it."""
    item = get_lookup(lookup)
    row = item.chosen(actor, str(key))
    if row is None:
        raise Refusal(
            "unknown", _("There is no such record, or it is not yours to choose."), field=field
        )
    return row

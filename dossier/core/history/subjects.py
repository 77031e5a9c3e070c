"""Kinds of records whose fields tell their past on the page: declared once by each department (AUD-1, AUD-3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.core.fields import FieldSpec


class Restore(Protocol):
    """Put a value into a field by the department's own edit service, with its rules, rights and history."""

    def __call__(
        self, *, actor: Actor, row: Any, version: int, field: str, value: object, why: str
    ) -> object: ...


@dataclass(frozen=True)
class Subject:
    """A kind of record. ``reach`` gives a row within the actor's reach or raises NotFound; ``plainly`` says
    whether the actor sees its sensitive values; ``fields`` are those the actor may see at all; ``may_change``
    decides whether an old value may be taken again. Names of other records are shown within the reach."""

    key: str
    model: type[models.Model]
    reach: Callable[[Actor, int], Any]
    fields: Callable[[Actor], Sequence[FieldSpec]]
    title: Callable[[Any], str]
    url: Callable[[Any], str]
    plainly: Callable[[Actor, Any], bool]
    may_change: Callable[[Actor, Any], bool]
    restore: Restore
    writable: Callable[[FieldSpec], bool]

    def columns(self, actor: Actor | None = None) -> list[tuple[FieldSpec, str]]:
        """The fields the history keeps, each with its column."""
        from dossier.core.access import system_actor

        left_out = getattr(self.model, "history_skip", ())
        secret = getattr(self.model, "history_secret", ())
        found = {one.name: str(one.column) for one in self.model._meta.concrete_fields}
        return [
            (spec, found[spec.name])
            for spec in self.fields(actor or system_actor())
            if spec.name in found and spec.name not in (*left_out, *secret)
        ]

    def spec(self, actor: Actor, name: str) -> tuple[FieldSpec, str]:
        """A field the actor may see, with its column; NotFound for any other name."""
        for spec, column in self.columns(actor):
            if spec.name == name:
                return spec, column
        raise _nothing()


_subjects: dict[str, Subject] = {}


def subject(item: Subject) -> Subject:
    """Register a kind of record."""
    _subjects[item.key] = item
    return item


def subject_of(key: str) -> Subject:
    """The kind of a key; NotFound where none is declared."""
    try:
        return _subjects[key]
    except KeyError:
        raise _nothing() from None


def past_url(key: str, row: models.Model, name: str) -> str:
    """Where a field tells its past; empty for what the history does not keep."""
    return reverse("field-past", args=[key, row.pk, name]) if name in _kept(key) else ""


@lru_cache
def _kept(key: str) -> frozenset[str]:
    """The fields of a kind whose past is kept, whoever asks: declared once, so worked out once."""
    return frozenset(spec.name for spec, _column in _subjects[key].columns())


def _nothing() -> NotFound:
    return NotFound("not_found", _("There is no such record, or it is not yours to see."))

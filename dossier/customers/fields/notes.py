"""The field list of notes on a customer (CUS-14)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.utils.translation import gettext_lazy as _

from dossier.core.fields import FieldSpec, Kind, Mask, Surface, field
from dossier.customers.states import SENSITIVE_NOTES

_OWN: Final = (Surface.LIST, Surface.FILTER, Surface.IMPORT, Surface.EXPORT)  # on the file alone

NOTE_FIELDS: Final[tuple[FieldSpec, ...]] = (
    field("kind", Kind.CHOICE, off=_OWN, must=True, label=_("What about")),
    field("text", Kind.LONG, off=_OWN, must=True, wide=True, label=_("What is known")),
    field("noted_on", Kind.DATE, off=_OWN, label=_("Date")),
    field("noted_by", Kind.REF, off=(*_OWN, Surface.FORM), lookup="employee"),
    field("amount", Kind.MONEY, off=_OWN, unit=_("CNY")),
    field("party", Kind.TEXT, off=_OWN),
    field("product", Kind.TEXT, off=_OWN),
    field("quantity", Kind.NUMBER, off=_OWN),
    field("price", Kind.MONEY, off=_OWN, unit=_("CNY")),
    field("our_price", Kind.MONEY, off=_OWN, unit=_("CNY")),
    field("ended_on", Kind.DATE, off=_OWN),
)
"""Entered on the customer's page and kept there: notes travel in no sheet."""

_COVERED: Final = ("text", "party", "amount")

SENSITIVE_NOTE_FIELDS: Final[tuple[FieldSpec, ...]] = tuple(
    replace(spec, mask=Mask.ALL) if spec.name in _COVERED else spec for spec in NOTE_FIELDS
)
"""The same for notes about people, which are covered like their personal traits (ORG-4)."""


def note_fields(kind: str) -> tuple[FieldSpec, ...]:
    """The entries for a note of this kind."""
    return SENSITIVE_NOTE_FIELDS if kind in SENSITIVE_NOTES else NOTE_FIELDS

"""The field list of a product: every surface derives from it. Cost is for those who may see cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from dossier.catalog.access import PRODUCT
from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind, Surface, field

GROUPS: Final = {
    "product": _("Product"),
    "prices": _("Price and cost"),
    "more": _("Further"),
}


def percent_text(value: Decimal | None) -> str:
    """A rate as people write it: 0.13 → 13%."""
    if value is None:
        return ""
    text = f"{value * 100:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def _tax_rate(product: Any) -> str:
    return percent_text(product.tax_rate)


PRODUCT_FIELDS: Final = (
    field(
        "code",
        Kind.TEXT,
        group="product",
        off=[Surface.FILTER],
        sort=True,
        must=True,
        default_column=True,
    ),
    field("name", Kind.TEXT, group="product", off=[Surface.FILTER], default_column=True),
    field("specification", Kind.TEXT, group="product", off=[Surface.FILTER], default_column=True),
    field("unit", Kind.TEXT, group="product", off=[Surface.FILTER], default_column=True),
    field(
        "product_class",
        Kind.CHOICE,
        group="product",
        label=_("Product class"),
        sort=True,
        default_column=True,
    ),
    field(
        "family",
        Kind.REF,
        group="product",
        label=_("Product family"),
        lookup="family",
        default_column=True,
    ),
    field("status", Kind.CHOICE, group="product", must=True, default_column=True),
    field(
        "list_price",
        Kind.MONEY,
        group="prices",
        off=[Surface.FILTER],
        sort=True,
        default_column=True,
    ),
    field(
        "cost",
        Kind.MONEY,
        group="prices",
        off=[Surface.FILTER],
        sort=True,
        default_column=True,
        help=_("What one unit costs. Left blank: not known, and never taken as zero."),
    ),
    field("currency", Kind.TEXT, group="prices", must=True),
    field(
        "tax_rate",
        Kind.NUMBER,
        group="prices",
        off=[Surface.FILTER],
        value=_tax_rate,
        help=_("For example 13% or 0.13."),
    ),
    field("safety_stock", Kind.NUMBER, group="more", off=[Surface.FILTER]),
    field("remark", Kind.LONG, group="more", off=[Surface.FILTER, Surface.LIST], wide=True),
)

# Columns of the table that are no field of a surface, and why.
UNLISTED: Final = {
    "id": "the database's own key",
    "version": "guards against stale edits",
    "created_at": "the history shows who made it and when",
    "updated_at": "the history shows who changed it and when",
    "sort_key": "derived from the name",
    "search_text": "derived from code, name and specification",
}


def fields_for(actor: Actor) -> tuple[FieldSpec, ...]:
    """The fields this actor may see."""
    return tuple(spec for spec in PRODUCT_FIELDS if spec.name != "cost" or may_see_cost(actor))


def may_see_cost(actor: Actor) -> bool:
    """Whether the actor sees cost and profit, here and in every report."""
    return actor.can(PRODUCT.key, "cost")

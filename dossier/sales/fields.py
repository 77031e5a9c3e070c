"""The field lists of orders and their lines: every surface derives from them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from dossier.core.fields import Kind, Surface, field

ORDER_FIELDS: Final = (
    field("customer", Kind.REF, lookup="customer", must=True, default_column=True),
    field("ordered_on", Kind.DATE, must=True, sort=True, default_column=True),
    field(
        "salesperson",
        Kind.REF,
        lookup="employee",
        default_column=True,
        help=_("Who is credited with the order."),
    ),
    field("currency", Kind.TEXT, must=True),
    field(
        "number",
        Kind.TEXT,
        off=[Surface.FILTER],
        sort=True,
        default_column=True,
        help=_("Left blank, the next order number is given."),
    ),
    field("source", Kind.CHOICE, off=[Surface.FORM, Surface.IMPORT]),
    field("status", Kind.CHOICE, off=[Surface.FORM, Surface.IMPORT], default_column=True),
    field("remark", Kind.LONG, off=[Surface.FILTER, Surface.LIST], wide=True),
)
ORDER_UNLISTED: Final = {
    "id": "the database's own key",
    "version": "guards against stale edits",
    "created_at": "the history shows who made it and when",
    "updated_at": "the history shows who changed it and when",
    "void_reason": "shown as a notice on a void order, asked for when it is declared void",
}

_COUNTED = [Surface.FILTER]  # figures are narrowed by what they belong to, not by their size
LINE_FIELDS: Final = (
    field(
        "ordered_on", Kind.DATE, off=[Surface.FORM], label=_("Date"), sort=True, default_column=True
    ),
    field(
        "customer",
        Kind.REF,
        off=[Surface.FORM],
        label=_("Customer"),
        lookup="customer",
        default_column=True,
    ),
    field(
        "salesperson",
        Kind.REF,
        off=[Surface.FORM],
        label=_("Salesperson"),
        lookup="employee",
        default_column=True,
    ),
    field("product", Kind.REF, lookup="product", default_column=True),
    field("quantity", Kind.NUMBER, off=_COUNTED, sort=True, default_column=True),
    field("unit_price", Kind.MONEY, off=_COUNTED, default_column=True),
    field("discount_factor", Kind.NUMBER, off=_COUNTED, label=_("Discount factor")),
    field("amount", Kind.MONEY, off=_COUNTED, sort=True, default_column=True),
    field("cost", Kind.MONEY, off=_COUNTED, default_column=True),
    field("other_cost", Kind.MONEY, off=_COUNTED),
    field(
        "profit",
        Kind.MONEY,
        off=[*_COUNTED, Surface.FORM, Surface.IMPORT],
        label=_("Profit"),
        default_column=True,
    ),
    field("currency", Kind.TEXT, off=[Surface.FORM, Surface.DETAIL], label=_("Currency")),
    field("remark", Kind.TEXT, off=[Surface.FILTER, Surface.FORM], label=_("Remark")),
)
LINE_UNLISTED: Final = {
    "id": "the database's own key",
    "version": "guards against stale edits",
    "created_at": "the history shows who made it and when",
    "updated_at": "the history shows who changed it and when",
    "order": "shown as the order's number",
    "line_no": "the order of the lines",
    "product_text": "shown in place of the product's name where it differs",
}
COST_FIELDS: Final = frozenset({"cost", "other_cost", "profit"})

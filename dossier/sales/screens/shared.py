"""What the pages of orders show alike: cells, addresses, shares."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse

from dossier.core.fields import FieldSpec, Kind, display
from dossier.core.screens.lists import Cell
from dossier.core.templatetags.look import money_text
from dossier.sales.selectors import customer_label
from dossier.sales.states import OrderStatus

STATUS_COLORS = {OrderStatus.RECORDED: "green", OrderStatus.VOID: "red"}
BELOW_ALL = Decimal(-(10**17))
NUMBERS = (Kind.MONEY, Kind.NUMBER)


def order_url(order_id: int) -> str:
    """Where an order is."""
    return reverse("order", args=[order_id])


CUSTOMER_READ = (
    "customer_id",
    "customer__code",
    "customer__name",
    "customer__short_name",
)
"""What the cell of a customer reads of an order or line: of a customer's sixty fields three."""


def customer_url(customer_id: int) -> str:
    """Where a customer's file is."""
    return reverse("customer", args=[customer_id])


def customer_cell(row: Any) -> Cell:
    """The customer of an order or line, opened by a click where the reader may."""
    cell: Cell = {"text": customer_label(row.customer, row.customer_seen)}
    if row.customer_seen:
        cell["url"] = customer_url(row.customer_id)
    return cell


def percent(share: Decimal | None) -> str:
    """A share as a percentage with one decimal; never rounded up to the whole."""
    if share is None:
        return "—"
    per_mille = int(share * 1000) if 0 <= share < 1 else round(share * 1000)
    return f"{Decimal(per_mille) / 10:.1f}%"


def line_cell(spec: FieldSpec, line: Any) -> str | Cell:
    """One field of a line, on the list of lines and on the order."""
    if spec.name == "customer":
        return customer_cell(line)
    if spec.name == "product":
        return {"text": product_text(line), "url": reverse("product", args=[line.product_id])}
    if spec.name in ("amount", "cost", "other_cost", "profit", "unit_price"):
        value = getattr(line, spec.name)
        return (
            "—"
            if value is None
            else money_text(value, line.currency if spec.name == "amount" else "")
        )
    return display(spec, line)


def product_text(line: Any) -> str:
    """The product's code and name as it stood on the order."""
    return f"{line.product.code} {line.product_text or line.product.name}".strip()

"""Sales orders and their lines through the API (ORD-4, SYS-3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossier.catalog.fields import may_see_cost
from dossier.core.access import Actor
from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, Body, body
from dossier.core.api.records import (
    Narrow,
    Record,
    Shown,
    Sort,
    filters_of,
    plain_amount,
    shown_fields,
)
from dossier.core.api.routes import Call, Json, Routes
from dossier.core.api.scopes import ObjectType
from dossier.core.errors import NotAllowed
from dossier.customers.models import Customer
from dossier.customers.selectors import search as search_customers
from dossier.sales.fields import COST_FIELDS, LINE_FIELDS, ORDER_FIELDS
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.rules import PROPOSE, LineInput
from dossier.sales.selectors import customer_seen, orders_with_totals
from dossier.sales.services import order_amend, order_record, order_void

_COST = "catalog.product.cost"
_TEXT: kinds.Schema = {"type": "string"}
_AMOUNT: kinds.Schema = {"type": "string", "pattern": kinds.amount_pattern(20, 4)}
_VERSION = (kinds.VERSION, REQUIRED, _("The version you read"))

ORDERS = Routes(ObjectType("orders", _("Sales orders and lines"), ("sales.order",)), "sales.order")


def _customer(pk: int, code: str, name: str, short_name: str, seen: bool) -> Json:
    """A customer outside the reach is named by code and short name, as on the pages."""
    return {"id": pk if seen else None, "code": code, "name": name if seen else short_name}


_CUSTOMER = Shown(
    "customer",
    ("customer_id", "customer__code", "customer__name", "customer__short_name", "customer_seen"),
    lambda: {
        "type": "object",
        "properties": {
            "id": {"type": ["integer", "null"]},
            "code": _TEXT,
            "name": _TEXT,
        },
        "required": ["id", "code", "name"],
        "additionalProperties": False,
    },
    _customer,
    title=_("Customer"),
    description=_("Without key where you may not open the customer."),
)


def _of_customer(rows: Any, value: int, actor: Actor) -> Any:
    return rows.filter(customer__in=Customer.objects.for_user(actor).filter(pk=value))


def _of_salesperson(rows: Any, value: int, actor: Actor) -> Any:
    return rows.filter(salesperson_id=value)


def _search(rows: Any, text: str, actor: Actor) -> Any:
    found = search_customers(actor, Customer.objects.for_user(actor), text)
    return rows.filter(Q(number__icontains=text) | Q(customer_id__in=found.order_by().values("pk")))


class _Orders(Record):
    """Orders; one by itself comes with the lines the actor sees."""

    def one(self, actor: Actor, key: Any) -> Json:
        """An order with its lines."""
        made = super().one(actor, key)
        lines = _lines(actor).filter(order_id=key).order_by("line_no")
        return made | {"lines": LINE.of(actor, lines)}

    def document(self) -> kinds.Schema:
        """With the lines."""
        made = super().document()
        lines = {"type": "array", "items": LINE.document()}
        return made | {
            "properties": made["properties"] | {"lines": lines},
            "required": [*made["required"], "lines"],
        }

    def page_document(self) -> kinds.Schema:
        """In lists without lines."""
        made = super().page_document()
        item = made["properties"]["items"]["items"]
        item["properties"] = {k: v for k, v in item["properties"].items() if k != "lines"}
        return made


ORDER = _Orders(
    name="Order",
    rows=orders_with_totals,
    shown=[
        *shown_fields(SalesOrder, ORDER_FIELDS, instead={"customer": _CUSTOMER}),
        Shown("void_reason", ("void_reason",), lambda: _TEXT, title=_("Reason")),
        Shown(
            "total",
            ("total",),
            lambda: _AMOUNT,
            lambda value: plain_amount(value or Decimal(0)),
            title=_("Total"),
            description=_("Of the lines you see."),
        ),
        Shown(
            "line_count",
            ("line_count",),
            lambda: kinds.integer(0),
            lambda value: value or 0,
            title=_("Lines"),
        ),
        Shown(
            "updated_at",
            ("updated_at",),
            lambda: {"type": "string", "format": "date-time"},
            title=_("Last changed"),
        ),
    ],
    sorts={
        "ordered_on": Sort("ordered_on"),
        "number": Sort("number"),
        "updated_at": Sort("updated_at"),
    },
    default_sort="-ordered_on",
    filters=[
        *filters_of(SalesOrder, ORDER_FIELDS, customer=_of_customer, salesperson=_of_salesperson),
        Narrow(
            "number",
            kinds.text(50, shortest=1),
            lambda rows, value, actor: rows.filter(number=value),
            _("Order number"),
        ),
    ],
    search=_search,
)


def _lines(actor: Actor) -> Any:
    return SalesOrderLine.objects.for_user(actor).annotate(customer_seen=customer_seen(actor))


LINE = Record(
    name="OrderLine",
    rows=_lines,
    shown=[
        *shown_fields(
            SalesOrderLine,
            LINE_FIELDS,
            instead={"customer": _CUSTOMER},
            rights=dict.fromkeys(COST_FIELDS, _COST),
        ),
        Shown("order", ("order_id",), lambda: kinds.integer(1), title=_("Order")),
        Shown("line_no", ("line_no",), lambda: kinds.integer(1), title=_("Line number")),
        Shown("product_text", ("product_text",), lambda: _TEXT, title=_("Name as on the order")),
    ],
    sorts={"ordered_on": Sort("ordered_on"), "id": Sort("id")},
    default_sort="-ordered_on",
    filters=[
        *filters_of(
            SalesOrderLine, LINE_FIELDS, customer=_of_customer, salesperson=_of_salesperson
        ),
        Narrow(
            "order",
            kinds.ID_PARAMETER,
            lambda rows, value, actor: rows.filter(order_id=value),
            _("Order"),
        ),
    ],
)
ORDERS.records("/orders", ORDER, plural="orders", summary=(_("List orders"), _("Read an order")))
ORDERS.records(
    "/order-lines",
    LINE,
    plural="order_lines",
    summary=(_("List order lines"), _("Read an order line")),
)

# What is written -----------------------------------------------------------------------------------------

_LINE: dict[str, Any] = {
    "product": (kinds.ID, REQUIRED, _("Product")),
    "quantity": (kinds.amount(14, 4), REQUIRED, _("Quantity; negative for a return")),
    "unit_price": (kinds.amount(14, 4), REQUIRED, _("Unit price")),
    "discount_factor": (kinds.amount(2, 6, signed=False), "1", _("Discount factor")),
    "cost": (
        kinds.amount(14, 4) | None,
        None,
        _("Cost of the whole line; null: not known; left out: from the product"),
    ),
    "other_cost": (kinds.amount(14, 4), "0", _("Other cost")),
    "remark": (kinds.text(200), "", _("Remark")),
}
_NEW_LINE = body("OrderLineNew", **_LINE)
_CHANGED_LINE = body(
    "OrderLineChange", id=(kinds.ID, None, _("The line it replaces; left out: a new line")), **_LINE
)
_HEAD: dict[str, Any] = {
    "customer": (kinds.ID, REQUIRED, _("Customer")),
    "ordered_on": (kinds.DAY, REQUIRED, _("Order date")),
    "currency": (kinds.text(3, pattern="^[A-Z]{3}$"), "CNY", _("Currency")),
    "salesperson": (kinds.ID | None, None, _("Salesperson")),
    "remark": (kinds.text(kinds.LONG_TEXT), "", _("Remark")),
}


def _line_inputs(actor: Actor, lines: list[Body]) -> list[LineInput]:
    """Lines as the service takes them; who may not see cost does not set it."""
    costs = may_see_cost(actor)
    made = []
    for index, line in enumerate(lines):
        for name in ("cost", "other_cost"):
            if name in line and not costs:
                raise NotAllowed(
                    "not_allowed",
                    _("Your role does not include seeing cost."),
                    field=f"lines.{index}.{name}",
                )
        made.append(
            LineInput(
                product_id=line["product"],
                quantity=line["quantity"],
                unit_price=line["unit_price"],
                discount_factor=Decimal(line.get("discount_factor", 1)),
                cost=line.get("cost", PROPOSE),
                other_cost=Decimal(line.get("other_cost", 0)),
                remark=line.get("remark") or "",
                line_id=line.get("id"),
            )
        )
    return made


@ORDERS.write(
    "POST", "/orders", summary=_("Record an order"), needs="add",
    body=body(
        "OrderNew",
        **_HEAD,
        number=(kinds.text(50), "", _("Order number; left blank, the next is given")),
        lines=(kinds.several(_NEW_LINE), REQUIRED, _("Lines")),
    ),
    record=ORDER, status=201,
    description=_("Amounts are worked out by the program, as on the page."),
)  # fmt: skip
def create_order(call: Call, body: Body) -> Json:
    """Record an order; amounts are computed, never taken."""
    made = order_record(
        actor=call.actor,
        customer_id=body["customer"],
        ordered_on=body["ordered_on"],
        currency=body.get("currency") or "CNY",
        salesperson_id=body.get("salesperson"),
        number=body.get("number") or "",
        remark=body.get("remark") or "",
        lines=_line_inputs(call.actor, body["lines"]),
    )
    return ORDER.one(call.actor, made.pk)


@ORDERS.write(
    "PUT", "/orders/{id}", summary=_("Change an order and its lines as a whole"), needs="change",
    body=body(
        "OrderChange",
        **_HEAD,
        number=(kinds.text(50), "", _("Order number; left blank, it stays")),
        lines=(kinds.several(_CHANGED_LINE), REQUIRED, _("Lines; one not named is taken out")),
        why=(kinds.text(200), "", _("Reason, kept in the history")),
        version=_VERSION,
    ),
    record=ORDER, shows=True,
)  # fmt: skip
def update_order(call: Call, id: int, body: Body) -> Json:
    """Amend an order; its history keeps every version."""
    order_amend(
        actor=call.actor,
        order_id=id,
        expected_version=body["version"],
        customer_id=body["customer"],
        ordered_on=body["ordered_on"],
        currency=body.get("currency") or "CNY",
        salesperson_id=body.get("salesperson"),
        number=body.get("number") or "",
        remark=body.get("remark") or "",
        lines=_line_inputs(call.actor, body["lines"]),
        why=body.get("why") or "",
    )
    return ORDER.one(call.actor, id)


@ORDERS.write(
    "POST", "/orders/{id}/void", summary=_("Declare an order void"), needs="change",
    body=body(
        "OrderVoid",
        reason=(kinds.text(200, shortest=1), REQUIRED, _("Reason, kept in the history")),
        version=_VERSION,
    ),
    record=ORDER, shows=True,
)  # fmt: skip
def void_order(call: Call, id: int, body: Body) -> Json:
    """It stays visible and counts nowhere."""
    order_void(
        actor=call.actor, order_id=id, expected_version=body["version"], reason=body["reason"]
    )
    return ORDER.one(call.actor, id)

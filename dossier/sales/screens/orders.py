"""The list of orders."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dossier.core.access import Actor
from dossier.core.exporting.declarations import Exportable, exportable
from dossier.core.fields import Kind, display_value
from dossier.core.screens.lists import Column, Filter, ListScreen
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import money_text
from dossier.customers.models import Customer
from dossier.customers.selectors import search as search_customers
from dossier.sales.access import ORDER
from dossier.sales.fields import ORDER_FIELDS
from dossier.sales.filters import (
    currency_choices,
    party_filters,
)
from dossier.sales.models import SalesOrder
from dossier.sales.screens.shared import CUSTOMER_READ, STATUS_COLORS, customer_cell, order_url
from dossier.sales.selectors import credited, orders_with_totals
from dossier.sales.states import OrderSource, OrderStatus

_ORDER_HEADS = {spec.name: spec for spec in ORDER_FIELDS}


def order_columns(actor: Actor) -> list[Column]:
    """The columns of orders, also of those on a customer's page."""

    def head(name: str) -> str:
        return _ORDER_HEADS[name].title(SalesOrder)

    return [
        Column("number", head("number"), lambda o: str(o.number), sort="number"),
        Column(
            "ordered_on",
            head("ordered_on"),
            lambda o: display_value(Kind.DATE, o.ordered_on),
            sort="ordered_on",
            out=lambda o: o.ordered_on,
        ),
        Column("customer", head("customer"), customer_cell, reads=CUSTOMER_READ),
        Column(
            "salesperson",
            head("salesperson"),
            lambda o: str(o.salesperson or ""),
            reads=("salesperson__name",),
        ),
        Column(
            "line_count",
            _("Lines"),
            lambda o: str(o.line_count or 0),
            align="end",
            out=lambda o: o.line_count or 0,
        ),
        Column(
            "total",
            _("Total"),
            lambda o: money_text(o.total or 0, o.currency),
            align="end",
            out=lambda o: o.total or 0,
        ),
        Column("currency", head("currency"), lambda o: str(o.currency), default=False),
        Column(
            "source",
            head("source"),
            lambda o: str(o.get_source_display()),
            default=False,
            reads=("source",),
        ),
        Column(
            "status",
            head("status"),
            lambda o: {"text": o.get_status_display(), "badge": STATUS_COLORS[o.status]},
        ),
    ]


def _order_head(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "create_url": reverse("order-new") if actor.can(ORDER.key, "add") else "",
        "create_label": _("New order"),
        "actions": [
            {
                "label": _("All lines"),
                "url": reverse("order-lines"),
                "icon": "list-details",
                "always": True,
            }
        ],
        "empty_text": _("Orders are entered here, or come in with an import of sales lines."),
    }


def _order_filters(actor: Actor) -> tuple[Filter, ...]:
    return (
        Filter(
            "status",
            gettext_lazy("Status"),
            "choice",
            options=lambda a: OrderStatus.choices,
            quick=True,
        ),
        Filter("ordered", gettext_lazy("Order date"), "date_range", column="ordered_on"),
        *party_filters(actor),
        Filter("currency", gettext_lazy("Currency"), "choice", options=currency_choices),
        Filter(
            "source", gettext_lazy("Order source"), "choice", options=lambda a: OrderSource.choices
        ),
    )


def _search_orders(actor: Actor) -> Any:
    """By order number, or by a customer that the actor may see."""

    def search(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        found = search_customers(actor, Customer.objects.for_user(actor), text)
        narrowed: QuerySet[Any] = rows.filter(
            Q(number__icontains=text) | Q(customer_id__in=found.order_by().values("pk"))
        )
        return narrowed

    return search


def order_list_screen(actor: Actor) -> ListScreen:
    """The list of orders for this actor."""
    return ListScreen(
        key="orders",
        title=_("Sales orders"),
        icon="receipt",
        rows=orders_with_totals,
        columns=order_columns(actor),
        row_url=lambda o: order_url(o.pk),
        default_sort="-ordered_on",
        search=_search_orders(actor),
        search_placeholder=_("Order number or customer"),
        filters=_order_filters(actor),
        head=_order_head,
        row_css=lambda o: "cancelled" if o.status == OrderStatus.VOID else "",
        reads=("number", "ordered_on", "currency", "status"),
        surely=credited,
    )


exportable(
    Exportable(key="orders", kind=ORDER.key, needs=f"{ORDER.key}.view", screen=order_list_screen)
)


@page("sales.order.view")
@require_http_methods(["GET", "HEAD"])
def order_list(request: HttpRequest) -> HttpResponse:
    """All orders."""
    return order_list_screen(actor_of(request)).view(request)

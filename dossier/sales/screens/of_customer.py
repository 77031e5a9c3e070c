"""Orders on a customer's page, on its time line, in the search and on the home page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.catalog.fields import may_see_cost
from dossier.core.access import Actor
from dossier.core.fields import Kind, display_value
from dossier.core.money import DEFAULT_CURRENCY
from dossier.core.screens.lists import Cell
from dossier.core.screens.requests import actor_of
from dossier.core.templatetags.look import money_text
from dossier.customers.models import Customer
from dossier.customers.registries import (
    SearchSource,
    Tab,
    register_search,
    register_tab,
    register_tiles,
)
from dossier.customers.selectors import Cursor, TimelineEvent, earlier, event_key, register_timeline
from dossier.sales.access import ORDER
from dossier.sales.models import SalesOrder
from dossier.sales.screens.orders import order_columns
from dossier.sales.screens.shared import order_url, percent
from dossier.sales.selectors import (
    counted_lines,
    customer_label,
    customer_seen,
    of_customer,
    orders_with_totals,
    revenue_by_currency,
    sums_by_currency,
)
from dossier.sales.states import OrderStatus

_TIMELINE = "order"


def _order_events(
    actor: Actor, customer: Customer, before: Cursor | None, limit: int
) -> list[TimelineEvent]:
    """The customer's orders on its time line, at the time they were recorded."""
    rows = (
        orders_with_totals(actor)
        .filter(customer=customer)
        .filter(earlier(before, _TIMELINE, at="created_at", pk="pk"))
        .select_related(None)
        .select_related("salesperson")
        .only("created_at", "number", "ordered_on", "currency", "status", "salesperson__name")
        .order_by("-created_at", "-pk")[:limit]
    )
    return [
        TimelineEvent(
            at=order.created_at,
            key=event_key(_TIMELINE, order.pk),
            title=_("Order %(number)s of %(day)s")
            % {"number": order.number, "day": display_value(Kind.DATE, order.ordered_on)},
            text=money_text(order.total or 0, order.currency),
            who=str(order.salesperson or ""),
            icon="receipt",
            color="red" if order.status == OrderStatus.VOID else "blue",
            url=order_url(order.pk),
        )
        for order in rows
    ]


register_timeline(_TIMELINE, _order_events)


def customer_orders_table(actor: Actor, customer: Customer, most: int = 20) -> dict[str, Any]:
    """A customer's newest orders as a table of its page, with a link to all."""
    columns = [c for c in order_columns(actor) if c.default and c.key != "customer"]
    orders = list(of_customer(actor, customer.pk)[: most + 1])
    rows = []
    for order in orders[:most]:
        cells = []
        for position, column in enumerate(columns):
            made = column.cell(order)
            cell: Cell = dict(made) if isinstance(made, dict) else {"text": made}
            cell["css"] = column.classes()
            if position == 0:
                cell["url"] = order_url(order.pk)
            cells.append(cell)
        rows.append({"url": order_url(order.pk), "cells": cells})
    table: dict[str, Any] = {
        "id": "orders",
        "title": _("Sales orders"),
        "rows": rows,
        "empty_title": _("No orders yet"),
        "columns": [
            {"key": c.key, "label": c.label, "align": c.align, "css": c.classes()} for c in columns
        ],
    }
    if len(orders) > most:
        table["all"] = {
            "label": _("All orders"),
            "url": f"{reverse('orders')}?customer={customer.code}",
        }
    return table


def customer_figures(actor: Actor, customer: Customer) -> list[dict[str, str]]:
    """Revenue, profit and coverage of a customer, per currency."""
    figures = []
    for sums in sums_by_currency(counted_lines(actor).filter(customer=customer)):
        figures.append({"label": _("Revenue"), "value": money_text(sums.revenue, sums.currency)})
        if may_see_cost(actor):
            figures.append(
                {
                    "label": _("Profit"),
                    "value": money_text(sums.profit, sums.currency) if sums.covered else "—",
                    "hint": _("cost known for %(share)s of revenue")
                    % {"share": percent(sums.coverage)},
                }
            )
    return figures


def _customer_tab(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The tab of orders on a customer's page."""
    actor = actor_of(request)
    table = customer_orders_table(actor, customer)
    if actor.can(ORDER.key, "add"):
        table["action"] = {
            "label": _("New order"),
            "url": f"{reverse('order-new')}?customer={customer.code}",
            "icon": "plus",
        }
    return {"figures": customer_figures(actor, customer), "tables": [table]}


def _customer_count(actor: Actor, customer: Customer) -> str:
    number = SalesOrder.objects.for_user(actor).filter(customer=customer)[:1000].count()
    return "" if not number else f"{number}" if number < 1000 else "999+"


register_tab(
    Tab(
        "orders",
        gettext_lazy("Sales orders"),
        30,
        _customer_tab,
        permission="sales.order.view",
        count=_customer_count,
    )
)


def _found(actor: Actor, text: str, most: int) -> list[dict[str, Any]]:
    """Orders whose number begins with the text, for the search of everything.

    A text without a digit or Latin letter begins no number, and is not looked for.
    """
    if not any(char.isascii() and char.isalnum() for char in text):
        return []
    rows: QuerySet[Any] = (
        SalesOrder.objects.for_user(actor)
        .select_related("customer")
        .annotate(customer_seen=customer_seen(actor))
        .filter(number__istartswith=text.strip())
        .only("number", "ordered_on", "customer__code", "customer__name", "customer__short_name")
        .order_by("-ordered_on", "-pk")[:most]
    )
    return [
        {
            "url": order_url(order.pk),
            "title": order.number,
            "hint": f"{customer_label(order.customer, order.customer_seen)} · {display_value(Kind.DATE, order.ordered_on)}",
        }
        for order in rows
    ]


register_search(
    SearchSource(
        "orders",
        gettext_lazy("Sales orders"),
        30,
        _found,
        permission="sales.order.view",
        all_url=lambda text: f"{reverse('orders')}?{urlencode({'q': text})}",
    )
)


def _tiles(actor: Actor) -> list[dict[str, Any]]:
    """This month's revenue of what the reader sees, in the currency most used."""
    if not actor.can(ORDER.key, "view"):
        return []
    first = timezone.localdate().replace(day=1)
    sums = revenue_by_currency(counted_lines(actor).filter(ordered_on__gte=first))
    currency, revenue = sums[0] if sums else (DEFAULT_CURRENCY, Decimal(0))
    query = urlencode({"ordered_from": first.isoformat(), "currency": currency})
    return [
        {
            "label": _("Revenue this month"),
            "value": money_text(revenue, currency),
            "url": f"{reverse('order-lines')}?{query}",
            "hint": ", ".join(money_text(other, code) for code, other in sums[1:]),
        }
    ]


register_tiles("orders", _tiles)

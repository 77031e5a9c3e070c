"""Pages of sales orders: list, lines, detail; and what customers' pages show of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dossier.catalog.fields import may_see_cost
from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind, Surface, display, display_value
from dossier.core.money import DEFAULT_CURRENCY
from dossier.core.navigation import CreateLink, NavItem, create_link, nav
from dossier.core.screens.lists import Cell, Column, Filter, ListScreen
from dossier.core.screens.lookups import get_lookup
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import money_text
from dossier.customers.models import Customer
from dossier.customers.registries import (
    SearchSource,
    Tab,
    register_search,
    register_tab,
    register_tiles,
)
from dossier.customers.selectors import (
    Cursor,
    TimelineEvent,
    earlier,
    event_key,
    register_timeline,
)
from dossier.customers.selectors import search as search_customers
from dossier.sales.access import ORDER
from dossier.sales.fields import COST_FIELDS, LINE_FIELDS, ORDER_FIELDS
from dossier.sales.filters import (
    by_customer,
    by_salesperson,
    currency_choices,
    customer_named,
    line_filters,
    salesperson_named,
)
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.selectors import (
    Sums,
    counted_lines,
    customer_label,
    customer_seen,
    lines_of,
    of_customer,
    orders_with_totals,
    sums_by_currency,
)
from dossier.sales.services import may_change
from dossier.sales.states import OrderSource, OrderStatus

STATUS_COLORS = {OrderStatus.RECORDED: "green", OrderStatus.VOID: "red"}
_BELOW_ALL = Decimal(-(10**17))
_NUMBERS = (Kind.MONEY, Kind.NUMBER)


def order_url(order_id: int) -> str:
    """Where an order is."""
    return reverse("order", args=[order_id])


def customer_url(customer_id: int) -> str:
    """Where a customer's file is."""
    return reverse("customer", args=[customer_id])


def _customer_cell(row: Any) -> Cell:
    cell: Cell = {"text": customer_label(row.customer, row.customer_seen)}
    if row.customer_seen:
        cell["url"] = customer_url(row.customer_id)
    return cell


def percent(share: Decimal | None) -> str:
    """A share as a percentage with one decimal; never rounded up to the whole."""
    if share is None:
        return "—"
    per_mille = int(share * 1000) if 0 <= share < 1 else round(share * 1000)
    return f"{Decimal(per_mille) / 10}%"


# -- the list of orders ---------------------------------------------------------------------------------

_ORDER_HEADS = {spec.name: spec for spec in ORDER_FIELDS}


def _order_columns(actor: Actor) -> list[Column]:
    def head(name: str) -> str:
        return _ORDER_HEADS[name].title(SalesOrder)

    return [
        Column("number", head("number"), lambda o: str(o.number), sort="number"),
        Column(
            "ordered_on",
            head("ordered_on"),
            lambda o: display_value(Kind.DATE, o.ordered_on),
            sort="ordered_on",
        ),
        Column("customer", head("customer"), _customer_cell),
        Column("salesperson", head("salesperson"), lambda o: str(o.salesperson or "")),
        Column("line_count", _("Lines"), lambda o: str(o.line_count or 0), align="end"),
        Column("total", _("Total"), lambda o: money_text(o.total or 0, o.currency), align="end"),
        Column("currency", head("currency"), lambda o: str(o.currency), default=False),
        Column("source", head("source"), lambda o: str(o.get_source_display()), default=False),
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
            {"label": _("All lines"), "url": reverse("order-lines"), "icon": "list-details"}
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
        Filter(
            "customer",
            gettext_lazy("Customer"),
            "ref",
            named=customer_named,
            lookup_url=lambda: get_lookup("customer").url(),
            apply=by_customer(actor),
        ),
        Filter(
            "salesperson",
            gettext_lazy("Salesperson"),
            "ref",
            named=salesperson_named,
            lookup_url=lambda: get_lookup("employee").url(),
            apply=by_salesperson(actor),
        ),
        Filter("currency", gettext_lazy("Currency"), "choice", options=currency_choices),
        Filter(
            "source", gettext_lazy("Order source"), "choice", options=lambda a: OrderSource.choices
        ),
    )


def _search_orders(actor: Actor) -> Any:
    """By order number, or by a customer that the actor may see."""

    def search(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        found = search_customers(Customer.objects.for_user(actor), text)
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
        columns=_order_columns(actor),
        row_url=lambda o: order_url(o.pk),
        default_sort="-ordered_on",
        search=_search_orders(actor),
        search_placeholder=_("Order number or customer"),
        filters=_order_filters(actor),
        head=_order_head,
        row_css=lambda o: "cancelled" if o.status == OrderStatus.VOID else "",
    )


@page("sales.order.view")
@require_http_methods(["GET", "HEAD"])
def order_list(request: HttpRequest) -> HttpResponse:
    """All orders."""
    return order_list_screen(actor_of(request)).view(request)


# -- the list of lines: behind every figure of a report ---------------------------------------------------


def _line_cell(spec: FieldSpec, line: Any) -> str | Cell:
    if spec.name == "customer":
        return _customer_cell(line)
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


def line_specs(actor: Actor) -> list[FieldSpec]:
    """The fields of lines this actor may see."""
    costs = may_see_cost(actor)
    return [spec for spec in LINE_FIELDS if costs or spec.name not in COST_FIELDS]


def _line_columns(actor: Actor) -> list[Column]:
    columns = [
        Column(
            "number",
            _("Order number"),
            lambda line: {"text": line.order.number, "url": order_url(line.order_id)},
        )
    ]
    for spec in line_specs(actor):
        if not spec.on(Surface.LIST):
            continue
        number = spec.kind in _NUMBERS
        columns.append(
            Column(
                spec.name,
                spec.title(SalesOrderLine),
                lambda line, spec=spec: _line_cell(spec, line),  # type: ignore[misc] # the loop's own spec
                align="end" if number else "start",
                sort=spec.name if spec.sort else "",
                nulls=_BELOW_ALL if number else None,
                default=spec.default_column,
            )
        )
    return columns


def _line_rows(actor: Actor) -> QuerySet[Any]:
    rows = counted_lines(actor).select_related("order", "customer", "salesperson", "product")
    annotated: QuerySet[Any] = rows.annotate(customer_seen=customer_seen(actor))
    return annotated


def line_list_screen(actor: Actor) -> ListScreen:
    """The list of order lines for this actor; its filters are those of the reports."""
    return ListScreen(
        key="order-lines",
        title=_("Order lines"),
        icon="list-details",
        rows=_line_rows,
        columns=_line_columns(actor),
        row_url=lambda line: order_url(line.order_id),
        default_sort="-ordered_on",
        filters=line_filters(actor),
        search=lambda rows, text: rows.filter(
            Q(order__number__icontains=text) | Q(product__search_text__contains=text.lower())
        ),
        search_placeholder=_("Order number or product"),
    )


@page("sales.order.view")
@require_http_methods(["GET", "HEAD"])
def line_list(request: HttpRequest) -> HttpResponse:
    """Order lines with their sums; what is void is not among them."""
    screen = line_list_screen(actor_of(request))
    rows, _states, _chips, _q = screen.narrowed(request)
    sums = sums_by_currency(rows)
    columns = screen.chosen_columns(request)
    subtitle = " · ".join(_sums_text(one, may_see_cost(actor_of(request))) for one in sums)
    shown = replace(screen, head=lambda request: {"subtitle": subtitle})
    totals = _line_totals(rows, columns) if len(sums) == 1 else None
    return shown.view(
        request,
        totals=totals,
        breadcrumbs=[
            {"label": _("Sales orders"), "url": reverse("orders")},
            {"label": _("Order lines")},
        ],
    )


def _sums_text(sums: Sums, costs: bool) -> str:
    text = _("Revenue %(amount)s") % {"amount": money_text(sums.revenue, sums.currency)}
    if costs:
        text += _(", profit %(amount)s, cost known for %(share)s of revenue") % {
            "amount": money_text(sums.profit, sums.currency),
            "share": percent(sums.coverage),
        }
    return text


def _line_totals(rows: QuerySet[Any], columns: list[Column]) -> list[dict[str, str]]:
    """The foot of the table: sums of the lines of one currency."""
    summed = {"quantity", "amount", "cost", "other_cost", "profit"} & {c.key for c in columns}
    found = (
        rows.order_by().aggregate(**{f"sum_{name}": Sum(name) for name in summed}) if summed else {}
    )
    cells = []
    for position, column in enumerate(columns):
        text = _("Total") if position == 0 else ""
        if column.key in summed:
            value = found[f"sum_{column.key}"]
            kind = Kind.NUMBER if column.key == "quantity" else Kind.MONEY
            text = "—" if value is None else display_value(kind, value)
        cells.append({"text": text, "css": column.classes()})
    return cells


# -- one order --------------------------------------------------------------------------------------------


@page("sales.order.view")
@require_http_methods(["GET", "HEAD"])
def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with the lines the reader may see; the sums are those of the lines shown."""
    actor = actor_of(request)
    order = orders_with_totals(actor).reachable(actor, pk)  # type: ignore[attr-defined] # a ScopedQuerySet
    lines = list(lines_of(actor, order.pk))
    costs = may_see_cost(actor)
    change = may_change(actor, order)
    actions: list[dict[str, Any]] = []
    if change and order.status != OrderStatus.VOID:
        actions = [
            {
                "label": _("Edit"),
                "url": reverse("order-edit", args=[pk]),
                "icon": "pencil",
                "key": "edit",
                "primary": True,
            },
            {
                "label": _("Declare void"),
                "url": reverse("order-void", args=[pk]),
                "icon": "ban",
                "danger": True,
            },
        ]
    more = []
    if actor.can(ORDER.key, "add") and order.customer_seen:
        more.append(
            {
                "label": _("Copy as a new order"),
                "url": f"{reverse('order-new')}?copy={pk}",
                "icon": "copy",
            }
        )
    notices = []
    if order.status == OrderStatus.VOID:
        notices.append(
            {
                "level": "warning",
                "icon": "ban",
                "text": _("This order is void and counts nowhere: %(reason)s")
                % {"reason": order.void_reason},
            }
        )
    return render(
        request,
        "screens/detail.html",
        {
            "detail": {
                "title": customer_label(order.customer, order.customer_seen),
                "code": order.number,
                "badges": [
                    {"text": order.get_status_display(), "color": STATUS_COLORS[order.status]}
                ],
                "subtitle": display_value(Kind.DATE, order.ordered_on),
                "actions": actions,
                "more_actions": more,
                "notices": notices,
            },
            "breadcrumbs": [
                {"label": _("Sales orders"), "url": reverse("orders")},
                {"label": order.number},
            ],
            "figures": _order_figures(order, lines, costs),
            "facts": [{"title": "", "items": _order_facts(order)}],
            "tables": [_lines_table(order, lines, costs)],
        },
    )


def _order_facts(order: Any) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = []
    for spec in ORDER_FIELDS:
        if not spec.on(Surface.DETAIL) or spec.name in ("number", "status"):
            continue
        fact: dict[str, Any] = {"label": spec.title(SalesOrder), "wide": spec.wide}
        if spec.name == "customer":
            fact |= _customer_cell(order)
            fact["value"] = (
                f"{order.customer.code} {fact.pop('text')}"
                if order.customer_seen
                else fact.pop("text")
            )
        else:
            fact["value"] = display(spec, order)
        facts.append(fact)
    return facts


def _order_figures(order: Any, lines: list[Any], costs: bool) -> list[dict[str, str]]:
    revenue = sum((line.amount for line in lines), Decimal(0))
    figures = [{"label": _("Total"), "value": money_text(revenue, order.currency)}]
    if costs and lines:
        known = [line for line in lines if line.cost is not None]
        profit = sum((line.profit for line in known), Decimal(0))
        covered = sum((line.amount for line in known), Decimal(0))
        figure = {
            "label": _("Profit"),
            "value": money_text(profit, order.currency) if known else "—",
        }
        if len(known) < len(lines):
            figure["hint"] = _("cost known for %(share)s of revenue") % {
                "share": percent(covered / revenue if revenue else None)
            }
        figures.append(figure)
    return figures


_DETAIL_COLUMNS = (
    "product",
    "quantity",
    "unit_price",
    "discount_factor",
    "amount",
    "cost",
    "other_cost",
    "profit",
    "salesperson",
)


def _lines_table(order: Any, lines: list[Any], costs: bool) -> dict[str, Any]:
    """The lines with their sums, as the detail page's table."""
    specs = {spec.name: spec for spec in LINE_FIELDS}
    names = [name for name in _DETAIL_COLUMNS if costs or name not in COST_FIELDS]
    if all(line.discount_factor == 1 for line in lines):
        names.remove("discount_factor")
    if all(line.salesperson_id == order.salesperson_id for line in lines):
        names.remove("salesperson")
    if "other_cost" in names and not any(line.other_cost for line in lines):
        names.remove("other_cost")
    ends = {name: specs[name].kind in _NUMBERS for name in names}
    css = {name: "text-end num" if ends[name] else "" for name in names}
    totals = []
    for position, name in enumerate(names):
        text = _("Total") if position == 0 else ""
        if name in ("quantity", "amount", "cost", "other_cost", "profit"):
            values = [getattr(line, name) for line in lines if getattr(line, name) is not None]
            kind = Kind.NUMBER if name == "quantity" else Kind.MONEY
            text = display_value(kind, sum(values, Decimal(0))) if values else "—"
        totals.append({"text": text, "css": css[name]})
    return {
        "id": "lines",
        "title": _("Lines"),
        "count": len(lines),
        "columns": [
            {
                "key": n,
                "label": specs[n].title(SalesOrderLine),
                "align": "end" if ends[n] else "start",
                "css": css[n],
            }
            for n in names
        ],
        "rows": [
            {"cells": [_detail_cell(specs[n], line, css[n]) for n in names]} for line in lines
        ],
        "totals": totals if len(lines) > 1 else None,
        "empty_title": _("No lines"),
    }


def _detail_cell(spec: FieldSpec, line: Any, css: str) -> Cell:
    made = _line_cell(spec, line)
    cell: Cell = dict(made) if isinstance(made, dict) else {"text": made}
    if spec.name == "amount":
        cell["text"] = money_text(line.amount)
    return cell | {"css": css}


# -- on the customer's page ---------------------------------------------------------------------------------

_TIMELINE = "order"


def _order_events(
    actor: Actor, customer: Customer, before: Cursor | None, limit: int
) -> list[TimelineEvent]:
    """The customer's orders on its time line, at the time they were recorded."""
    rows = (
        orders_with_totals(actor)
        .filter(customer=customer)
        .filter(earlier(before, _TIMELINE, at="created_at", pk="pk"))
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
    columns = [c for c in _order_columns(actor) if c.default and c.key != "customer"]
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
        table["action"] = {
            "label": _("All orders"),
            "url": f"{reverse('orders')}?customer={customer.code}",
            "icon": "list",
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
    if actor.can(ORDER.key, "add") and "action" not in table:
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
    """Orders whose number begins with the text, for the search of everything."""
    rows = (
        orders_with_totals(actor)
        .filter(number__istartswith=text.strip())
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
    sums = sums_by_currency(counted_lines(actor).filter(ordered_on__gte=first))
    query = urlencode(
        {
            "ordered_from": first.isoformat(),
            "currency": sums[0].currency if sums else DEFAULT_CURRENCY,
        }
    )
    return [
        {
            "label": _("Revenue this month"),
            "value": money_text(sums[0].revenue, sums[0].currency)
            if sums
            else money_text(0, DEFAULT_CURRENCY),
            "url": f"{reverse('order-lines')}?{query}",
            "hint": ", ".join(money_text(other.revenue, other.currency) for other in sums[1:]),
        }
    ]


register_tiles("orders", _tiles)
nav(
    NavItem(
        "orders",
        gettext_lazy("Sales orders"),
        "receipt",
        order=30,
        key="o",
        permission="sales.order.view",
        prefix="/orders/",
    )
)
create_link(
    CreateLink(
        "order-new", gettext_lazy("Sales order"), "receipt", order=20, permission="sales.order.add"
    )
)

"""One order with its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dossier.catalog.fields import may_see_cost
from dossier.core.fields import FieldSpec, Kind, Surface, display, display_value
from dossier.core.screens.lists import Cell
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import money_text
from dossier.people.who_sees import menu_item
from dossier.sales.access import ORDER
from dossier.sales.fields import COST_FIELDS, LINE_FIELDS, ORDER_FIELDS
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.screens.shared import NUMBERS, STATUS_COLORS, customer_cell, line_cell, percent
from dossier.sales.selectors import customer_label, lines_of, orders_with_totals
from dossier.sales.services import may_change
from dossier.sales.states import OrderStatus


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
    more.append(menu_item("order", order))
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
            fact |= customer_cell(order)
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
    ends = {name: specs[name].kind in NUMBERS for name in names}
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
    made = line_cell(spec, line)
    cell: Cell = dict(made) if isinstance(made, dict) else {"text": made}
    if spec.name == "amount":
        cell["text"] = money_text(line.amount)
    return cell | {"css": css}

"""The list of order lines: behind every figure of a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dossier.catalog.fields import may_see_cost
from dossier.catalog.models import Product
from dossier.catalog.selectors import search_products
from dossier.core.access import Actor
from dossier.core.exporting.declarations import Exportable, exportable, stored_value
from dossier.core.fields import FieldSpec, Kind, Surface, display_value
from dossier.core.screens.lists import COUNT_CAP, Column, ListScreen
from dossier.core.screens.lists.addresses import address
from dossier.core.screens.requests import actor_of, page, text_parameter
from dossier.core.templatetags.look import money_text
from dossier.sales.access import ORDER
from dossier.sales.fields import COST_FIELDS, LINE_FIELDS
from dossier.sales.filters import line_filters
from dossier.sales.models import SalesOrderLine
from dossier.sales.screens.shared import (
    BELOW_ALL,
    CUSTOMER_READ,
    NUMBERS,
    line_cell,
    order_url,
    percent,
)
from dossier.sales.selectors import Sums, counted_lines, credited, customer_seen, sums_by_currency

_READS = {
    "customer": CUSTOMER_READ,
    "salesperson": ("salesperson__name",),
    "product": ("product__code", "product__name", "product_text"),
}
"""What the cell of a column reads where it is more than its own field."""
_SUMMED = frozenset({"quantity", "amount", "cost", "other_cost", "profit"})


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
            reads=("order__number",),
        )
    ]
    for spec in line_specs(actor):
        if not spec.on(Surface.LIST):
            continue
        number = spec.kind in NUMBERS
        columns.append(
            Column(
                spec.name,
                spec.title(SalesOrderLine),
                lambda line, spec=spec: line_cell(spec, line),  # type: ignore[misc] # the loop's own spec
                align="end" if number else "start",
                sort=spec.name if spec.sort else "",
                nulls=BELOW_ALL if number else None,
                default=spec.default_column,
                out=(lambda line, spec=spec: stored_value(spec, line))  # type: ignore[misc] # the loop's own spec
                if number or spec.kind is Kind.DATE
                else None,
                reads=_READS.get(spec.name, (spec.name,)),
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
            Q(order__number__icontains=text)
            | Q(product_id__in=search_products(Product.objects.order_by(), text).values("pk"))
        ),
        search_placeholder=_("Order number or product"),
        reads=("order_id", "currency"),
        surely=credited,
    )


exportable(
    Exportable(
        key="order-lines", kind=ORDER.key, needs=f"{ORDER.key}.view", screen=line_list_screen
    )
)


@page("sales.order.view")
@require_http_methods(["GET", "HEAD"])
def line_list(request: HttpRequest) -> HttpResponse:
    """Order lines with their sums; what is void is not among them."""
    actor = actor_of(request)
    screen = line_list_screen(actor)
    columns = screen.chosen_columns(request)
    sums = _sums(request, screen, columns)
    totals: list[dict[str, str]] | None
    if sums is None:
        subtitle, totals = "", _way_to_sums(request, columns)
    else:
        subtitle = " · ".join(_sums_text(one, may_see_cost(actor)) for one in sums)
        totals = _line_totals(sums[0], columns) if len(sums) == 1 else None
    return replace(screen, head=lambda _request: {"subtitle": subtitle}).view(
        request,
        totals=totals,
        breadcrumbs=[
            {"label": _("Sales orders"), "url": reverse("orders")},
            {"label": _("Order lines")},
        ],
    )


def _sums(request: HttpRequest, screen: ListScreen, columns: list[Column]) -> list[Sums] | None:
    """The sums of the lines listed, by currency; None where they are only made when asked for.

    Adding up reads every line: half a second of a million. So lines that nobody narrowed down are added up
    where they are few or where the address says so; behind a figure of a report they always are.
    """
    rows, _states, chips, q = screen.narrowed(request)
    also = _SUMMED & {column.key for column in columns}
    if q or chips or text_parameter(request, "sums", longest=1):
        return sums_by_currency(rows, also=also)
    mine = credited(actor_of(request))
    if mine is not None and rows.filter(mine).order_by()[: COUNT_CAP + 1].count() > COUNT_CAP:
        return None
    some = sums_by_currency(rows, also=also, most=COUNT_CAP)
    return some if sum(one.lines for one in some) <= COUNT_CAP else None


def _sums_text(sums: Sums, costs: bool) -> str:
    text = _("Revenue %(amount)s") % {"amount": money_text(sums.revenue, sums.currency)}
    if costs:
        text += _(", profit %(amount)s, cost known for %(share)s of revenue") % {
            "amount": money_text(sums.profit, sums.currency),
            "share": percent(sums.coverage),
        }
    return text


def _way_to_sums(request: HttpRequest, columns: list[Column]) -> list[dict[str, str]]:
    """The foot of the table in place of sums that nobody asked for yet."""
    link = format_html('<a href="{}">{}</a>', address(request, sums="1"), _("Add up all lines"))
    return [
        {"text": link if place == 0 else "", "css": column.classes()}
        for place, column in enumerate(columns)
    ]


def _line_totals(sums: Sums, columns: list[Column]) -> list[dict[str, str]]:
    """The foot of the table: sums of the lines of one currency."""
    cells = []
    for position, column in enumerate(columns):
        text = _("Total") if position == 0 else ""
        if column.key in sums.totals:
            value = sums.totals[column.key]
            kind = Kind.NUMBER if column.key == "quantity" else Kind.MONEY
            text = "—" if value is None else display_value(kind, value)
        cells.append({"text": text, "css": column.classes()})
    return cells

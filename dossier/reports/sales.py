"""The sales report: sales and profit by any two dimensions (REP-1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dossier.reports import members
from dossier.reports.declarations import (
    CountOf,
    Dimension,
    Measure,
    MeasureKind,
    Share,
    Source,
    Total,
)
from dossier.reports.registry import Report, report
from dossier.sales.selectors import territory_of_regions

MONEY, QUANTITY, COUNT, RATIO = MeasureKind


@report
class SalesReport(Report):
    """Revenue, quantity, cost and profit of the recorded sales, returns taken off, void orders left out."""

    key = "sales"
    title = _("Sales and profit")
    measures = (
        Measure("revenue", _("Revenue"), MONEY, Total("amount")),
        Measure("quantity", _("Quantity"), QUANTITY, Total("quantity")),
        Measure("cost", _("Cost of goods"), MONEY, Total("cost"), needs_cost=True),
        Measure("other_cost", _("Other cost"), MONEY, Total("other_cost"), needs_cost=True),
        Measure("profit", _("Profit"), MONEY, Total("profit"), needs_cost=True),
        Measure(
            "coverage",
            _("Cost known"),
            RATIO,
            Share(Total("amount", known="cost"), Total("amount")),
            needs_cost=True,
        ),
        Measure("lines", _("Number of lines"), COUNT, CountOf()),
        Measure("orders", _("Number of orders"), COUNT, CountOf(distinct="order_id")),
        Measure("customers", _("Number of customers"), COUNT, CountOf(distinct="customer_id")),
    )
    dimensions = (
        Dimension("month", _("Month"), Source.MONTH, members.months, is_time=True),
        Dimension("quarter", _("Quarter"), Source.QUARTER, members.quarters, is_time=True),
        Dimension("year", _("Year"), Source.YEAR, members.years, is_time=True),
        Dimension(
            "customer", _("Customer"), Source.CUSTOMER, members.customers, "customer", many=True
        ),
        Dimension(
            "salesperson", _("Salesperson"), Source.SALESPERSON, members.salespeople, "salesperson"
        ),
        Dimension("team", _("Team"), Source.TEAM, members.teams, "team"),
        Dimension(
            "territory",
            _("Territory"),
            Source.REGION,
            members.territories,
            "territory",
            merge=territory_of_regions,
        ),
        Dimension("product", _("Product"), Source.PRODUCT, members.products, "product", many=True),
        Dimension("class", _("Product class"), Source.CLASS, members.classes, "class"),
        Dimension("family", _("Product family"), Source.FAMILY, members.families, "family"),
        Dimension("industry", _("Industry"), Source.INDUSTRY, members.industries, "industry"),
    )
    first_by = ("month",)
    first_measures = ("revenue", "profit", "quantity")

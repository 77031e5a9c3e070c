"""Northwind comes in by the documented maps, and the report equals its known answers exactly."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from dossier.core.access import system_actor
from dossier.reports.sales import SalesReport  # noqa: F401 - the report is declared by its import


@pytest.fixture
def folder(shared_data):
    return shared_data / "northwind"


def test_the_report_equals_the_answers(bring, folder, tmp_path):
    answers = json.loads((folder / "answers_northwind.json").read_text(encoding="utf-8"))
    for kind, file in (
        ("employees", "employees.csv"), ("products", "products.csv"), ("customers", "customers.csv"),
        ("sales", "order_details.csv"),
    ):
        result = bring(kind, folder / file, map_name=f"northwind-{kind}")
        assert result.rejected == 0, [(row, p.text()) for row, p in result.problems][:5]
        assert result.created == answers["table_counts"][file.removesuffix(".csv")]

    def report(by):
        return figures(by, "revenue", "USD")

    total, by_year = report("year")
    assert total == Decimal(answers["net_total"]) == Decimal("1265793.0395")
    assert by_year == {key: Decimal(value) for key, value in answers["net_by_year"].items()}
    assert report("month")[1] == {key: Decimal(value) for key, value in answers["net_by_month"].items()}
    customers = report("customer")[1]
    for name, value in answers["top10_customers_net"]:
        assert customers[name.split(" ")[0]] == Decimal(value)
    families = report("family")[1]
    assert families == {name: Decimal(value) for name, value in answers["net_by_category"]}
    quantity, _rows = figures("year", "quantity", "USD")
    assert quantity == answers["sum_quantity"]


def figures(by, measure, currency):
    """Total and figures by key of a one-dimensional report."""
    from dossier.config.commands import report as command

    made = command.figures(
        actor=system_actor(), key="sales", by=[by], measures=[measure], currency=currency
    )
    rows = {row["key"][0]: Decimal(row["values"][measure]) for row in made["rows"]}
    return Decimal(made["totals"][measure]), rows

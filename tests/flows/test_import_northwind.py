"""Northwind comes in by the documented maps, and its figures are exact (AUD-4)."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.imports import decimals, import_file, scalar, sums


@pytest.fixture
def folder(shared_data):
    return shared_data / "northwind"


@pytest.fixture
def answers(folder):
    return json.loads((folder / "answers_northwind.json").read_text(encoding="utf-8"))


LINES = "sales_salesorderline l JOIN sales_salesorder o ON o.id = l.order_id"


def test_the_answers_are_met_exactly(committed_db, folder, answers, revenue):
    for kind in ("employees", "customers", "products"):
        result = import_file(kind, folder / f"{kind}.csv", map_name=f"northwind-{kind}.toml")
        assert result.status == "done" and not result.rejected, result.problems[:3]
    lines = import_file("sales", folder / "order_details.csv", map_name="northwind-sales.toml")
    assert (lines.created, lines.rejected) == (2155, 0)

    assert scalar("SELECT sum(amount) FROM sales_salesorderline") == Decimal(answers["net_total"])
    assert sums(
        f"SELECT to_char(l.ordered_on, 'YYYY'), sum(l.amount) FROM {LINES} GROUP BY 1"
    ) == decimals(answers["net_by_year"])
    assert sums(
        f"SELECT to_char(l.ordered_on, 'YYYY-MM'), sum(l.amount) FROM {LINES} GROUP BY 1"
    ) == decimals(answers["net_by_month"])
    assert sums(
        f"SELECT e.name, sum(l.amount) FROM {LINES} JOIN people_employee e ON e.id = l.salesperson_id GROUP BY 1"
    ) == decimals(dict(answers["net_by_employee"]))
    assert sums(
        f"SELECT f.name, sum(l.amount) FROM {LINES} JOIN catalog_product p ON p.id = l.product_id"
        " JOIN catalog_productfamily f ON f.id = p.family_id GROUP BY 1"
    ) == decimals(dict(answers["net_by_category"]))
    by_customer = sums(
        f"SELECT c.code || ' ' || c.name, sum(l.amount) FROM {LINES} JOIN customers_customer c ON c.id = l.customer_id"
        " GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
    )
    assert by_customer == decimals(dict(answers["top10_customers_net"]))
    assert sums("SELECT currency, count(*) FROM sales_salesorder GROUP BY 1") == {"USD": 830}
    assert (
        scalar("SELECT count(*) FROM catalog_product WHERE status = 'discontinued'")
        == answers["discontinued_products"]
    )
    assert (
        scalar(
            "SELECT s.name FROM people_employee e JOIN people_employee s ON s.id = e.supervisor_id WHERE e.name = 'Nancy Davolio'"
        )
        == "Andrew Fuller"
    )

    # and the report says the same
    total = {"total": Decimal("1265793.0395")}
    assert revenue("year", "USD") == decimals(answers["net_by_year"]) | total
    assert revenue("month", "USD") == decimals(answers["net_by_month"]) | total
    assert revenue("family", "USD") == decimals(dict(answers["net_by_category"])) | total
    people = revenue("salesperson", "USD")
    numbers = sums("SELECT name, number::int FROM people_employee")
    for name, value in answers["net_by_employee"]:
        assert people[str(numbers[name])] == Decimal(value)
    customers = revenue("customer", "USD")
    for name, value in answers["top10_customers_net"]:
        assert customers[name.split(" ")[0]] == Decimal(value)

    again = import_file("sales", folder / "order_details.csv", map_name="northwind-sales.toml")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2155)

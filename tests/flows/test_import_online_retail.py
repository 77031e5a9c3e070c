"""Half a million invoice lines of a wholesaler come in, every one, to the last decimal (AUD-4)."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.imports import decimals, import_file, scalar, sums

OPTIONS = {"create_missing": {"products", "customers"}, "unassigned": "Walk-in"}


@pytest.mark.slow
def test_every_line_counts(committed_db, shared_data, revenue):
    folder = shared_data / "online-retail-2009"
    answers = json.loads(
        (folder / "answers_online_retail_II_sheet1.json").read_text(encoding="utf-8")
    )
    file = folder / "online_retail_II_2009_2010.csv.gz"

    result = import_file("sales", file, map_name="online-retail-sales.toml", **OPTIONS)

    assert (result.rows, result.created, result.rejected) == (answers["rows"], answers["rows"], 0)
    assert scalar("SELECT sum(amount) FROM sales_salesorderline") == Decimal(
        answers["net_total_exact"]
    )
    assert sums(
        "SELECT to_char(ordered_on, 'YYYY-MM'), sum(amount) FROM sales_salesorderline GROUP BY 1"
    ) == decimals(answers["by_month_exact"])
    assert revenue("month", "GBP") == decimals(answers["by_month_exact"]) | {
        "total": Decimal("9539484.634")
    }
    walk_in = "SELECT count(*) FROM sales_salesorderline l JOIN customers_customer c ON c.id = l.customer_id WHERE c.kind = 'walk_in'"
    assert scalar(walk_in) == answers["null_customer"]
    assert sums("SELECT kind || ' ' || status, count(*) FROM customers_customer GROUP BY 1") == {
        "customer draft": answers["customers"], "walk_in active": 1,
    }  # fmt: skip
    # one code, 47503J, also stands there with a blank behind it
    assert scalar("SELECT count(*) FROM catalog_product") == answers["stock"] - 1
    assert (
        scalar(
            "SELECT count(*) FROM sales_salesorderline WHERE quantity < 0 AND amount > 0 AND unit_price > 0"
        )
        == 0
    )
    assert scalar("SELECT count(*) FROM sales_salesorderline WHERE unit_price < 0") == 3
    assert (
        scalar("SELECT count(*) FROM history_entry WHERE table_name = 'sales_salesorderline'")
        == answers["rows"]
    )

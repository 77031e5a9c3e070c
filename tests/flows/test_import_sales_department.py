"""A Chinese sales department's own untidy spreadsheets come in as their truth says (AUD-4)."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal

import pytest

from dossier.core.values import parse_date, parse_decimal
from tests.imports import found, import_file, scalar, state, sums

BUSINESS = (
    "people_employee", "people_team", "customers_customer", "customers_contact", "customers_bankaccount",
    "customers_question", "catalog_product", "sales_salesorder", "sales_salesorderline",
)  # fmt: skip
PROBLEMS = {
    "missing_contact": ("missing", "contact", "error"),
    "missing_phone": ("missing", "phone", "error"),
    "missing_name": ("missing", "name", "error"),
    "bad_tax_check_digit": ("check_digit", "tax_number", "warning"),
    "impossible_date": ("impossible_date", "filed_on", "warning"),
    "short_mobile": ("bad_mobile", "mobile", "warning"),
    "owner_left": ("not_in_post", "owner", "warning"),
}


@pytest.fixture
def folder(shared_data):
    return shared_data / "sales-department"


@pytest.fixture
def truth(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def lines_of(folder):
    with (folder / "销售流水.csv").open(encoding="gb18030", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for number, row in enumerate(rows, 2):
            yield number, parse_date(row[1]).isoformat()[:7], row[13].strip(), row[10]


def test_the_check_names_every_problem_row_and_no_other_is_refused(committed_db, folder, truth):
    import_file("employees", folder / "员工表.xlsx")
    before = state(BUSINESS)

    result = import_file("customers", folder / "客户基本信息表.xlsx", dry_run=True)

    assert result.rows == truth["customers"]["rows"]
    for kind, (code, field, severity) in PROBLEMS.items():
        assert found(result, code, field, severity) == sorted(
            truth["customers"]["problems"][kind]
        ), kind
    errors = {row for row, one in result.problems if one.severity == "error"}
    assert result.rejected == len(errors) == 138
    assert state(BUSINESS) == before

    said = result.as_json()
    assert list(said)[:9] == [
        "kind", "rows", "created", "updated", "unchanged", "rejected", "problems", "duplicates", "seconds",
    ]  # fmt: skip
    assert set(said["problems"][0]) == {"row", "field", "code", "severity", "message"}
    assert set(said["duplicates"][0]) == {"rows", "codes", "score", "reasons"}
    json.dumps(said)

    def pairs(groups):
        return {(a, b) for group in groups for a in group for b in group if a < b}

    ours = pairs([group["rows"] for group in said["duplicates"]])
    theirs = pairs(truth["customers"]["duplicate_groups"])
    assert len(ours & theirs) / len(ours) > 0.98
    assert len(ours & theirs) / len(theirs) > 0.95


def test_customers_and_lines_come_in_and_a_second_import_changes_nothing(
    committed_db, folder, truth, revenue
):
    import_file("employees", folder / "员工表.xlsx")
    customers = import_file("customers", folder / "客户基本信息表.xlsx", valid_only=True)
    assert (customers.created, customers.rejected) == (3222, 138)
    assert (
        scalar(
            "SELECT count(*) FROM customers_customer WHERE owner_id IN (SELECT id FROM people_employee WHERE status = 'left')"
        )
        == 0
    )
    assert scalar("SELECT count(DISTINCT code) FROM customers_customer") == 3222

    sales = import_file(
        "sales", folder / "销售流水.csv", valid_only=True, create_missing={"products"}
    )

    of_refused = set(found(sales, "unknown_customer"))
    mismatched = set(truth["sales"]["problems"]["amount_mismatch"])
    assert mismatched - of_refused <= set(found(sales, "amount_mismatch")) <= mismatched
    assert sales.rejected == len(of_refused | mismatched)
    assert found(sales, "missing_cost", "cost", "warning") == sorted(
        truth["sales"]["problems"]["missing_cost"]
    )

    month = {key: Decimal(value) for key, value in truth["sales"]["valid_amount_by_month"].items()}
    person = {key: Decimal(value) for key, value in truth["sales"]["valid_amount_by_rep"].items()}
    less = defaultdict(Decimal)
    for number, in_month, name, amount in lines_of(folder):
        if number in of_refused and number not in mismatched:
            month[in_month] -= parse_decimal(amount)
            person[name] -= parse_decimal(amount)
            less["all"] += parse_decimal(amount)
    assert (
        sums(
            "SELECT to_char(ordered_on, 'YYYY-MM'), sum(amount) FROM sales_salesorderline GROUP BY 1"
        )
        == month
    )
    assert (
        sums(
            "SELECT e.name, sum(l.amount) FROM sales_salesorderline l JOIN people_employee e ON e.id = l.salesperson_id GROUP BY 1"
        )
        == person
    )
    assert scalar("SELECT sum(amount) FROM sales_salesorderline") == Decimal("463764022.00")
    assert revenue("month", "CNY") == month | {"total": Decimal("463764022.00")}
    assert Decimal(truth["sales"]["valid_amount"]) - less["all"] == Decimal("463764022.00")

    before = state(BUSINESS)
    entries = scalar("SELECT count(*) FROM history_entry WHERE table_name <> 'core_importrun'")
    for kind, name, options in (
        ("employees", "员工表.xlsx", {}),
        ("customers", "客户基本信息表.xlsx", {"valid_only": True}),
        ("sales", "销售流水.csv", {"valid_only": True, "create_missing": {"products"}}),
    ):
        again = import_file(kind, folder / name, **options)
        assert (again.created, again.updated) == (0, 0), kind
        assert again.unchanged == again.rows - again.rejected
    assert state(BUSINESS) == before
    assert (
        scalar("SELECT count(*) FROM history_entry WHERE table_name <> 'core_importrun'") == entries
    )


def test_all_or_nothing_is_the_default(committed_db, folder):
    import_file("employees", folder / "员工表.xlsx")
    result = import_file("customers", folder / "客户基本信息表.xlsx")
    assert result.status == "refused"
    assert (result.created, result.rejected) == (0, 138)
    assert scalar("SELECT count(*) FROM customers_customer") == 0
    assert scalar("SELECT highest FROM core_numberscheme WHERE key = 'customer'") == 0
    assert scalar("SELECT status FROM core_importrun WHERE kind = 'customers'") == "failed"

"""A sales department's own untidy sheets come in, and what is refused is named (AUD-4, CUS-1)."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from dossier.core.models import HistoryEntry
from dossier.customers.models import Contact, Customer, Question
from dossier.people.models import Account, Employee
from dossier.sales.models import SalesOrderLine

FIELDS = {
    "missing_name": ("name", "missing", "error"),
    "missing_contact": ("contact", "missing", "error"),
    "missing_phone": ("phone", "missing", "error"),
    "bad_tax_check_digit": ("tax_number", "check_digit", "warning"),
    "impossible_date": ("filed_on", "impossible_date", "warning"),
    "short_mobile": ("mobile", "bad_mobile", "warning"),
    "owner_left": ("owner", "not_in_post", "warning"),
}


@pytest.fixture
def folder(shared_data):
    return shared_data / "sales-department"


@pytest.fixture
def truth(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def counts():
    return {
        model.__name__: model.objects.count()
        for model in (Employee, Customer, Contact, Question, SalesOrderLine, HistoryEntry)
    }


def test_employees_customers_and_sales_of_a_department(bring, folder, truth):
    people = bring("employees", folder / "员工表.xlsx")
    assert (people.created, people.rejected) == (10, 0)
    assert Account.objects.count() == 0  # an imported employee has no sign-in

    before = counts()
    checked = bring("customers", folder / "客户基本信息表.xlsx", dry_run=True)
    assert counts() == before
    named = defaultdict(set)
    for row, problem in checked.problems:
        named[(problem.field, problem.code, problem.severity)].add(row)
    for kind, place in FIELDS.items():
        assert named[place] == set(truth["customers"]["problems"][kind]), kind
    assert checked.rejected == 138

    refused = bring("customers", folder / "客户基本信息表.xlsx")  # all or nothing
    assert refused.status == "refused"
    assert Customer.objects.count() == 0

    brought = bring("customers", folder / "客户基本信息表.xlsx", valid_only=True)
    assert (brought.created, brought.rejected) == (3222, 138)
    assert Customer.objects.count() == 3222
    assert Customer.objects.get(code="000840").name  # a code that lost its zeros has them again
    before = counts()
    again = bring("customers", folder / "客户基本信息表.xlsx", valid_only=True)
    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 3222, 138)
    assert counts() == before | {"HistoryEntry": counts()["HistoryEntry"]}

    sales = bring("sales", folder / "销售流水.csv", valid_only=True, create_missing=frozenset({"products"}))
    mismatched = {row for row, p in sales.problems if p.code == "amount_mismatch"}
    without_customer = {row for row, p in sales.problems if p.code == "unknown_customer"}
    assert mismatched == set(truth["sales"]["problems"]["amount_mismatch"])
    assert sales.rejected == len(mismatched | without_customer)
    assert {row for row, p in sales.problems if p.code == "missing_cost"} >= (
        set(truth["sales"]["problems"]["missing_cost"]) - mismatched - without_customer
    )
    check_sums(folder, truth, mismatched, without_customer)
    before = counts()
    again = bring("sales", folder / "销售流水.csv", valid_only=True, create_missing=frozenset({"products"}))
    assert (again.created, again.updated) == (0, 0)
    assert counts() == before | {"HistoryEntry": counts()["HistoryEntry"]}


def check_sums(folder, truth, mismatched, without_customer):
    """What is in equals the known sums less exactly the lines of customers that were refused."""
    text = (folder / "销售流水.csv").read_bytes().decode("gb18030").splitlines()
    head = text[0].split(",")
    by_month = {month: Decimal(amount) for month, amount in truth["sales"]["valid_amount_by_month"].items()}
    by_person = {name: Decimal(amount) for name, amount in truth["sales"]["valid_amount_by_rep"].items()}
    for row in without_customer - mismatched:
        line = dict(zip(head, text[row - 1].split(","), strict=True))
        month = line["日期"].replace("/", "-")[:7]
        by_month[month] -= Decimal(line["金额"])
        by_person[line["业务员"]] -= Decimal(line["金额"])
    months = SalesOrderLine.objects.annotate(month=TruncMonth("ordered_on")).values_list("month")
    assert {f"{month:%Y-%m}": total for month, total in months.annotate(Sum("amount")).order_by()} == by_month
    people = SalesOrderLine.objects.values_list("salesperson__name").annotate(Sum("amount")).order_by()
    assert dict(people) == by_person
    total = SalesOrderLine.objects.aggregate(total=Sum("amount"))["total"]
    assert total == Decimal("463764022.00")

"""Employees and products from sheets (AUD-4, ORG-1, ORD-1)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dossier.catalog.models import Product
from dossier.people.models import Account, Employee, Team
from tests.factories import make_customer
from tests.imports import found, import_file, sheet

pytestmark = pytest.mark.usefixtures("committed_db")

PEOPLE = ["工号", "姓名", "部门", "职务", "直接主管", "状态", "入职日期", "离职日期", "手机"]
GOODS = ["产品编码", "产品名称", "规格", "类别", "产品系列", "成本", "售价", "税率", "停产"]


def people(*rows):
    return import_file("employees", sheet(PEOPLE, *rows))


def test_employees_with_teams_supervisors_and_leaders():
    result = people(
        ["E003", "张伟", "销售一部", "销售员", "李明", "在职", "2018-03-03", "", "13387905856"],
        ["E001", "李明", "销售一部", "主管", "", "在职", "2018年3月1日", "", "18492555982"],
        ["E009", "孙强", "销售一部", "主管", "E001", "离职", "20180309", "2024.6.30", ""],
    )
    assert (result.created, result.problems) == (3, [])
    team = Team.objects.get()
    leader = Employee.objects.get(number="E001")
    assert (team.name, team.leader) == ("销售一部", leader)
    assert Employee.objects.get(name="张伟").supervisor == leader
    left = Employee.objects.get(name="孙强")
    assert (left.status, left.supervisor, left.left_on.isoformat()) == (
        "left",
        leader,
        "2024-06-30",
    )
    assert not Account.objects.exists()


def test_a_second_sheet_changes_what_it_gives():
    people(["E001", "李明", "销售一部", "主管", "", "在职", "2018-03-01", "", ""])
    result = people(["E001", "李明", "销售二部", "", "", "", "", "", "18492555982"])
    assert (result.created, result.updated) == (0, 1)
    employee = Employee.objects.get()
    assert (employee.team.name, employee.position, employee.mobile) == (
        "销售二部",
        "主管",
        "18492555982",
    )


def test_problems_of_employees_are_named():
    result = people(
        ["E001", "", "", "", "", "", "", "", ""], ["E002", "甲", "", "", "乙某", "", "", "", "123"],
        ["E002", "丙", "", "", "", "", "", "", ""], ["E003", "丁", "", "", "", "", "2020-01-01", "2019-01-01", ""],
    )  # fmt: skip
    assert found(result, "missing", "name", "error") == [2]
    assert found(result, "duplicate_number", "number", "error") == [4]
    assert found(result, "left_before_hired", "left_on", "error") == [5]
    assert not Employee.objects.exists()


def test_nobody_leaves_by_a_sheet_who_still_holds_customers():
    people(["E001", "李明", "", "", "", "在职", "", "", ""])
    make_customer(owner=Employee.objects.get())
    result = people(["E001", "李明", "", "", "", "离职", "", "2024-06-30", ""])
    assert found(result, "holds_records", "status", "warning") == [2]
    assert Employee.objects.get().in_post


def test_products_with_families_and_rates():
    result = import_file(
        "products",
        sheet(
            GOODS, ["85123A", "灯", "中", "A", "家居", "￥1,200.00", "1.2万", "13%", "否"],
            ["85123a", "另一种灯", "", "b类", "家居", "", "3.5", "0.06", "是"],
            ["P3", "坏的", "", "Z", "", "-1", "abc", "13", ""],
        ),
    )  # fmt: skip
    assert (result.created, result.rejected) == (3, 0)
    lamp, other, bad = Product.objects.order_by("id")
    assert (lamp.cost, lamp.list_price, lamp.tax_rate) == (
        Decimal(1200),
        Decimal(12000),
        Decimal("0.13"),
    )
    assert (lamp.family, other.status, other.product_class) == (other.family, "discontinued", "B")
    assert (bad.cost, bad.list_price, bad.tax_rate) == (None, None, Decimal("0.13"))
    assert found(result, "bad_choice", "product_class") == found(result, "negative", "cost") == [4]
    again = import_file("products", sheet(GOODS, ["85123A", "灯", "", "", "", "1300", "", "", ""]))
    assert (again.created, again.updated) == (0, 1)
    lamp.refresh_from_db()
    assert (lamp.cost, lamp.list_price) == (Decimal(1300), Decimal(12000))

"""A whole import is taken back; what was changed or built upon since stays (AUD-4)."""

from __future__ import annotations

import pytest

from dossier.catalog.models import Product
from dossier.core.errors import NotFound, Refusal
from dossier.core.imports.undo import undo_run
from dossier.core.models import HistoryTransaction, ImportRun
from dossier.customers.models import BankAccount, Contact, Customer, Question
from dossier.people.models import Employee, Team
from dossier.sales.models import SalesOrder, SalesOrderLine
from tests.factories import actor_of_role, make_customer, make_order
from tests.imports import import_file, sheet

pytestmark = pytest.mark.usefixtures("committed_db")

HEADER = ["客户编号", "公司名称", "联系人", "联系电话", "开户银行", "账号", "建档日期"]
LINES = ["单号", "日期", "客户编码", "产品编码", "产品", "数量", "单价"]


def values():
    """Every value of the customers, their versions aside."""
    return {
        model: list(
            model.objects.order_by("id").values_list(
                *(
                    f.attname
                    for f in model._meta.concrete_fields
                    if f.name not in ("version", "updated_at")
                )
            )
        )
        for model in (Customer, Contact, BankAccount, Question)
    }


def customers(*rows):
    return import_file("customers", sheet(HEADER, *rows))


@pytest.fixture
def keeper(committed_db):
    return actor_of_role("customer_information_administrator")


def test_everything_goes_and_can_come_again(keeper):
    rows = [
        ["1", "甲厂", "王", "010-70000000", "工行", "62", "2023-02-30"],
        ["2", "乙厂", "李", "010-70000001", "", "", ""],
    ]
    first = customers(*rows)
    done = undo_run(actor=keeper, run_id=first.run)
    assert (done.deleted, done.kept) == (2, [])
    assert not any(model.objects.exists() for model in (Customer, Contact, BankAccount, Question))
    assert ImportRun.objects.get(pk=first.run).status == "undone"
    assert HistoryTransaction.objects.filter(
        context__undo_of_import=first.run, context__login=keeper.login
    ).exists()
    with pytest.raises(Refusal):
        undo_run(actor=keeper, run_id=first.run)
    assert customers(*rows).created == 2


def test_earlier_values_come_back(keeper):
    customers(["1", "甲厂", "王", "010-70000000", "工行", "62", ""])
    before = values()
    second = customers(["1", "甲厂", "李", "010-70000009", "工行", "63", "2024-01-01"])
    assert second.updated == 1
    assert values() != before

    done = undo_run(actor=keeper, run_id=second.run)

    assert (done.restored, done.kept) == (1, [])
    assert values() == before


def test_what_was_changed_since_stays_and_is_listed(keeper):
    first = customers(
        ["1", "甲厂", "王", "010-70000000", "", "", ""], ["2", "乙厂", "李", "010-70000001", "", "", ""],
        ["3", "丙厂", "赵", "010-70000002", "", "", ""], ["4", "丁厂", "钱", "010-70000003", "", "", ""],
    )  # fmt: skip
    Customer.objects.filter(name="乙厂").update(remark="电话核实")
    make_order(Customer.objects.get(name="丙厂"))
    Contact.objects.filter(customer__name="丁厂").update(post="经理")

    done = undo_run(actor=keeper, run_id=first.run)

    assert done.deleted == 1
    assert {(one.title, one.reason) for one in done.kept} == {
        ("乙厂", "changed since"), ("丙厂", "other records refer to it"), ("丁厂", "changed since"),
    }  # fmt: skip
    assert set(Customer.objects.values_list("name", flat=True)) == {"乙厂", "丙厂", "丁厂"}
    assert Contact.objects.count() == 3
    again = customers(["2", "乙厂", "李", "010-70000001", "", "", ""])
    assert again.unchanged == 1  # it is still known


def test_lines_take_their_orders_products_and_drafts_along(keeper):
    mine = make_customer("老客户", code="000009")
    result = import_file(
        "sales",
        sheet(
            LINES,
            ["S1", "2024-01-01", "000001", "P1", "灯", "1", "5"],
            ["S2", "2024-01-01", "9", "P2", "伞", "1", "5"],
        ),
        create_missing={"products", "customers"},
    )
    make_order(mine, lines=[{"product": Product.objects.get(code="P2")}])
    done = undo_run(actor=keeper, run_id=result.run)
    assert not SalesOrderLine.objects.filter(order__source="imported").exists()
    assert not SalesOrder.objects.filter(source="imported").exists()
    assert list(Customer.objects.values_list("code", flat=True)) == ["000009"]
    assert [one.title for one in done.kept] == ["伞"]


def test_employees_and_their_teams(keeper):
    result = import_file(
        "employees",
        sheet(
            ["工号", "姓名", "部门", "职务", "上级"],
            ["1", "甲", "一部", "主管", ""],
            ["2", "乙", "一部", "", "甲"],
        ),
    )
    make_customer(owner=Employee.objects.get(name="乙"))
    done = undo_run(actor=keeper, run_id=result.run)
    assert {one.title for one in done.kept} == {"甲", "乙", "一部"}
    assert set(Employee.objects.filter(team__isnull=False).values_list("name", flat=True)) == {
        "甲",
        "乙",
    }
    assert Team.objects.count() == 1


def test_who_does_not_reach_a_run_cannot_undo_it():
    first = customers(["1", "甲厂", "王", "010-70000000", "", "", ""])
    with pytest.raises(NotFound):
        undo_run(actor=actor_of_role("salesperson"), run_id=first.run)
    assert Customer.objects.exists()

"""Sales lines from sheets: amounts, orders, parties that are missing (AUD-4, ORD-12)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dossier.catalog.models import Product
from dossier.core.errors import NotAllowed
from dossier.customers.models import Customer, CustomerAlias
from dossier.sales.models import SalesOrder, SalesOrderLine
from tests.factories import actor_of_role, make_customer, make_employee, make_product
from tests.imports import found, import_file, sheet

pytestmark = pytest.mark.usefixtures("committed_db")

HEADER = [
    "单号",
    "日期",
    "客户编码",
    "客户",
    "产品编码",
    "产品",
    "数量",
    "单价",
    "折扣",
    "金额",
    "成本",
    "其他成本",
    "业务员",
]


@pytest.fixture
def parties(committed_db):
    return make_customer("甲厂", code="000001"), make_product("P1")


def line(
    number="S1",
    day="2024-02-05",
    code="000001",
    name="",
    product="P1",
    text="",
    qty="2",
    price="10",
    **more,
):
    values = dict(
        zip(
            HEADER,
            [number, day, code, name, product, text, qty, price, "", "", "1", "", ""],
            strict=True,
        )
    )
    return [(values | more)[column] for column in HEADER]


def bring(*rows, **options):
    return import_file("sales", sheet(HEADER, *rows), **options)


def amounts():
    return list(SalesOrderLine.objects.order_by("id").values_list("amount", flat=True))


def test_two_equal_lines_are_two_lines_and_the_file_twice_changes_nothing(parties):
    rows = [line(), line(), line("S2", qty="-1")]
    assert bring(*rows).created == 3
    assert SalesOrder.objects.count() == 2
    assert amounts() == [Decimal(20), Decimal(20), Decimal(-10)]
    again = bring(*rows)
    assert (again.created, again.unchanged) == (0, 3)
    more = bring(*rows, line())
    assert (more.created, more.unchanged) == (1, 3)
    assert list(
        SalesOrderLine.objects.filter(order__number="S1").values_list("line_no", flat=True)
    ) == [1, 2, 3]


@pytest.mark.parametrize(
    ("more", "amount"),
    [
        ({"折扣": "0.9"}, "18"),
        ({"折扣": "90%"}, "18"),
        ({"折扣": "9折"}, "18"),
        ({"折扣": "95", "金额": "19.00"}, "19"),
        ({"折扣": "9", "金额": "18"}, "18"),
        ({"price": "3.3333", "qty": "3"}, "9.9999"),
        ({"price": "0.0001", "qty": "0.5"}, "0.0001"),
        ({"price": "-5"}, "-10"),
        ({"qty": "0"}, "0"),
        ({"price": "3.335", "qty": "1", "金额": "3.34"}, "3.34"),
        ({"price": "", "金额": "7"}, "7"),
    ],
)
def test_amounts_are_given_or_derived_exactly(parties, more, amount):
    result = bring(line(**more))
    assert result.created == 1, result.problems
    assert amounts() == [Decimal(amount)]


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"金额": "20.01"}, "amount_mismatch", "amount"),
        ({"金额": "-20"}, "amount_mismatch", "amount"),
        ({"折扣": "7"}, "bad_discount", "discount"),
        ({"qty": "NaN"}, "bad_number", "quantity"),
        ({"qty": "1e18"}, "too_large", "quantity"),
        ({"price": "1.23456"}, "too_many_places", "unit_price"),
        ({"qty": ""}, "missing", "quantity"),
        ({"day": "2024-02-30"}, "impossible_date", "date"),
        ({"day": ""}, "missing", "date"),
        ({"number": "-"}, "missing", "order_number"),
        ({"number": "9" * 51}, "too_long", "order_number"),
        ({"code": "000002"}, "unknown_customer", "customer_code"),
        ({"code": "000002", "name": "甲厂"}, "unknown_customer", "customer_code"),
        ({"code": "", "name": "乙厂"}, "unknown_customer", "customer_name"),
        ({"code": ""}, "missing", "customer_code"),
        ({"product": "P2"}, "unknown_product", "product_code"),
        ({"product": "p1"}, "unknown_product", "product_code"),
        ({"product": ""}, "missing", "product_code"),
    ],
)
def test_a_line_that_cannot_be_is_refused_by_name(parties, more, code, field):
    result = bring(line("S9"), line(**more), valid_only=True)
    assert found(result, code, field, "error") == [3], result.problems
    assert (result.created, result.rejected) == (1, 1)


def test_the_customer_is_found_by_code_alias_or_name(parties):
    customer, _product = parties
    customer.name_key = "甲"
    CustomerAlias.objects.create(code="000900", customer=customer)
    result = bring(
        line(code="1"),
        line("S2", code="900"),
        line("S3", code="", name="甲厂"),
        line("S4", name="一个别的名字"),
    )
    assert (result.created, result.problems) == (4, [])
    assert set(SalesOrderLine.objects.values_list("customer_id", flat=True)) == {customer.pk}


def test_a_cost_that_is_not_known_is_no_zero(parties):
    result = bring(line(成本="12", 其他成本="1"), line("S2", 成本=""))
    assert found(result, "missing_cost", "cost", "warning") == [3]
    assert list(SalesOrderLine.objects.order_by("id").values_list("cost", "profit")) == [
        (Decimal(12), Decimal(7)),
        (None, None),
    ]


def test_what_is_missing_is_made_only_when_asked(parties):
    rows = [
        line("S1", code="77", name="", product="NEW", text=""), line("S2", code="77", name="新客户", product="NEW", text="新产品"),
        line("S3", code="", name=""),
    ]  # fmt: skip
    assert bring(*rows, valid_only=True).created == 0
    result = bring(*rows, create_missing={"products", "customers"}, unassigned="散客")
    assert (result.created, result.rejected) == (3, 0)
    assert (result.facts["customers"], result.facts["products"]) == (2, 1)
    draft = Customer.objects.get(code="000077")
    assert (draft.status, draft.name) == ("draft", "新客户")
    assert Product.objects.get(code="NEW").name == "新产品"
    walk_in = Customer.objects.get(kind="walk_in")
    assert (walk_in.name, walk_in.order_lines.count()) == ("散客", 1)
    assert bring(line("S5", code="", name=""), unassigned="散客").created == 1
    assert Customer.objects.filter(kind="walk_in").count() == 1


def test_a_dry_run_tells_what_would_be_made(parties):
    result = bring(
        line(code="77", product="NEW"), create_missing={"products", "customers"}, dry_run=True
    )
    assert (result.created, result.facts["customers"], result.facts["products"]) == (1, 1, 1)
    assert not SalesOrder.objects.exists() and Customer.objects.count() == 1


def test_an_order_keeps_to_one_currency(parties):
    header = [*HEADER, "币种"]
    result = import_file(
        "sales",
        sheet(header, [*line(), "人民币"], [*line(), "USD"], [*line("S2"), "月球币"]),
        valid_only=True,
    )
    assert found(result, "currency_mismatch", "currency") == [3]
    assert found(result, "unknown_currency", "currency") == [4]


def test_salespeople_who_left_keep_their_lines(parties):
    person = make_employee("孙强", status="left")
    result = bring(line(业务员="孙强"), line("S2", 业务员="无名氏"))
    assert found(result, "unknown_salesperson", "salesperson", "warning") == [3]
    assert list(SalesOrderLine.objects.order_by("id").values_list("salesperson_id", flat=True)) == [
        person.pk,
        None,
    ]


def test_a_foreign_customer_is_unknown_to_who_does_not_see_it(parties):
    clerk = actor_of_role("sales_clerk")
    result = bring(line(), actor=clerk, valid_only=True)
    assert found(result, "unknown_customer") == [2]
    with pytest.raises(NotAllowed):
        bring(line(code="5"), actor=actor_of_role("salesperson"))

"""A user enters an order on the fast page (ORD-4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from dossier.core.errors import NotAllowed, NotFound, Refusals
from dossier.core.models import NumberScheme
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.rules import LineInput
from dossier.sales.services import order_record
from dossier.sales.tests.helpers import DAY, company, order_form
from tests.factories import actor_for, client_for, make_account, make_employee, make_product

pytestmark = pytest.mark.django_db
URL = "/orders/new"


def test_the_page_proposes_today_and_me():
    c = company()
    page = client_for(c.ann).get(URL, {"customer": c.ann_customer.code})
    assert page.status_code == 200
    form = page.context["form"]
    assert form["ordered_on"].value() == timezone.localdate().isoformat()
    assert form["customer"].value() == c.ann_customer.code
    assert str(form["salesperson"].value()) == str(c.ann.employee_id)
    assert client_for(c.ann).get(URL, {"customer": c.bob_customer.code}).status_code == 404


def test_enter_an_order_with_a_return():
    c = company()
    other = make_product("P2", name="no cost", list_price=7)
    data = order_form(
        c.ann_customer,
        {"quantity": "3", "price": "33.335", "discount": "0.9"},
        {"product": "P2", "quantity": "-1", "price": "7"},
        {"product": "", "quantity": "", "price": ""},
        salesperson=c.ann.employee_id,
        remark="urgent",
    )
    answer = client_for(c.ann).post(URL, data)
    order = SalesOrder.objects.get()
    assert answer.status_code == 302 and answer.url == reverse("order", args=[order.pk])
    assert (order.number, order.ordered_on, order.currency, order.salesperson, order.remark) == (
        "S000001",
        DAY,
        "CNY",
        c.ann.employee,
        "urgent",
    )
    first, second = order.lines.order_by("line_no")
    assert first.amount == Decimal("90.00")  # 90.0045, half up, once per line
    assert first.cost == Decimal("180.00") and first.profit == Decimal("-90.00")
    assert (second.amount, second.cost, second.profit, second.is_return, second.product) == (
        Decimal(-7),
        None,
        None,
        True,
        other,
    )
    page = client_for(c.ann).get(answer.url).content.decode()
    assert "83.00" in page


def test_amount_is_computed_whatever_is_posted():
    c = company()
    client_for(c.ann).post(
        URL, order_form(c.ann_customer, {"amount": "1", "cost": "0", "other_cost": "-99"})
    )
    line = SalesOrderLine.objects.get()
    assert (line.amount, line.cost, line.other_cost) == (Decimal(200), Decimal(120), Decimal(0))


def test_cost_given_by_those_who_see_it():
    c = company()
    manager = make_account(roles=["sales_manager"])
    client_for(manager).post(
        URL,
        order_form(
            c.ann_customer,
            {"cost": "111.1234", "other_cost": "5"},
            {"quantity": "-2"},
            {"product": make_product().code},
        ),
    )
    lines = SalesOrderLine.objects.order_by("line_no")
    assert [line.cost for line in lines] == [Decimal("111.1234"), Decimal(-120), None]


def test_yen_has_no_decimals():
    c = company()
    client_for(c.ann).post(
        URL, order_form(c.ann_customer, {"quantity": "1", "price": "100.5"}, currency="JPY")
    )
    line = SalesOrderLine.objects.get()
    assert (line.amount, line.cost) == (Decimal(101), None)  # a cost in renminbi is no cost in yen


def test_sent_twice_makes_one():
    c = company()
    client = client_for(c.ann)
    data = order_form(c.ann_customer, {})
    assert client.post(URL, data).url == client.post(URL, data).url
    assert SalesOrder.objects.count() == SalesOrderLine.objects.count() == 1


def test_numbers():
    c = company()
    client = client_for(c.ann)
    client.post(URL, order_form(c.ann_customer, {}, number="S000041", once_token="a"))
    client.post(URL, order_form(c.ann_customer, {}, once_token="b"))
    client.post(URL, order_form(c.ann_customer, {}, number="PO-7/２０２６", once_token="c"))
    assert set(SalesOrder.objects.values_list("number", flat=True)) == {
        "S000041",
        "S000042",
        "PO-7/2026",
    }
    again = client.post(URL, order_form(c.ann_customer, {}, number="S000041", once_token="d"))
    assert again.status_code == 422 and "number" in again.context["form"].errors
    assert SalesOrder.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quantity", "NaN"),
        ("quantity", "1e18"),
        ("quantity", "0"),
        ("quantity", ""),
        ("quantity", "abc"),
        ("price", "-1"),
        ("price", "Infinity"),
        ("price", "1.00001"),
        ("price", ""),
        ("discount", "9"),
        ("discount", "-0.1"),
        ("product", "nope"),
        ("product", "P1' OR '1'='1"),
        ("quantity", "1,2,3"),
        ("price", "99999999999999999"),
    ],
)
def test_bad_lines_are_named_and_nothing_is_saved(name, value):
    c = company()
    answer = client_for(c.ann).post(URL, order_form(c.ann_customer, {}, {name: value}))
    assert answer.status_code == 422
    assert name in answer.context["lines"].forms[1].errors
    assert not answer.context["lines"].forms[0].errors
    assert not SalesOrder.objects.exists()
    assert NumberScheme.objects.get(key="sales_order").highest == 0


def test_full_width_digits_and_written_amounts_are_understood():
    c = company()
    client_for(c.ann).post(
        URL,
        order_form(
            c.ann_customer, {"quantity": "２", "price": "￥1.2万"}, ordered_on="２０２６年３月５日"
        ),
    )
    order = SalesOrder.objects.get()
    assert order.ordered_on == DAY and order.lines.get().amount == Decimal(24000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ordered_on", "2026-02-30"),
        ("ordered_on", ""),
        ("ordered_on", "3026-01-01"),
        ("currency", "XXX"),
        ("currency", ""),
        ("customer", ""),
        ("customer", "nobody"),
        ("number", "x" * 51),
        ("salesperson", "987654321"),
        ("remark", "x" * 10001),
        ("number", "a\x00"),
    ],
)
def test_bad_heads(name, value):
    c = company()
    answer = client_for(c.ann).post(URL, order_form(c.ann_customer, {}, **{name: value}))
    assert answer.status_code == 422 and name in answer.context["form"].errors
    assert not SalesOrder.objects.exists()


def test_tomorrow_is_refused():
    c = company()
    data = order_form(
        c.ann_customer, {}, ordered_on=(timezone.localdate() + timedelta(days=1)).isoformat()
    )
    assert client_for(c.ann).post(URL, data).status_code == 422


def test_no_lines():
    c = company()
    answer = client_for(c.ann).post(
        URL, order_form(c.ann_customer, {"product": "", "quantity": "", "price": ""})
    )
    assert answer.status_code == 422
    broken = order_form(c.ann_customer, {})
    broken["lines-TOTAL_FORMS"] = "x"
    assert client_for(c.ann).post(URL, broken).status_code in (400, 422)
    many = order_form(c.ann_customer, {})
    many["lines-TOTAL_FORMS"] = "100000"
    assert client_for(c.ann).post(URL, many).status_code in (302, 422)


def test_only_own_customers_and_own_people():
    c = company()
    answer = client_for(c.ann).post(URL, order_form(c.bob_customer, {}))
    assert answer.status_code == 422 and "CANARY" not in answer.content.decode()
    answer = client_for(c.ann).post(
        URL, order_form(c.ann_customer, {}, salesperson=c.bob.employee_id)
    )
    assert answer.status_code == 422 and "salesperson" in answer.context["form"].errors
    line = [LineInput(product_id=c.product.pk, quantity=Decimal(1), unit_price=Decimal(1))]
    with pytest.raises(NotFound):
        order_record(
            actor=actor_for(c.ann),
            customer_id=c.bob_customer.pk,
            ordered_on=DAY,
            currency="CNY",
            salesperson_id=None,
            lines=line,
        )
    with pytest.raises(Refusals):
        order_record(
            actor=actor_for(c.ann),
            customer_id=c.ann_customer.pk,
            ordered_on=DAY,
            currency="CNY",
            salesperson_id=c.ann.employee_id,
            lines=[LineInput(10**9, Decimal(1), Decimal(1))],
        )
    assert not SalesOrder.objects.exists()


def test_who_left_is_not_credited_afterwards():
    c = company()
    manager = make_account(roles=["sales_manager"])
    left = make_employee(status="left", left_on=date(2026, 1, 1))
    answer = client_for(manager).post(URL, order_form(c.ann_customer, {}, salesperson=left.pk))
    assert answer.status_code == 422
    answer = client_for(manager).post(
        URL, order_form(c.ann_customer, {}, salesperson=left.pk, ordered_on="2025-12-30")
    )
    assert answer.status_code == 302


def test_discontinued_products_are_not_sold():
    c = company()
    make_product("OLD", status="discontinued")
    answer = client_for(c.ann).post(URL, order_form(c.ann_customer, {"product": "OLD"}))
    assert answer.status_code == 422


def test_without_the_right():
    c = company()
    reader = client_for(make_account(roles=["finance"]))
    assert reader.get(URL).status_code == 403
    assert reader.post(URL, order_form(c.ann_customer, {})).status_code == 403
    with pytest.raises(NotAllowed):
        order_record(
            actor=actor_for(make_account(roles=["finance"])),
            customer_id=c.ann_customer.pk,
            ordered_on=DAY,
            currency="CNY",
            salesperson_id=None,
            lines=[],
        )
    assert client_for(c.ann).put(URL).status_code == 405
    assert not SalesOrder.objects.exists()


def test_copy_of_an_order():
    c = company()
    client = client_for(c.ann)
    client.post(URL, order_form(c.ann_customer, {"quantity": "5"}, {"discount": "0.8"}))
    order = SalesOrder.objects.get()
    page = client.get(URL, {"copy": order.pk})
    assert [str(f["quantity"].value()) for f in page.context["lines"].forms][:2] == ["5", "2"]
    assert client_for(c.bob).get(URL, {"copy": order.pk}).status_code == 404
    assert client.get(URL, {"copy": "x"}).status_code == 400

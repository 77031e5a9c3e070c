"""A user amends an order or declares it void (ORD-4)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from dossier.core.errors import NotAllowed, NotFound, Stale
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.rules import LineInput
from dossier.sales.selectors import counted_lines
from dossier.sales.services import order_amend, order_void
from dossier.sales.tests.helpers import company, order_form
from tests.factories import actor_for, client_for, make_account, make_order, make_product

pytestmark = pytest.mark.django_db


def entered(c, *lines):
    client_for(c.ann).post(
        "/orders/new", order_form(c.ann_customer, *(lines or ({},)), salesperson=c.ann.employee_id)
    )
    return SalesOrder.objects.get()


def edit_form(c, order, *lines, **head):
    data = order_form(
        c.ann_customer,
        *lines,
        version=order.version,
        number=order.number,
        salesperson=order.salesperson_id or "",
    )
    return data | {name: str(value) for name, value in head.items()} | {"lines-INITIAL_FORMS": "0"}


def test_change_quantity_add_and_remove_lines():
    c = company()
    order = entered(c, {}, {"quantity": "1"})
    first, second = order.lines.order_by("line_no")
    url = reverse("order-edit", args=[order.pk])
    page = client_for(c.ann).get(url)
    assert [f["line_id"].value() for f in page.context["lines"].forms[:2]] == [first.pk, second.pk]
    answer = client_for(c.ann).post(
        url,
        edit_form(
            c,
            order,
            {"line_id": first.pk, "quantity": "5"},
            {"line_id": second.pk, "DELETE": "on"},
            {"product": make_product("P9").code, "quantity": "1", "price": "10"},
            ordered_on="2026-03-06",
        ),
    )
    assert answer.status_code == 302
    order.refresh_from_db()
    lines = list(order.lines.order_by("line_no"))
    assert order.version == 2 and order.ordered_on == date(2026, 3, 6)
    assert [line.amount for line in lines] == [Decimal(500), Decimal(10)]
    assert [line.cost for line in lines] == [Decimal(300), None]  # recorded cost keeps its rate
    assert {line.ordered_on for line in lines} == {order.ordered_on}
    assert lines[0].pk == first.pk and lines[0].version == 2


def test_saving_without_change_makes_no_version():
    c = company()
    order = entered(c)
    line = order.lines.get()
    client_for(c.ann).post(
        reverse("order-edit", args=[order.pk]), edit_form(c, order, {"line_id": line.pk})
    )
    order.refresh_from_db()
    assert order.version == 1


def test_stale_edit_shows_both_and_saves_nothing():
    c = company()
    order = entered(c)
    line = order.lines.get()
    url = reverse("order-edit", args=[order.pk])
    old = edit_form(c, order, {"line_id": line.pk, "quantity": "9"}, remark="mine")
    client_for(c.ann).post(
        url, edit_form(c, order, {"line_id": line.pk, "quantity": "3"}, remark="theirs")
    )
    answer = client_for(c.ann).post(url, old)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "mine" in text and "theirs" in text
    line.refresh_from_db()
    assert line.quantity == 3
    assert (
        client_for(c.ann).post(url, old | {"version": str(answer.context["version"])}).status_code
        == 302
    )
    line.refresh_from_db()
    assert line.quantity == 9


def test_recorded_amounts_are_kept_until_their_figures_change():
    c = company()
    order = make_order(
        c.ann_customer,
        source="imported",
        lines=[
            {
                "product": c.product,
                "quantity": Decimal(3),
                "unit_price": Decimal("-1.5"),
                "amount": Decimal("7.1234"),
                "cost": None,
            }
        ],
    )
    line = order.lines.get()
    url = reverse("order-edit", args=[order.pk])
    manager = make_account(roles=["sales_manager"])
    base = {"line_id": line.pk, "quantity": "3", "price": "-1.5"}
    client_for(manager).post(
        url, edit_form(c, order, base | {"amount": "7.1234", "cost": ""}, remark="x")
    )
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.amount, line.cost, order.remark) == (Decimal("7.1234"), None, "x")
    client_for(manager).post(url, edit_form(c, order, base | {"amount": "8.0001", "cost": ""}))
    line.refresh_from_db()
    order.refresh_from_db()
    assert line.amount == Decimal("8.0001")
    client_for(manager).post(url, edit_form(c, order, base | {"amount": "8.0001", "price": "2"}))
    line.refresh_from_db()
    assert line.amount == Decimal("6.00")


def test_void_counts_nowhere_and_stays_visible():
    c = company()
    order = entered(c)
    client = client_for(c.ann)
    url = reverse("order-void", args=[order.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"version": "1", "reason": " "}).status_code == 422
    assert client.post(url, {"version": "9", "reason": "wrong customer"}).status_code == 409
    order.refresh_from_db()
    assert order.status == "recorded"
    assert counted_lines(actor_for(c.ann)).count() == 1
    assert client.post(url, {"version": "1", "reason": "wrong customer"}).status_code == 302
    order.refresh_from_db()
    assert (order.status, order.void_reason, order.version) == ("void", "wrong customer", 2)
    assert counted_lines(actor_for(c.ann)).count() == 0
    assert "wrong customer" in client.get(reverse("order", args=[order.pk])).content.decode()
    assert client.post(url, {"version": "1", "reason": "again"}).status_code == 302  # twice is once
    order.refresh_from_db()
    assert order.version == 2 and order.void_reason == "wrong customer"
    assert (
        client.post(reverse("order-edit", args=[order.pk]), edit_form(c, order)).status_code == 400
    )


def test_outsiders_and_readers_change_nothing():
    c = company()
    order = entered(c)
    line = order.lines.get()
    for name in ("order-edit", "order-void"):
        url = reverse(name, args=[order.pk])
        outsider, reader = client_for(c.bob), client_for(make_account(roles=["finance"]))
        for client, status in ((outsider, 404), (reader, 403)):
            assert client.get(url).status_code == status
            assert (
                client.post(
                    url,
                    edit_form(c, order, {"line_id": line.pk, "quantity": "9"}) | {"reason": "x"},
                ).status_code
                == status
            )
        assert client_for(c.ann).put(url).status_code == 405
    with pytest.raises(NotFound):
        order_void(actor=actor_for(c.bob), order_id=order.pk, expected_version=1, reason="x")
    order.refresh_from_db()
    line.refresh_from_db()
    assert (order.status, order.version, line.quantity) == ("recorded", 1, 2)


def test_a_credited_salesperson_reads_but_does_not_change_anothers_customers_order():
    c = company()
    order = make_order(c.bob_customer, lines=[{"salesperson": c.ann.employee}, {}])
    client = client_for(c.ann)
    assert client.get(reverse("order", args=[order.pk])).status_code == 200
    assert client.get(reverse("order-edit", args=[order.pk])).status_code == 403
    with pytest.raises(NotAllowed):
        order_void(actor=actor_for(c.ann), order_id=order.pk, expected_version=1, reason="x")


def test_lines_of_other_orders_cannot_be_named():
    c = company()
    order = entered(c)
    foreign = make_order(c.bob_customer).lines.get()
    with pytest.raises(NotFound):
        order_amend(
            actor=actor_for(c.ann),
            order_id=order.pk,
            expected_version=1,
            customer_id=c.ann_customer.pk,
            ordered_on=order.ordered_on,
            currency="CNY",
            salesperson_id=order.salesperson_id,
            number=order.number,
            lines=[LineInput(c.product.pk, Decimal(1), Decimal(1), line_id=foreign.pk)],
        )
    assert SalesOrderLine.objects.filter(pk=foreign.pk, order=foreign.order).exists()
    with pytest.raises(Stale):
        order_amend(
            actor=actor_for(c.ann),
            order_id=order.pk,
            expected_version=5,
            customer_id=c.ann_customer.pk,
            ordered_on=order.ordered_on,
            currency="CNY",
            salesperson_id=order.salesperson_id,
            number=order.number,
            lines=[],
        )


def test_an_order_cannot_be_moved_out_of_reach():
    c = company()
    order = entered(c)
    line = order.lines.get()
    data = edit_form(c, order, {"line_id": line.pk}, customer=c.bob_customer.code)
    assert client_for(c.ann).post(reverse("order-edit", args=[order.pk]), data).status_code == 422
    order.refresh_from_db()
    assert order.customer == c.ann_customer

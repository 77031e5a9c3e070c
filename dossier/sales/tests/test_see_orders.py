"""A user reads orders and lines: own ones, those of the team, those credited; nothing else (ORG-4)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from dossier.people.models import Territory
from dossier.sales.fields import LINE_FIELDS, LINE_UNLISTED, ORDER_FIELDS, ORDER_UNLISTED
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.selectors import currencies
from dossier.sales.tests.helpers import company
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_order,
    make_product,
)

pytestmark = pytest.mark.django_db
CANARY = "CANARY"


def test_every_column_is_decided():
    for model, specs, unlisted in (
        (SalesOrder, ORDER_FIELDS, ORDER_UNLISTED),
        (SalesOrderLine, LINE_FIELDS, LINE_UNLISTED),
    ):
        columns = {field.name for field in model._meta.concrete_fields}
        assert columns == {spec.name for spec in specs} | set(unlisted)
        assert all(spec.surfaces.isdisjoint(spec.off) for spec in specs)


def pages(client, order):
    return [
        client.get("/orders/"),
        client.get("/orders/", {"q": CANARY.lower()}),
        client.get("/orders/lines/"),
        client.get("/orders/", {"sort": "number"}),
        client.get(reverse("order", args=[order.pk])),
        client.get("/orders/lines/", {"columns": ",".join(s.name for s in LINE_FIELDS[:8])}),
    ]


def test_own_and_no_others():
    c = company()
    mine = make_order(c.ann_customer, number="MINE1")
    theirs = make_order(
        c.bob_customer,
        number="THEIRS1",
        remark=CANARY,
        lines=[{"product": make_product(name=CANARY)}],
    )
    client = client_for(c.ann)
    text = client.get("/orders/").content.decode()
    assert "MINE1" in text and "THEIRS1" not in text
    for page in pages(client, theirs):
        assert CANARY not in page.content.decode()
        assert "THEIRS1" not in page.content.decode()
    assert client.get(reverse("order", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("order", args=[mine.pk])).status_code == 200
    assert client.get("/orders/", {"customer": c.bob_customer.code}).status_code == 400
    assert client.get("/orders/lines/", {"customer": c.bob_customer.code}).status_code == 400


def test_a_credited_line_shows_code_and_short_name_only():
    c = company()
    order = make_order(
        c.bob_customer,
        number="SHARED1",
        lines=[
            {"salesperson": c.ann.employee, "amount": Decimal(111)},
            {"amount": Decimal(333), "product": make_product(name=CANARY)},
        ],
    )
    client = client_for(c.ann)
    for page in pages(client, order):
        text = page.content.decode()
        assert page.status_code == 200
        assert (
            CANARY not in text and "Beijing" not in text
        )  # neither the full name nor the other line
        assert "333.00" not in text and "444.00" not in text
        assert reverse("customer", args=[c.bob_customer.pk]) not in text
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert c.bob_customer.code in page and "Beta" in page and "111.00" in page
    assert client.get("/orders/lines/", {"customer": c.bob_customer.code}).status_code == 200


def test_a_line_credited_in_an_order_credited_to_nobody_shows_the_order():
    c = company()
    make_order(
        c.bob_customer, number="NOBODY1", salesperson=None,
        lines=[{"salesperson": c.ann.employee}],
    )  # fmt: skip
    make_order(c.bob_customer, number="NOBODY2", salesperson=None)
    text = client_for(c.ann).get("/orders/").content.decode()
    assert "NOBODY1" in text and "NOBODY2" not in text


def test_currencies_are_those_of_seen_orders_that_count_the_most_used_first():
    c = company()
    for currency in ("USD", "USD", "EUR"):
        make_order(c.ann_customer, currency=currency)
    make_order(c.ann_customer, currency="JPY", status="void", void_reason="typed twice")
    make_order(c.bob_customer, currency="GBP")
    assert currencies(actor_for(c.ann)) == ["USD", "EUR"]
    assert currencies(actor_for(c.bob)) == ["GBP"]


def test_team_leader_sees_the_team():
    c = company()
    make_order(c.ann_customer, number="NORTH1")
    make_order(c.bob_customer, number="SOUTH1")
    make_order(
        make_customer("third", owner=c.bob.employee),
        number="CROSS1",
        lines=[{"salesperson": c.ann.employee}],
    )
    leader = make_account(roles=["team_leader"], employee=make_employee("Lead", team=c.north))
    text = client_for(leader).get("/orders/").content.decode()
    assert "NORTH1" in text and "CROSS1" in text and "SOUTH1" not in text


def test_territory_and_everything():
    c = company()
    order = make_order(
        make_customer("in the territory", region_id="370102"), number="REGION1", salesperson=None
    )
    assert not SalesOrder.objects.for_user(actor_for(c.ann)).filter(pk=order.pk).exists()
    from dossier.people.models import Role, RoleGrant

    role = Role.objects.create(key="regional", name="regional")
    for permission in ("customers.customer.view", "sales.order.view"):
        kind, _dot, action = permission.rpartition(".")
        RoleGrant.objects.create(role=role, kind=kind, action=action, scope="territory")
    account = make_account(roles=["regional"])
    territory = Territory.objects.create(name="Shandong")
    territory.regions.add("370000")
    territory.employees.add(account.employee)
    assert "REGION1" in client_for(account).get("/orders/").content.decode()
    assert "REGION1" in client_for(make_account(roles=["finance"])).get("/orders/").content.decode()


def test_totals_of_the_list_and_the_lines():
    c = company()
    make_order(
        c.ann_customer,
        number="T1",
        lines=[{"amount": Decimal("10.5")}, {"amount": Decimal("-3.25"), "cost": None}],
    )
    make_order(c.ann_customer, number="T2", currency="USD", lines=[{"amount": Decimal(7)}])
    client = client_for(make_account(roles=["sales_manager"]))
    assert "¥7.25" in client.get("/orders/").content.decode()
    both = client.get("/orders/lines/")
    assert both.context["totals"] is None  # two currencies are never added
    one = client.get("/orders/lines/", {"currency": "CNY"})
    cells = {
        column["key"]: cell["text"]
        for column, cell in zip(one.context["columns"], one.context["totals"], strict=True)
    }
    assert (cells["amount"], cells["profit"], cells["quantity"]) == ("7.25", "-49.50", "2")


def test_many_lines_are_added_up_when_asked_for_or_narrowed(monkeypatch):
    monkeypatch.setattr("dossier.sales.screens.lines.COUNT_CAP", 2)
    c = company()
    make_order(c.ann_customer, lines=[{"amount": Decimal(n)} for n in (1, 2)])
    client = client_for(c.ann)

    def foot(**query):
        return [cell["text"] for cell in client.get("/orders/lines/", query).context["totals"]]

    assert "3.00" in foot()
    make_order(c.ann_customer, lines=[{"amount": Decimal(4)}])
    assert "sums=1" in foot()[0] and not any(foot()[1:])
    for query in ({"sums": "1"}, {"customer": c.ann_customer.code}, {"ordered_from": "2000-01-01"}):
        assert "7.00" in foot(**query), query


def test_cost_is_for_those_who_may_see_it():
    c = company()
    order = make_order(
        c.ann_customer,
        lines=[{"amount": Decimal(100), "cost": Decimal("77.77"), "other_cost": Decimal("1.11")}],
    )
    for page in pages(client_for(c.ann), order)[:5]:
        text = page.content.decode()
        assert "77.77" not in text and "1.11" not in text and "21.12" not in text
    assert client_for(c.ann).get("/orders/lines/", {"columns": "cost"}).status_code == 400
    text = (
        client_for(make_account(roles=["sales_manager"]))
        .get(reverse("order", args=[order.pk]))
        .content.decode()
    )
    assert "77.77" in text and "21.12" in text


def test_bad_addresses():
    client = client_for(company().ann)
    assert client.get("/orders/99999999999999999999").status_code == 404
    for query in (
        "sort=customer__owner",
        "ordered_from=2026-02-30",
        "status=%27",
        "currency=XXX",
        "source=owner__password",
        "after=AAAA",
        "columns=password",
        "salesperson=%27%3B--",
        "customer=nobody",
    ):
        assert client.get(f"/orders/?{query}").status_code == 400, query
    for query in (
        "family=1%20or%201",
        "class=Z",
        "team=x",
        "territory=-1",
        "industry=nope",
        "product=%00",
        "salesperson=1e9",
    ):
        assert client.get(f"/orders/lines/?{query}").status_code == 400, query
    assert client.get("/orders/?owner__password__startswith=p").status_code == 200
    for url in ("/orders/", "/orders/lines/"):
        assert client.post(url).status_code == 405


def test_without_the_right():
    client = client_for(make_account(roles=["system_administrator"]))
    order = make_order(company().ann_customer)
    for url in ("/orders/", "/orders/lines/", f"/orders/{order.pk}"):
        assert client.get(url).status_code == 403


def test_filters_of_lines_choose_what_has_no_value_too():
    c = company()
    territory = Territory.objects.create(name="East")
    territory.regions.add("330000")
    inside = make_customer("inside", owner=c.ann.employee, region_id="330106", industry_id="C34")
    make_order(inside, number="IN1", lines=[{"product": make_product(product_class="A")}])
    make_order(c.ann_customer, number="OUT1", salesperson=None, lines=[{"salesperson": None}])
    client = client_for(c.ann)
    for query, number in (
        ({"territory": territory.pk}, "IN1"),
        ({"territory": "-"}, "OUT1"),
        ({"industry": "C34"}, "IN1"),
        ({"industry": "-"}, "OUT1"),
        ({"class": "A"}, "IN1"),
        ({"class": "-"}, "OUT1"),
        ({"team": c.north.pk}, "IN1"),
        ({"team": "-"}, "OUT1"),
        ({"salesperson": "-"}, "OUT1"),
        ({"salesperson": c.ann.employee_id}, "IN1"),
    ):
        text = client.get("/orders/lines/", query).content.decode()
        other = "OUT1" if number == "IN1" else "IN1"
        assert number in text and other not in text, query


def test_customer_page_shows_its_orders():
    c = company()
    order = make_order(c.ann_customer, number="ONPAGE1", ordered_on=date(2026, 2, 1))
    client = client_for(c.ann)
    page = client.get(reverse("customer", args=[c.ann_customer.pk]), {"tab": "orders"})
    assert page.status_code == 200
    assert (
        "ONPAGE1" in page.content.decode()
        and reverse("order", args=[order.pk]) in page.content.decode()
    )


def test_a_customer_of_many_orders_still_has_the_way_to_a_new_one():
    c = company()
    for _n in range(21):
        make_order(c.ann_customer)
    text = (
        client_for(c.ann)
        .get(reverse("customer", args=[c.ann_customer.pk]), {"tab": "orders"})
        .content.decode()
    )
    assert f"{reverse('order-new')}?customer={c.ann_customer.code}" in text
    assert f"{reverse('orders')}?customer={c.ann_customer.code}" in text


def test_the_phone_keeps_the_way_to_all_lines():
    text = client_for(company().ann).get(reverse("orders")).content.decode()
    link = text[: text.index(f'href="{reverse("order-lines")}"')].rsplit("<a ", 1)[1]
    assert "btn-optional" not in link

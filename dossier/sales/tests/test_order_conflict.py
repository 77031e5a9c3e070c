"""A stale edit of an order shows its head and its lines in three versions; nothing typed is lost (law 4)."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse

from dossier.sales.models import SalesOrder
from dossier.sales.tests.helpers import company, order_form
from tests.factories import client_for, make_account, make_employee, make_order, make_product
from tests.forms import conflict_lines, form_values, odd_bases, shown_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    """A company with an order of two lines, and a further product."""
    c = company()
    make_product("P2", name="drill", list_price=10)
    client_for(c.ann).post(
        "/orders/new",
        order_form(c.ann_customer, {}, {"quantity": "1"}, salesperson=c.ann.employee_id),
    )
    c.order = SalesOrder.objects.get()
    c.url = reverse("order-edit", args=[c.order.pk])
    c.browser = client_for(make_account(roles=["sales_manager"]))
    return c


def figures(order):
    return [
        (line.product.code, line.quantity, line.amount)
        for line in order.lines.select_related("product").order_by("line_no")
    ]


def test_people_customers_and_days_are_shown_as_people_read_them(here):
    clerk = make_employee("Carl", number="C1", team=here.north)
    values = form_values(here.browser, here.url)
    theirs = {"salesperson": str(clerk.pk), "ordered_on": "2026-03-06", "currency": "USD"}
    assert here.browser.post(here.url, values | theirs).status_code == 302
    mine = {"salesperson": "", "ordered_on": "2026-03-07", "remark": "mine"}
    response = here.browser.post(here.url, values | mine)
    assert response.status_code == 409
    ann = here.ann.employee
    found = conflict_lines(response)
    assert found["Salesperson"] == (f"{ann.number} Ann", "C1 Carl", "")
    assert found["Order date"] == ("5 Mar 2026", "6 Mar 2026", "7 Mar 2026")
    assert found["Currency"] == ("CNY Renminbi", "USD US dollar", "CNY Renminbi")
    assert len(found) == 3
    assert response.context["conflict_at"] and not response.context["form"].errors
    chosen = shown_values(response) | {"choose_salesperson": "theirs"}
    assert here.browser.post(here.url, chosen).status_code == 302
    here.order.refresh_from_db()
    assert (here.order.salesperson, here.order.currency) == (clerk, "USD")
    assert (here.order.ordered_on.isoformat(), here.order.remark) == ("2026-03-07", "mine")


def stale(here):
    """Theirs: line 2 taken out, line 1 with 5; mine: line 2 with 7 and a new line."""
    values = form_values(here.browser, here.url)
    theirs = {"lines-0-quantity": "5", "lines-1-DELETE": "on"}
    assert here.browser.post(here.url, values | theirs).status_code == 302
    mine = {"lines-1-quantity": "7", "lines-2-product": "P2", "lines-2-quantity": "3"}
    response = here.browser.post(here.url, values | mine | {"lines-2-price": "10.5"})
    assert response.status_code == 409
    return response


def test_lines_stand_side_by_side(here):
    found = conflict_lines(stale(here))
    assert found == {
        "Lines": ("2 lines\n¥300.00", "1 line\n¥500.00", "3 lines\n¥931.50"),
        "Line 1": (
            "P1 lathe\n2 × 100 = ¥200.00\nCost of goods 120",
            "P1 lathe\n5 × 100 = ¥500.00\nCost of goods 120",
            "P1 lathe\n2 × 100 = ¥200.00\nCost of goods 120",
        ),
        "Line 2": (
            "P1 lathe\n1 × 100 = ¥100.00\nCost of goods 60",
            "no such line",
            "P1 lathe\n7 × 100 = ¥700.00\nCost of goods 60",
        ),
        "Line 3": ("no such line", "no such line", "P2 drill\n3 × 10.5 = ¥31.50"),
    }


def test_my_lines_are_kept_even_where_theirs_took_one_out(here):
    response = stale(here)
    assert here.browser.post(here.url, shown_values(response)).status_code == 302
    assert figures(here.order) == [
        ("P1", Decimal(2), Decimal(200)),
        ("P1", Decimal(7), Decimal(700)),
        ("P2", Decimal(3), Decimal("31.5")),
    ]


def test_their_lines_are_kept_where_chosen(here):
    response = stale(here)
    chosen = shown_values(response) | {"choose_lines": "theirs", "remark": "mine"}
    assert here.browser.post(here.url, chosen).status_code == 302
    assert figures(here.order) == [("P1", Decimal(5), Decimal(500))]
    here.order.refresh_from_db()
    assert here.order.remark == "mine"


def test_lines_left_alone_take_theirs(here):
    values = form_values(here.browser, here.url)
    assert here.browser.post(here.url, values | {"lines-0-quantity": "5"}).status_code == 302
    response = here.browser.post(here.url, values | {"remark": "mine"})
    assert response.status_code == 409
    assert "Line 1" in conflict_lines(response) and "Line 2" not in conflict_lines(response)
    assert not [item for item in response.context["conflict"] if not item["fixed"]]
    assert here.browser.post(here.url, shown_values(response)).status_code == 302
    assert figures(here.order)[0] == ("P1", Decimal(5), Decimal(500))


def test_who_may_not_see_cost_sees_none_of_it(here):
    client = client_for(here.ann)
    values = form_values(client, here.url)
    shown = form_values(here.browser, here.url)
    theirs = {"lines-0-quantity": "5", "lines-0-cost": "7391.25"}
    assert here.browser.post(here.url, shown | theirs).status_code == 302
    for base in (values["base"], shown["base"]):
        response = client.post(here.url, values | {"base": base, "remark": "mine"})
        assert response.status_code == 409
        text = response.content.decode().replace(",", "")
        assert "7391" not in text and "Cost" not in text


def test_recorded_amounts_stand_in_the_lines(here):
    order = make_order(
        here.ann_customer,
        source="imported",
        lines=[
            {
                "product": here.product,
                "quantity": Decimal(3),
                "unit_price": Decimal("-1.5"),
                "amount": Decimal("7.1234"),
                "cost": None,
            }
        ],
    )
    url = reverse("order-edit", args=[order.pk])
    values = form_values(here.browser, url)
    assert here.browser.post(url, values | {"lines-0-amount": "8"}).status_code == 302
    response = here.browser.post(url, values | {"lines-0-amount": "9"})
    assert conflict_lines(response)["Line 1"] == (
        "P1 lathe\n3 × -1.5 = ¥7.1234",
        "P1 lathe\n3 × -1.5 = ¥8.00",
        "P1 lathe\n3 × -1.5 = ¥9.00",
    )
    assert here.browser.post(url, shown_values(response)).status_code == 302
    assert order.lines.get().amount == Decimal(9)


def test_a_recorded_amount_left_alone_follows_figures_changed_here(here):
    line = {"product": here.product, "quantity": Decimal(1), "amount": Decimal("7.5"), "cost": None}
    order = make_order(here.ann_customer, source="imported", lines=[line, line])
    url = reverse("order-edit", args=[order.pk])
    values = form_values(here.browser, url)
    theirs = {"lines-0-quantity": "2", "lines-1-DELETE": "on"}
    assert here.browser.post(url, values | theirs).status_code == 302
    mine = {f"lines-{at}-{name}": "3" for at in (0, 1) for name in ("quantity", "price")}
    response = here.browser.post(url, values | mine)
    found = conflict_lines(response)
    assert [found[f"Line {number}"][2] for number in (1, 2)] == ["P1 lathe\n3 × 3 = ¥9.00"] * 2
    assert here.browser.post(url, shown_values(response)).status_code == 302
    assert [amount for _code, _quantity, amount in figures(order)] == [Decimal(9)] * 2


def test_an_altered_base_breaks_nothing(here):
    values = form_values(here.browser, here.url)
    assert here.browser.post(here.url, values | {"remark": "theirs"}).status_code == 302
    lines = ["\t" * 50, "x", "1\tP1\t1e9\tNaN\t\t\t\t", "9" * 400 + "\tP1\t" + "9" * 400]
    odd = [
        *odd_bases(values["base"]),
        *(json.dumps({"lines": [line]}) for line in lines),
    ]
    for base in odd:
        answer = here.browser.post(here.url, values | {"base": base, "remark": "mine"})
        assert answer.status_code in (409, 422), base[:80]
    here.order.refresh_from_db()
    assert here.order.remark == "theirs"

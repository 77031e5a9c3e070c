"""A report of many customers shows the largest first, and more of them when asked."""

import re
from decimal import Decimal

import pytest

from dossier.reports import screens
from tests.factories import client_for, make_account, make_customer, make_order, make_product

pytestmark = pytest.mark.django_db
HERE = "/reports/sales/?by1=customer"


@pytest.fixture
def manager(monkeypatch):
    """Seven customers with sales of 1 to 7, where three rows are shown and five at most."""
    monkeypatch.setattr(screens, "FIRST_ROWS", 3)
    monkeypatch.setattr(screens, "MOST_ROWS", 5)
    product = make_product()
    for amount in range(1, 8):
        lines = [{"product": product, "amount": Decimal(amount)}]
        make_order(make_customer(f"Customer of {amount}"), lines=lines)
    return make_account(roles=["sales_manager"])


def shown(page):
    return re.findall(r'<th scope="row" title="Customer of (\d)"', page.content.decode())


def test_the_largest_stand_there_and_more_are_a_press_away(manager):
    client = client_for(manager)
    page = client.get(HERE)
    assert shown(page) == ["7", "6", "5"]
    assert "The first 3 of 7 rows are shown" in page.content.decode()
    assert "28.00" in page.content.decode()  # the total is that of all
    address = page.context["report"]["more"]["url"]
    assert f'href="{address.replace("&", "&amp;")}"' in page.content.decode()
    more = client.get(address)
    assert shown(more) == ["7", "6", "5", "4", "3"]
    assert more.context["report"]["more"] is None


def test_a_number_of_rows_nobody_offered_is_refused(manager):
    assert client_for(manager).get(f"{HERE}&rows=4").status_code == 400

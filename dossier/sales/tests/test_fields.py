"""Every field of an order and its lines is brought in from sheets where it says so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dossier.sales.fields import LINE_FIELDS, ORDER_FIELDS, SHEET_ONLY
from dossier.sales.models import SalesOrder, SalesOrderLine
from tests.factories import make_customer, make_employee, make_product
from tests.field_lists import check_sheets, check_titles, first_names
from tests.imports import import_file, sheet

LISTS = [(SalesOrder, ORDER_FIELDS), (SalesOrderLine, LINE_FIELDS)]


def test_every_field_brought_in_has_a_name_of_its_own_in_sheets():
    check_sheets("sales", LISTS, SHEET_ONLY)


def test_titles_of_an_export_are_known_again():
    check_titles("sales", LISTS)
    check_titles("sales", [(SalesOrderLine, LINE_FIELDS)])


CELLS = {  # word of the sheet → cell, column of the line, what it holds then
    "customer_name": ("甲厂", "customer__name", "甲厂"),
    "date": ("2024年2月5日", "ordered_on", date(2024, 2, 5)),
    "salesperson": ("张伟", "salesperson__name", "张伟"),
    "currency": ("USD", "currency", "USD"),
    "order_number": ("S000001", "order__number", "S000001"),
    "product_name": ("方案", "product__name", "方案"),
    "quantity": ("5", "quantity", Decimal(5)),
    "unit_price": ("2600", "unit_price", Decimal(2600)),
    "discount": ("8折", "discount_factor", Decimal("0.8")),
    "amount": ("10400.00", "amount", Decimal(10400)),
    "cost": ("5850", "cost", Decimal(5850)),
    "other_cost": ("120", "other_cost", Decimal(120)),
    "remark": ("加急", "remark", "加急"),
}


@pytest.mark.usefixtures("committed_db")
def test_every_field_brought_in_really_comes_in():
    make_customer("甲厂")
    make_employee("张伟")
    make_product("P1", name="方案")
    header, row = first_names(LISTS, {key: cell for key, (cell, *_rest) in CELLS.items()})
    result = import_file("sales", sheet(header, row))
    assert (result.created, result.problems) == (1, [])
    kept = SalesOrderLine.objects.values(*(name for _c, name, _v in CELLS.values()))
    assert list(kept) == [{name: value for _cell, name, value in CELLS.values()}]
    order = SalesOrder.objects.get()
    assert (order.customer.name, order.ordered_on, order.currency) == (
        "甲厂",
        date(2024, 2, 5),
        "USD",
    )
    assert order.salesperson is not None and order.salesperson.name == "张伟"

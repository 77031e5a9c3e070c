"""Two sendings of one form at the same moment, and many orders at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connections

from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.rules import LineInput
from dossier.sales.services import order_record
from dossier.sales.tests.helpers import DAY, company
from tests.factories import actor_for


def run_together(number, work):
    barrier = Barrier(number)

    def one(index):
        barrier.wait()
        try:
            return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


@pytest.mark.parametrize("same_form", [True, False])
def test_one_form_makes_one_order_and_many_forms_make_different_numbers(committed_db, same_form):
    c = company()
    actor = actor_for(c.ann)
    line = [LineInput(c.product.pk, Decimal(1), Decimal(10))]

    def record(index):
        return order_record(
            actor=actor,
            customer_id=c.ann_customer.pk,
            ordered_on=DAY,
            currency="CNY",
            salesperson_id=c.ann.employee_id,
            lines=line,
            submission="same" if same_form else f"form {index}",
        ).number

    numbers = run_together(6, record)
    expected = 1 if same_form else 6
    assert len(set(numbers)) == expected
    assert SalesOrder.objects.count() == SalesOrderLine.objects.count() == expected

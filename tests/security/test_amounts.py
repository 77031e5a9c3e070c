"""No amount is taken that is none: in forms, services and the database itself (SECURITY E 33)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dossier.core.errors import Refusal
from dossier.core.money import CURRENCIES
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.services import order_record
from tests.factories import make_customer, make_product
from tests.security.services import line

pytestmark = pytest.mark.django_db


def number_columns() -> list[models.Field]:
    """Every column that holds an amount, a quantity or a rate."""
    return [
        field
        for model in apps.get_models()
        if model.__module__.startswith("dossier.")
        for field in model._meta.concrete_fields
        if isinstance(field, models.DecimalField)
    ]


def refused_by_database(field: models.Field, pk: int, value: str) -> bool:
    """Whether the database itself refuses a value in a column."""
    quote = connection.ops.quote_name
    mark = transaction.savepoint()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {quote(field.model._meta.db_table)} SET {quote(field.column)} = %s"
                f" WHERE {quote(field.model._meta.pk.column)} = %s",
                [value, pk],
            )
            assert cursor.rowcount == 1
    except DatabaseError:
        return True
    finally:
        transaction.savepoint_rollback(mark)
    return False


@pytest.mark.parametrize("field", number_columns(), ids=str)
@pytest.mark.parametrize("value", ["NaN", "1e18", "Infinity"])
def test_the_database_keeps_no_number_that_is_none(field, value, world):
    row = field.model._default_manager.first()
    assert row is not None, f"make a {field.model.__name__} in tests/permissions/world.py"
    assert refused_by_database(field, row.pk, value), (
        f"{field}: give it a CheckConstraint with a bound"
    )


def test_a_column_without_a_bound_is_seen(world):
    """The fault put in: without its constraint a column does hold NaN."""
    field = SalesOrderLine._meta.get_field("quantity")
    row = SalesOrderLine.objects.first()
    assert refused_by_database(field, row.pk, "NaN")
    assert not refused_by_database(field, row.pk, "12")


ODD = st.one_of(
    st.decimals(allow_nan=True, allow_infinity=True),
    st.decimals(min_value=-1000, max_value=1000, places=3),
    st.sampled_from(
        [Decimal(v) for v in ("0", "-0", "-1", "1e18", "1e-5", "0.001", "99999999999999")]
    ),
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(quantity=ODD, price=ODD, factor=ODD)
def test_any_line_is_refused_or_kept_as_the_server_computes_it(world, quantity, price, factor):
    party = world.askers["salesperson"]
    mark = transaction.savepoint()
    try:
        before = SalesOrder.objects.count()
        customer = make_customer("amounts", owner=party.employee)
        try:
            order = order_record(
                actor=party.actor,
                customer_id=customer.pk,
                ordered_on=world_day(),
                currency="CNY",
                salesperson_id=party.employee.pk,
                lines=[
                    line(
                        make_product().pk,
                        quantity=quantity,
                        unit_price=price,
                        discount_factor=factor,
                        amount=Decimal(1),  # whatever the page says
                    )
                ],
            )
        except Refusal:
            assert SalesOrder.objects.count() == before
            return
        kept = order.lines.get()
        assert price >= 0 and quantity != 0 and factor >= 0
        exact = quantity * price * factor
        half = Decimal(1).scaleb(-CURRENCIES["CNY"].places) / 2
        assert abs(kept.amount - exact) <= half
        assert (kept.quantity, kept.unit_price) == (quantity, price)
    finally:
        transaction.savepoint_rollback(mark)


def world_day():
    from datetime import date

    return date(2026, 1, 15)

"""A right to change reaches as far as it was granted, not as far as the eye does (ORG-4)."""

import pytest

from dossier.core.errors import NotAllowed
from dossier.customers.models import Customer
from dossier.people.models import Employee
from dossier.sales.models import SalesOrder
from tests.factories import actor_of_role, make_customer, make_employee, make_order

pytestmark = pytest.mark.django_db


def test_seeing_every_customer_does_not_let_one_change_their_orders():
    actor = actor_of_role("salesperson", "marketing")  # sees everything, changes own
    order = make_order(make_customer(owner=make_employee()))
    assert SalesOrder.objects.for_user(actor).filter(pk=order.pk).exists()
    assert not SalesOrder.objects.for_user(actor, "change").filter(pk=order.pk).exists()
    with pytest.raises(NotAllowed):
        SalesOrder.objects.reachable(actor, order.pk, "change")


def test_seeing_files_without_owner_does_not_let_one_change_them():
    actor = actor_of_role("salesperson", "administration_manager")
    unowned = make_customer()
    assert Customer.objects.for_user(actor).filter(pk=unowned.pk).exists()
    assert not Customer.objects.for_user(actor, "change").filter(pk=unowned.pk).exists()


def test_orders_of_files_without_owner_are_not_changed_by_who_only_sees_these_files():
    actor = actor_of_role("salesperson", "administration_manager")
    order = make_order(make_customer(), salesperson=make_employee())
    assert SalesOrder.objects.for_user(actor).filter(pk=order.pk).exists()
    assert not SalesOrder.objects.for_user(actor, "change").filter(pk=order.pk).exists()


def test_an_order_is_changed_only_by_who_sees_its_customer():
    actor = actor_of_role("salesperson")
    mine = Employee.objects.get(pk=actor.employee_id)
    order = make_order(make_customer(owner=make_employee()), salesperson=mine)
    assert SalesOrder.objects.for_user(actor).filter(pk=order.pk).exists()
    assert not SalesOrder.objects.for_user(actor, "change").filter(pk=order.pk).exists()

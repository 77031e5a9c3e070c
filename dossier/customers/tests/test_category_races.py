"""Changes to the tree of customer categories at the same time (CUS-4): every one holds or is refused."""

from __future__ import annotations

import pytest

from dossier.core.errors import Refusal
from dossier.customers.models import Customer, CustomerCategory
from dossier.customers.services import (
    category_close,
    category_move_customers,
    category_update,
    customer_create,
    customer_update,
)
from dossier.customers.tests.test_categories import make
from dossier.customers.tests.test_races import at_once, create
from tests.factories import actor_of_role


@pytest.mark.slow
def test_two_moves_never_make_a_circle(committed_db):
    actor = actor_of_role("customer_information_administrator")
    pair = [make(actor, "one"), make(actor, "two")]

    def below_the_other(number):
        return category_update(
            actor=actor,
            category_id=pair[number].pk,
            expected_version=None,
            changes={"parent": pair[1 - number]},
        )

    results = at_once(2, below_the_other)
    assert sum(isinstance(result, Refusal) for result in results) == 1
    assert CustomerCategory.objects.filter(parent__isnull=False).count() == 1


@pytest.mark.slow
def test_no_customer_slips_into_a_category_while_it_is_emptied(committed_db):
    keeper = actor_of_role("customer_information_administrator")
    old, new = make(keeper, "old"), make(keeper, "new")
    seller = actor_of_role("salesperson")
    people = [{"name": "Ann", "mobile": "13800001234"}]

    def enter(number):
        return customer_create(
            actor=seller,
            data={"name": f"n {number}", "category_node": old.code},
            contacts=people,
        )

    def work(number):
        if number == 3:
            return category_move_customers(
                actor=keeper, category_id=old.pk, to=new, reason="x", close=True
            )
        return enter(number)

    results = at_once(6, work)
    assert isinstance(results[3], int)
    made = [one for one in results if isinstance(one, Customer)]
    assert {one.code for one in results if isinstance(one, Refusal)} <= {"category_closed"}
    assert results[3] == len(made) == Customer.objects.filter(category_node=new).count()
    assert not Customer.objects.filter(category_node=old).exists()


@pytest.mark.slow
def test_retiring_while_a_child_is_entered_leaves_no_child_in_use_below(committed_db):
    actor = actor_of_role("customer_information_administrator")
    top = make(actor, "top")

    def work(number):
        if number:
            return make(actor, "child", parent=top)
        return category_close(actor=actor, category_id=top.pk, reason="x")

    results = at_once(2, work)
    assert sum(isinstance(result, Refusal) for result in results) == 1
    top.refresh_from_db()
    assert top.is_active == top.children.filter(is_active=True).exists()


@pytest.mark.slow
def test_edits_and_moves_at_once_do_not_block_each_other_for_good(committed_db):
    keeper = actor_of_role("customer_information_administrator")
    old, new = make(keeper, "old"), make(keeper, "new")
    seller = actor_of_role("salesperson")
    files = [create(seller, f"n {number}") for number in range(3)]

    def work(number):
        if number == 3:
            return category_move_customers(actor=keeper, category_id=old.pk, to=new, reason="x")
        return customer_update(
            actor=seller,
            customer_id=files[number].pk,
            expected_version=None,
            changes={"category_node": old.code},
        )

    results = at_once(4, work)
    assert not [one for one in results if isinstance(one, Refusal)]
    assert Customer.objects.filter(category_node=new).count() == results[3]
    assert Customer.objects.filter(category_node__isnull=False).count() == 3

"""Concurrent creation: every file gets its own next code, one submission makes one file (CUS-2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from dossier.core.errors import Refusal
from dossier.customers.models import Customer
from dossier.customers.services import customer_create, customer_update
from tests.factories import actor_of_role

pytestmark = pytest.mark.slow


def at_once(count, work):
    """Run ``work(0…)`` in threads at the same time; results, or the refusal each met."""

    def one(number):
        try:
            return work(number)
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def create(actor, name, **more):
    contacts = [{"name": "Ann", "mobile": "13800001234"}]
    return customer_create(actor=actor, data={"name": name}, contacts=contacts, **more)


def test_codes_are_consecutive_and_never_given_twice(committed_db):
    actor = actor_of_role("salesperson")
    made = at_once(6, lambda number: create(actor, f"customer {number}"))
    assert sorted(one.code for one in made) == [f"{number:06d}" for number in range(1, 7)]


def test_one_submission_makes_one_file(committed_db):
    actor = actor_of_role("salesperson")
    made = at_once(4, lambda _number: create(actor, "once", submission="a" * 32))
    assert len({one.pk for one in made}) == 1
    assert Customer.objects.count() == 1


def test_two_head_offices_never_make_a_circle(committed_db):
    actor = actor_of_role("salesperson")
    pair = [create(actor, "one"), create(actor, "two")]

    def marry(number):
        return customer_update(
            actor=actor,
            customer_id=pair[number].pk,
            expected_version=None,
            changes={"head_office": pair[1 - number].code},
        )

    results = at_once(2, marry)
    assert sum(isinstance(result, Refusal) for result in results) == 1
    assert Customer.objects.filter(head_office__isnull=False).count() == 1


def test_one_typed_code_belongs_to_one(committed_db):
    actor = actor_of_role("salesperson")
    contacts = [{"name": "Ann", "mobile": "13800001234"}]
    made = at_once(
        4,
        lambda number: customer_create(
            actor=actor, data={"name": f"n {number}", "code": "SAME1"}, contacts=contacts
        ),
    )
    assert sum(isinstance(one, Refusal) for one in made) == 3
    assert Customer.objects.get().code == "SAME1"

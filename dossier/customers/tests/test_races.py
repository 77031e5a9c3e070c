"""Concurrent creation: every file gets its own next code, one submission makes one file (CUS-2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connections

from dossier.core.access import system_actor
from dossier.core.errors import Refusal
from dossier.core.services import command
from dossier.customers.models import Customer
from dossier.customers.services import customer_assign, customer_create, customer_update
from dossier.people.models import Employee
from dossier.people.services import employee_leave
from tests.factories import actor_of_role, make_employee

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


def while_leaving(work: Callable[[Employee], object]) -> tuple[Employee, object]:
    """Run ``work`` for an employee whose leaving is written and not committed; who, and what it met."""
    leaver, asked = make_employee("离职者"), threading.Event()
    met: list[object] = []

    def give():
        asked.set()
        try:
            met.append(work(leaver))
        except Refusal as refusal:
            met.append(refusal)
        finally:
            connections.close_all()

    giver = threading.Thread(target=give)
    with command(system_actor()):
        employee_leave(actor=system_actor(), employee_id=leaver.pk, left_on=date(2026, 1, 31))
        giver.start()
        assert asked.wait(10)
        giver.join(0.5)
        waited = giver.is_alive()
    giver.join(10)
    assert waited, f"did not wait for the leaving: {met}"
    return leaver, met[0]


@pytest.mark.parametrize("way", ["new", "edited", "given"])
def test_nobody_who_is_leaving_becomes_an_owner(committed_db, way):
    manager = actor_of_role("sales_manager")
    customer = create(manager, "held by somebody else")

    def work(leaver):
        if way == "new":
            return customer_create(
                actor=manager,
                data={"name": "n", "owner": leaver.pk},
                contacts=[{"name": "Ann", "mobile": "13800001234"}],
            )
        if way == "edited":
            return customer_update(
                actor=manager,
                customer_id=customer.pk,
                expected_version=None,
                changes={"owner": leaver.pk},
            )
        return customer_assign(actor=manager, customer_id=customer.pk, owner=leaver.pk)

    leaver, met = while_leaving(work)
    assert isinstance(met, Refusal)
    assert (met.code, met.field) == ("not_in_post", "owner")
    assert not Customer.objects.filter(owner=leaver).exists()


def test_who_was_just_given_a_customer_leaves_only_after_handing_it_over(committed_db):
    manager, receiver, heir = actor_of_role("sales_manager"), make_employee(), make_employee()
    customer = create(manager, "given")
    handed: list[object] = []

    def leave():
        try:
            handed.append(
                employee_leave(
                    actor=system_actor(),
                    employee_id=receiver.pk,
                    left_on=date(2026, 1, 31),
                    hand_over_to=heir.pk,
                )
            )
        finally:
            connections.close_all()

    leaver = threading.Thread(target=leave)
    with command(system_actor()):
        customer_assign(actor=manager, customer_id=customer.pk, owner=receiver.pk)
        leaver.start()
        leaver.join(0.5)
        assert leaver.is_alive(), "the leaving did not wait for the customer just given"
    leaver.join(10)
    customer.refresh_from_db()
    assert customer.owner == heir
    assert handed[0].handed_over

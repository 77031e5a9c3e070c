"""Of several at the same moment exactly one wins: numbers, forms sent twice, edits of one version (SECURITY E 32).

Each race is first run with its lock off and must then be lost, or the test of the lock would prove nothing.
Races of other records: `test_races.py` of people, customers and sales, `tests/flows/test_import_bad_input.py`.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connections
from django.db.models import QuerySet

from dossier.core import numbering
from dossier.core.errors import Refusal
from dossier.core.models import NumberScheme
from dossier.customers.models import Customer
from dossier.customers.services import customer_archive, customer_update
from dossier.people.models import Employee
from dossier.sales.models import SalesOrder
from dossier.sales.services import order_record
from tests.factories import actor_of_role, make_customer, make_product
from tests.security.services import line

pytestmark = pytest.mark.slow
MANY = 6


def at_once(work):
    """What ``work(0…)`` gave, run in threads that start together; a refusal or fault as itself."""
    start = Barrier(MANY)

    def one(number):
        start.wait(20)
        try:
            return work(number)
        except Exception as problem:  # noqa: BLE001 # what each met is the result that is looked at
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def slow_reads(monkeypatch):
    """The locks off, and time to overtake: rows are read plainly and written a moment later."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *a, **k: self)
    get = QuerySet.get

    def late(self, *given, **named):
        found = get(self, *given, **named)
        if self.model in (NumberScheme, Customer):
            time.sleep(0.2)
        return found

    monkeypatch.setattr(QuerySet, "get", late)


def parties():
    actor = actor_of_role("salesperson")
    owner = Employee.objects.get(pk=actor.employee_id)
    return actor, make_customer("race", owner=owner), make_product()


def orders(actor, customer, product, submission):
    def record(number):
        return order_record(
            actor=actor,
            customer_id=customer.pk,
            ordered_on=date(2026, 1, 15),
            currency="CNY",
            salesperson_id=actor.employee_id,
            lines=[line(product.pk)],
            submission=submission or f"form {number}",
        )

    return at_once(record)


def edits(actor, customer):
    return at_once(
        lambda number: customer_update(
            actor=actor,
            customer_id=customer.pk,
            expected_version=1,
            changes={"remark": f"r{number}"},
        )
    )


def test_every_order_gets_a_number_of_its_own(committed_db):
    orders(*parties(), "")
    numbers = list(SalesOrder.objects.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers)) == MANY


def test_numbers_without_the_lock_are_given_twice(committed_db, monkeypatch):
    actor, _customer, _product = parties()
    slow_reads(monkeypatch)
    from dossier.core.services import command

    def issue(_number):
        with command(actor):
            return numbering.next_number("sales_order")

    given = at_once(issue)
    assert len(set(map(str, given))) < MANY


def test_one_form_sent_six_times_makes_one_order(committed_db):
    found = orders(*parties(), "the same")
    assert SalesOrder.objects.count() == 1
    assert {one.pk for one in found} == {SalesOrder.objects.get().pk}


def test_a_form_without_its_claim_makes_several(committed_db, monkeypatch):
    monkeypatch.setattr(
        "dossier.sales.services.once",
        lambda **_given: SimpleNamespace(result="", save=lambda **_more: None),
    )
    orders(*parties(), "the same")
    assert SalesOrder.objects.count() > 1


def test_of_six_edits_of_one_version_one_is_saved(committed_db):
    actor, customer, _product = parties()
    found = edits(actor, customer)
    assert sum(isinstance(one, Customer) for one in found) == 1
    assert sorted({one.code for one in found if isinstance(one, Refusal)}) == ["stale"]
    customer.refresh_from_db()
    assert customer.version == 2


def test_edits_without_the_lock_are_lost(committed_db, monkeypatch):
    actor, customer, _product = parties()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *a, **k: self)
    from dossier.customers.services import profiles

    check = profiles.check_version

    def late(*given, **named):
        check(*given, **named)
        time.sleep(0.3)

    monkeypatch.setattr(profiles, "check_version", late)
    found = edits(actor, customer)
    assert sum(isinstance(one, Customer) for one in found) > 1


def test_archived_once_with_one_reason(committed_db):
    actor = actor_of_role("sales_manager")
    customer = make_customer("race")
    at_once(
        lambda number: customer_archive(
            actor=actor, customer_id=customer.pk, reason=f"reason {number}", expected_version=1
        )
    )
    customer.refresh_from_db()
    assert customer.version == 2 and customer.archive_reason.startswith("reason ")

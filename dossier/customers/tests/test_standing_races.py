"""Computing beside others: nobody waits, nothing that changed is forgotten, no endless rounds (CUS-8)."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
import pytest
from django.db import connections

from dossier.core.access import system_actor
from dossier.customers.models import Customer, Question, Standing, StandingMark
from dossier.customers.services import checks_run
from dossier.customers.services.standing import work_off_marks
from tests.factories import make_customer

pytestmark = pytest.mark.slow


@contextmanager
def another(statement, *values):
    """Another program in the middle of a transaction."""
    parameters = connections["default"].get_connection_params()
    parameters = {k: v for k, v in parameters.items() if k not in ("cursor_factory", "context")}
    with psycopg.connect(**parameters) as other:
        other.execute(statement, values)
        yield other
        other.rollback()


def test_who_is_being_computed_is_passed_over_and_comes_back(committed_db):
    one, two = make_customer(), make_customer()
    assert set(work_off_marks()) == {one.pk, two.pk}
    Customer.objects.filter(pk__in=[one.pk, two.pk]).update(grade="A")
    lock = "SELECT 1 FROM customers_standing WHERE customer_id = %s FOR UPDATE"
    with another(lock, one.pk):
        assert work_off_marks() == [two.pk]
    assert list(StandingMark.objects.values_list("customer_id", flat=True)) == [one.pk]
    assert work_off_marks() == [one.pk]
    assert "grade" not in Standing.objects.get(pk=one.pk).missing
    assert work_off_marks() == []


def test_a_customer_that_is_gone_leaves_no_round_behind(committed_db):
    StandingMark.objects.create(customer_id=999_999)
    assert work_off_marks() == []
    assert not StandingMark.objects.exists()


def test_while_an_import_writes_checks_are_put_off_and_not_forgotten(committed_db):
    from dossier.core.imports.store import _LOCK_CLASS, _key

    one = make_customer(phone="12")
    work_off_marks()
    with another("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK_CLASS, _key("customers")):
        found = checks_run(actor=system_actor(), ids=[one.pk], wait=False)
        assert found.put_off and not Question.objects.exists()
        assert StandingMark.objects.filter(customer_id=one.pk).exists()
    assert checks_run(actor=system_actor(), ids=work_off_marks(), wait=False).opened == 1

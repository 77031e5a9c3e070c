"""The proof of the load test sees what it is there for: lost, doubled, overwritten and half-done writes."""

from __future__ import annotations

import pytest
from django.db import connection

from bench.load import verify
from bench.load.faults import Outage
from bench.load.journal import Journal, State, What
from bench.load.samples import Sample, Samples, rows_of
from dossier.customers.models import Note
from dossier.sales.models import SalesOrderLine
from tests.factories import make_customer, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared():
    return make_customer("shared")


@pytest.fixture
def journal():
    return Journal("loadtest")


@pytest.fixture
def before(shared):
    return verify.stand(connection.connection, [shared.pk])


def write(journal, what, state=State.DONE, **facts):
    made = journal.begin(what, "somebody", **facts)
    made.state, made.sent = state, 1
    return made


def put(customer, text):
    """As the edit service does: another remark, the next version."""
    customer.remark, customer.version = text, customer.version + 1
    customer.save(update_fields=["remark", "version"])


def found(journal, before):
    return list(verify.problems(connection.connection, journal, before))


def counted(journal, customer, count, saw):
    made = write(journal, What.COUNT, row=customer.pk, saw=saw, expected={"count": count})
    put(customer, f"count {count} {made.token}")
    return customer.remark


def test_what_is_as_it_was_told_is_no_problem(journal, before, shared):
    first = counted(journal, shared, 1, "")
    counted(journal, shared, 2, first)
    write(journal, What.EDIT, State.REFUSED, row=shared.pk)
    note = write(journal, What.NOTE)
    Note.objects.create(
        customer=shared, kind="need", text=f"{note.token} said", noted_on="2026-01-05"
    )
    order = write(journal, What.ORDER, expected={"lines": 1, "total": 10000})
    make_order(shared, remark=f"{order.token} entered")
    assert found(journal, before) == []
    assert verify.missing(connection.connection, journal, before) == []


def test_an_acknowledged_write_that_is_not_there_is_seen(journal, before):
    token = write(journal, What.NOTE).token
    assert [token in text for text in found(journal, before)] == [True]
    assert [token in text for text in verify.missing(connection.connection, journal, before)] == [
        True
    ]


def test_without_an_answer_once_or_never_is_right_and_twice_is_not(journal, before, shared):
    note = write(journal, What.NOTE, State.OPEN)
    values = {"kind": "need", "text": f"{note.token} said", "noted_on": "2026-01-05"}
    assert found(journal, before) == []
    Note.objects.create(customer=shared, **values)
    assert found(journal, before) == []
    Note.objects.create(customer=shared, **values)
    assert "is there 2 times" in found(journal, before)[0]


def test_a_refused_write_that_is_there_is_seen(journal, before, shared):
    made = write(journal, What.COUNT, State.REFUSED, row=shared.pk)
    put(shared, f"count 1 {made.token}")
    assert "refused" in found(journal, before)[0]


def test_a_lost_update_is_seen(journal, before, shared):
    """The second author saw the state before the first, and the program let the write through."""
    counted(journal, shared, 1, "")
    counted(journal, shared, 1, "")
    texts = found(journal, before)
    assert any("lost update" in text for text in texts)
    assert any("counted [1, 1]" in text for text in texts)


def test_a_version_left_out_is_seen(journal, before, shared):
    counted(journal, shared, 1, "")
    type(shared).objects.filter(pk=shared.pk).update(version=1)
    assert any("version 1 became 1" in text for text in found(journal, before))


def test_an_order_without_one_of_its_lines_is_seen(journal, before, shared):
    made = write(journal, What.ORDER, expected={"lines": 2, "total": 20000})
    order = make_order(shared, remark=f"{made.token} entered", lines=[{}, {}])
    assert found(journal, before) == []
    SalesOrderLine.objects.filter(order=order, line_no=2).delete()
    assert "has 1 lines" in found(journal, before)[0]


def test_half_an_import_is_seen(journal, before):
    made = write(journal, What.IMPORT, State.OPEN, expected={"rows": 2})
    make_customer("first", remark=f"{made.token} row 0")
    assert "is there 1 times" in found(journal, before)[0]


def test_only_answers_around_a_kill_are_excused():
    samples = Samples()
    for at, ms in ((10.0, 5.0), (19.0, 2000.0), (25.0, 5.0), (31.0, 5.0)):
        samples.add(Sample(at, "page", ms, 503, wanted=False))
    samples.killed_at(20.0, 10.0)
    assert [one.at for one in samples.errors()] == [10.0, 31.0]
    [_page, every] = rows_of(samples.all())
    assert (every.count, every.faults[503]) == (4, 4)


def test_an_outage_is_held_only_in_time_signed_in_and_complete():
    assert Outage("a", 9.0, 9.0, True, ()).held(10)
    assert not Outage("a", 11.0, 9.0, True, ()).held(10)
    assert not Outage("a", 1.0, 1.0, False, ()).held(10)
    assert not Outage("a", 1.0, 1.0, True, ("a note",)).held(10)

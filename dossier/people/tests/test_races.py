"""Races on what must stay one: the first administrator, the last administrator, a form sent twice."""

import threading
from datetime import date

import pytest
from django.db import connection

from dossier.core.access import system_actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.services import command
from dossier.people.models import Account, Employee
from dossier.people.selectors import employee_in_post_locked
from dossier.people.services import (
    account_bootstrap,
    account_set_roles,
    employee_create,
    employee_leave,
    employee_update,
)
from tests.factories import PASSWORD, actor_for, client_for, make_account, make_employee
from tests.forms import form_values


def together(*jobs):
    """Run jobs at the same moment, each in a thread of its own; codes of those refused."""
    start = threading.Barrier(len(jobs))
    refused = []

    def run(job):
        start.wait()
        try:
            job()
        except Refusal as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_one_first_administrator(committed_db):
    refused = together(
        *(lambda n=n: account_bootstrap(login=f"boss{n}", password=PASSWORD) for n in range(4))
    )
    assert refused == ["already_set_up"] * 3
    assert Account.objects.count() == 1


def test_two_administrators_who_remove_each_other_leave_one(committed_db):
    accounts = [make_account(roles=["system_administrator"]) for _one in range(2)]
    first, second = accounts
    pairs = [(actor_for(first), second.pk), (actor_for(second), first.pk)]
    refused = together(
        *(
            lambda actor=actor, other=other: account_set_roles(
                actor=actor, account_id=other, role_ids=[]
            )
            for actor, other in pairs
        )
    )
    assert len(refused) == 1
    assert Account.objects.filter(roles__key="system_administrator").count() == 1


def test_two_who_become_each_others_supervisor_make_no_circle(committed_db):
    one, two = make_employee(), make_employee()
    refused = together(
        lambda: employee_update(
            actor=system_actor(), employee_id=one.pk, expected_version=None, supervisor=two
        ),
        lambda: employee_update(
            actor=system_actor(), employee_id=two.pk, expected_version=None, supervisor=one
        ),
    )
    assert refused == ["cycle"]


def test_a_form_sent_four_times_at_once_makes_one(committed_db):
    together(
        *(
            lambda: employee_create(
                actor=system_actor(), submission="s" * 20, number="E1", name="n"
            )
            for _n in range(4)
        )
    )
    assert Employee.objects.count() == 1


def test_one_number_is_given_once(committed_db):
    refused = together(
        *(lambda: employee_create(actor=system_actor(), number="E1", name="n") for _n in range(4))
    )
    assert refused == ["number_taken"] * 3


def test_who_is_given_something_while_leaving_is_refused_once_gone(committed_db):
    leaver = make_employee()
    leaving, asked = threading.Event(), threading.Event()
    refused = []

    def give():
        leaving.wait(10)
        try:
            with command(system_actor()):
                asked.set()
                employee_in_post_locked(leaver.pk)
        except Refusal as refusal:
            refused.append((refusal.code, refusal.field))
        finally:
            connection.close()

    giver = threading.Thread(target=give)
    giver.start()
    with command(system_actor()):
        employee_leave(actor=system_actor(), employee_id=leaver.pk, left_on=date(2026, 1, 31))
        leaving.set()
        assert asked.wait(10)
        giver.join(0.3)
        assert giver.is_alive(), "the giver waits for the leaving to end"
    giver.join(10)
    assert refused == [("not_in_post", "owner")]


def test_leaving_waits_for_what_is_just_given(committed_db):
    receiver = make_employee()
    gave = threading.Event()

    def leave():
        gave.wait(10)
        try:
            employee_leave(actor=system_actor(), employee_id=receiver.pk, left_on=date(2026, 1, 31))
        finally:
            connection.close()

    leaver = threading.Thread(target=leave)
    leaver.start()
    with command(system_actor()):
        assert employee_in_post_locked(receiver.pk) == receiver
        gave.set()
        leaver.join(0.3)
        assert leaver.is_alive()
        assert Employee.objects.get(pk=receiver.pk).in_post
    leaver.join(10)
    assert not Employee.objects.get(pk=receiver.pk).in_post


def test_nobody_of_a_number_unknown_is_locked(db):
    with command(system_actor()), pytest.raises(NotFound):
        employee_in_post_locked(0)


def test_the_conflict_page_names_who_changed_it(committed_db):
    person = make_employee("before", number="E1")
    other = make_account(
        roles=["customer_information_administrator"], employee=make_employee("王芳")
    )
    mine = client_for(make_account(roles=["customer_information_administrator"]))
    url = f"/people/{person.pk}/edit/"
    values = form_values(mine, url)
    assert client_for(other).post(url, values | {"name": "theirs"}).status_code == 302
    response = mine.post(url, values | {"name": "mine"})
    assert response.context["conflict_by"] == "王芳"
    assert "王芳" in response.content.decode()

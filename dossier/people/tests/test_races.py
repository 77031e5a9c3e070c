"""Races on what must stay one: the first administrator, the last administrator, a form sent twice."""

import threading

from django.db import connection

from dossier.core.access import system_actor
from dossier.core.errors import Refusal
from dossier.people.models import Account, Employee
from dossier.people.services import (
    account_bootstrap,
    account_set_roles,
    employee_create,
    employee_update,
)
from tests.factories import PASSWORD, actor_for, make_account, make_employee


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

"""Auditors and administrators have the history verified from a page; who asked is recorded (AUD-1)."""

from __future__ import annotations

import psycopg
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.errors import NotAllowed, Refusal
from dossier.core.history import proof
from dossier.core.history.screens import FAULTS
from dossier.core.models import HistoryEntry, Verification
from dossier.core.services import command
from tests.factories import actor_for, actor_of_role, client_for, make_account, make_customer
from tests.sealing import seal_all

URL = "/settings/verification/"


@pytest.fixture
def place(committed_db, settings, tmp_path, monkeypatch):
    """A committed history with heads of its own; gives the database's name."""
    monkeypatch.setenv("DOSSIER_SEAL_HEADS", str(tmp_path / "heads.jsonl"))
    settings.DATABASE_URL = testing.app_url(committed_db)
    settings.OWNER_DATABASE_URL = testing.owner_url(committed_db)
    with command(system_actor(), why="made"):
        make_customer("天津格致")
    seal_all(committed_db)
    return committed_db


def tamper(database):
    """Somebody with the server's superuser changes a customer past the triggers."""
    with psycopg.connect(testing.superuser_url(database), autocommit=True) as superuser:
        superuser.execute("ALTER TABLE customers_customer DISABLE TRIGGER history_update")
        superuser.execute("UPDATE customers_customer SET remark = 'forged'")
        superuser.execute("ALTER TABLE customers_customer ENABLE ALWAYS TRIGGER history_update")


def test_asked_done_by_a_job_and_shown(place):
    client = client_for(make_account(roles=["auditor"], login="audit"))
    assert "not yet verified" in client.get(URL).content.decode()
    assert client.post(f"{URL}ask").headers["Location"] == URL
    row = Verification.objects.get()
    assert (row.status, row.asked_by) == ("waiting", "audit")
    waiting = client.get(f"{URL}state").content.decode()
    assert "waits for its turn" in waiting
    assert "hx-get" in waiting
    job = ProcrastinateJob.objects.get(task_name="core.verify_history")
    proof.verification_run(**job.args)
    row.refresh_from_db()
    assert (row.status, row.fault_count, row.faults) == ("done", 0, [])
    assert row.entries >= row.sealed > 0
    assert row.began_at < row.ended_at
    shown = client.get(f"{URL}state").content.decode()
    assert "untouched" in shown
    assert f"{row.entries:,} entries were checked" in shown
    assert "hx-get" not in shown


def test_tampering_is_named_on_the_page(place):
    actor = actor_of_role("system_administrator")
    tamper(place)
    row = proof.verification_ask(actor=actor)
    proof.verification_run(row.pk)
    row.refresh_from_db()
    assert [(one["code"], one["table"], one["columns"]) for one in row.faults] == [
        ("row_differs", "customers_customer", "remark")
    ]
    page = client_for(make_account(roles=["auditor"])).get(URL).content.decode()
    assert "Something was altered" in page
    assert "A record differs from its history" in page
    assert "customers_customer" in page


def test_it_needs_no_owner_and_says_so(place, settings):
    settings.OWNER_DATABASE_URL = ""
    tamper(place)
    row = proof.verification_ask(actor=actor_of_role("auditor"))
    proof.verification_run(row.pk)
    row.refresh_from_db()
    assert (row.as_owner, row.status, row.fault_count) == (False, "done", 1)
    page = client_for(make_account(roles=["auditor"])).get(URL).content.decode()
    assert "database role" in page


def test_one_at_a_time_and_a_dead_one_gives_way(place):
    actor = actor_of_role("auditor")
    first = proof.verification_ask(actor=actor)
    with pytest.raises(Refusal) as refused:
        proof.verification_ask(actor=actor)
    assert refused.value.code == "already_verifying"
    # The process that had it was killed: its job is gone and nobody holds the mark.
    ProcrastinateJob.objects.all()._raw_delete("default")
    Verification.objects.filter(pk=first.pk).update(status="running")
    second = proof.verification_ask(actor=actor)
    first.refresh_from_db()
    assert (first.status, first.problem) == ("failed", "interrupted")
    proof.verification_run(second.pk)
    second.refresh_from_db()
    assert second.status == "done"
    proof.verification_run(second.pk)
    assert Verification.objects.get(pk=second.pk).ended_at == second.ended_at, "done once"


def test_while_one_works_nobody_calls_it_dead(place):
    row = proof.verification_ask(actor=actor_of_role("auditor"))
    with proof._working() as free:
        assert free
        Verification.objects.filter(pk=row.pk).update(status="running")
        assert proof.latest()[0].status == "running"
        with proof._working() as again:
            assert not again


def test_a_database_that_refuses_is_told_not_hidden(place, settings):
    row = proof.verification_ask(actor=actor_of_role("auditor"))
    settings.OWNER_DATABASE_URL = settings.DATABASE_URL.replace("postgresql://", "postgresql://no")
    proof.verification_run(row.pk)
    row.refresh_from_db()
    assert (row.status, row.fault_count) == ("failed", 0)
    page = client_for(make_account(roles=["auditor"])).get(URL).content.decode()
    assert "could not be verified" in page
    assert "untouched" not in page


@pytest.mark.django_db
def test_only_with_the_right(client):
    for role, status in (("auditor", 200), ("system_administrator", 200), ("sales_manager", 403)):
        assert client_for(make_account(roles=[role])).get(URL).status_code == status
    seller = make_account(roles=["salesperson"])
    assert client_for(seller).post(f"{URL}ask").status_code == 403
    with pytest.raises(NotAllowed):
        proof.verification_ask(actor=actor_for(seller))
    assert not Verification.objects.exists()


@pytest.mark.django_db
def test_who_asked_is_in_the_history():
    actor = actor_of_role("auditor")
    row = proof.verification_ask(actor=actor)
    entry = HistoryEntry.objects.get(table_name="core_verification", row_id=str(row.pk))
    assert entry.op == "I"
    assert entry.after["asked_by"] == actor.login


def test_every_fault_has_words():
    import re
    from pathlib import Path

    import dossier.core.history as package

    codes = re.compile(
        r'"((?:seal|tail|chain|head|entry|transaction|trigger|function|row|redaction|restore)_[a-z_]+)"'
    )
    named = {
        code
        for file in Path(package.__path__[0]).glob("check_*.py")
        for code in codes.findall(file.read_text())
        if not code.startswith(("row_id", "transaction_ids"))
    }
    assert named == set(FAULTS)

"""kill -9 in the middle of an import leaves nothing of it; two imports at once bring in one (AUD-4)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection, connections

from dossier.core.imports import store
from dossier.core.imports.work import settle_dead
from dossier.core.models import ImportRun
from dossier.customers.models import Customer
from tests.factories import actor_of_role
from tests.imports import import_file, scalar, sheet

HEADER = ["客户编号", "公司名称", "联系人", "联系电话"]

CHILD = """
import os, sys, time
import dossier.testing
os.environ["DJANGO_SETTINGS_MODULE"] = "dossier.config.settings"
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from dossier.core.access import system_actor
from dossier.core.imports import engine
from dossier.core.imports.registry import Options
from dossier.customers.imports import writing
real = writing.copy_lines
def slow(table, columns, lines):
    real(table, columns, lines)
    print(table, flush=True)
    if table == sys.argv[2]:
        time.sleep(60)
writing.copy_lines = slow
data = open(sys.argv[3], "rb").read()
engine.bring_in(actor=system_actor(os_user="child"), kind="customers", given=engine.Given(data, "x.csv"), options=Options())
print("done", flush=True)
"""


def company(number):
    return [str(number), f"{number}号工厂", "王", f"010-7{number:07d}"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(sheet(HEADER, *map(company, range(1, 301))))
    return path


def start(database, table, file):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, database, table, str(file)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


@pytest.mark.parametrize("table", ["customers_customer", "customers_contact"])
def test_killed_in_the_middle_nothing_is_left_and_the_next_one_brings_all(
    committed_db, file, table
):
    child = start(committed_db, table, file)
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == table:
            break
    run = ImportRun.objects.get()
    assert run.status == "running" and store.is_worked_on(run.pk)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    for _attempt in range(100):
        if not store.is_worked_on(run.pk):
            break
        time.sleep(0.05)

    assert not Customer.objects.exists()
    assert scalar("SELECT count(*) FROM core_importrow") == 0
    written = (
        "('customers_customer', 'customers_contact', 'customers_bankaccount', 'customers_question')"
    )
    assert scalar(f"SELECT count(*) FROM history_entry WHERE table_name IN {written}") == 0
    assert scalar("SELECT highest FROM core_numberscheme WHERE key = 'customer'") == 0
    settle_dead(run, actor=actor_of_role("customer_information_administrator"))
    assert run.status == "failed"

    assert import_file("customers", file).created == 300


def together(file, monkeypatch, *, locked):
    """Two imports of one file, the second begun while the first is at work."""
    if not locked:
        monkeypatch.setattr("dossier.core.imports.engine.hold_locks", lambda names: None)
    both = threading.Barrier(2, timeout=30)
    results: list[object] = []
    from dossier.customers.imports.session import CustomerSession

    first = CustomerSession.finish

    def meet(session):
        if not locked:
            both.wait()  # both have looked and found nothing
        return first(session)

    monkeypatch.setattr(CustomerSession, "finish", meet)

    def work():
        try:
            results.append(import_file("customers", file))
        except Exception as error:  # noqa: BLE001 - what went wrong is the result
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_two_imports_of_one_file_bring_it_in_once(committed_db, file, monkeypatch):
    results = together(file, monkeypatch, locked=True)
    assert sorted((r.created, r.unchanged) for r in results) == [(0, 300), (300, 0)]
    assert Customer.objects.count() == 300


def test_without_the_lock_they_would_collide(committed_db, tmp_path, monkeypatch):
    """The proof that the lock is what keeps them apart."""
    file = tmp_path / "y.csv"
    file.write_bytes(sheet(HEADER[1:], *(company(n)[1:] for n in range(1, 51))))
    results = together(file, monkeypatch, locked=False)
    assert not any(isinstance(r, Exception) for r in results), results
    assert sorted(r.created for r in results) == [50, 50]
    assert Customer.objects.count() == 100
    connections.close_all()

"""A backup of a program that is written to is of one moment; a restore wants the program stopped (SYS, SECURITY F)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from dossier.config.runlock import run_lock
from dossier.core.backup import making, restoring
from dossier.core.errors import Refusal
from dossier.core.history.verifying import verify
from dossier.sales.models import SalesOrder
from tests.backup.conftest import KEY, customers, databases, files, restore

ROOT = Path(__file__).resolve().parents[2]
_ORDER = """
INSERT INTO sales_salesorder (number, customer_id, ordered_on, currency, source, status, remark, void_reason)
SELECT %s, customer_id, ordered_on, currency, source, status, remark, void_reason FROM sales_salesorder WHERE id = %s
RETURNING id
"""
_LINE = """
INSERT INTO sales_salesorderline (order_id, line_no, customer_id, ordered_on, currency, product_id, product_text,
  quantity, unit_price, amount, remark)
SELECT %s, line_no, customer_id, ordered_on, currency, product_id, product_text, quantity, unit_price, amount, remark
FROM sales_salesorderline WHERE order_id = %s
"""


@contextmanager
def writing(url, files_folder):
    """Somebody enters orders of two lines, each with a file, and removes older files, all the while."""
    template = SalesOrder.objects.order_by("pk").values_list("pk", flat=True)[0]
    stop, written = threading.Event(), []

    def work():
        with psycopg.connect(url) as app:
            while not stop.is_set():
                number = f"W{len(written)}"
                (files_folder / number).write_text(number)
                made = app.execute(_ORDER, [number, template]).fetchone()[0]
                app.execute(_LINE, [made, template])
                app.commit()
                written.append(number)
                if len(written) % 3 == 0:
                    (files_folder / written[-3]).unlink()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield written
    finally:
        stop.set()
        worker.join()


def test_orders_written_meanwhile_are_there_whole_or_not_at_all(source, target, settings, tmp_path):
    with writing(settings.DATABASE_URL, source / "files") as written:
        while len(written) < 20:
            pass
        made = making.back_up(tmp_path / "made.dossier")
        before_end = len(written)
    server = target()
    restore(made.path)
    with psycopg.connect(server.urls().owner) as owner:
        orders = owner.execute(
            "SELECT o.number, count(l.id) FROM sales_salesorder o LEFT JOIN sales_salesorderline l ON l.order_id = o.id"
            " WHERE o.number LIKE 'W%' GROUP BY o.id"
        ).fetchall()
    with psycopg.connect(server.urls().owner) as owner:
        assert verify(owner).faults == []
    assert 20 <= len(orders) <= before_end
    assert {count for _number, count in orders} == {2}
    kept = {number for number, _count in orders if int(number[1:]) % 3 != 0}
    assert kept <= files(server.home / "files").keys()


def test_two_backups_at_once_one_waits_its_turn(source, tmp_path, monkeypatch):
    real = making.measure

    def inside(connection):
        with pytest.raises(Refusal) as refused:
            making.back_up(tmp_path / "second.dossier")
        assert refused.value.code == "backup_running"
        return real(connection)

    monkeypatch.setattr(making, "measure", inside)
    making.back_up(tmp_path / "first.dossier")
    assert not (tmp_path / "second.dossier").exists()


def test_an_existing_file_is_not_replaced_unasked(source, tmp_path):
    made = tmp_path / "made.dossier"
    made.write_text("mine")
    with pytest.raises(Refusal) as refused:
        making.back_up(made)
    assert refused.value.code == "file_exists"
    assert made.read_text() == "mine"
    making.back_up(made, overwrite=True)
    restoring.check(made)


def dossier(home, *words):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DOSSIER_")}
    environment |= {"DOSSIER_HOME": str(home), "DOSSIER_LANG": "en"}
    return subprocess.run(
        [sys.executable, "-m", "dossier.config.cli", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )


def test_a_running_program_is_not_restored_under(backup, target):
    server = target()
    with run_lock(server.home, "http://localhost:8000/"):
        done = dossier(server.home, "restore", str(backup))
    assert done.returncode == 1
    assert "already running" in done.stderr and "http://localhost:8000/" in done.stderr
    assert databases(server) == set()


def test_the_commands_check_restore_and_verify(backup, target, tmp_path):
    server = target()
    checked = dossier(server.home, "backup", "--check", str(backup))
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.startswith("Whole:")

    restored = dossier(server.home, "restore", str(backup), "--json", str(tmp_path / "out.json"))
    assert restored.returncode == 0, restored.stderr
    assert "counts, sums and history are right" in restored.stdout
    assert json.loads((tmp_path / "out.json").read_text())["backup"]["files"] == 2
    assert "The old state is kept" not in restored.stdout  # there was none
    assert customers(server) == {"天津格致", "另一家", "第三家"}

    verified = dossier(server.home, "history", "verify")
    assert verified.returncode == 0, verified.stdout
    assert "· Restored on" in verified.stdout

    assert dossier(server.home, "backup", str(backup)).returncode == 1  # it exists
    unpacked = dossier(server.home, "backup", str(backup), "--unpack", str(tmp_path / "out"))
    assert unpacked.returncode == 0, unpacked.stderr
    assert (tmp_path / "out" / "database" / "toc.dat").exists()
    assert KEY not in "".join(p.read_text() for p in (tmp_path / "out" / "seals").iterdir())

"""What was backed up comes back equal on another machine, and the history goes on and says so (SYS, DOC-4)."""

from __future__ import annotations

import json
import stat

import psycopg
import pytest

from dossier.core.backup import home, making, restoring
from dossier.core.errors import Refusal
from dossier.core.history.sealing import read_heads, seal_pending
from dossier.core.history.verifying import verify
from tests.backup.conftest import (
    KEY,
    contents,
    customers,
    databases,
    files,
    owner_of,
    restore,
)

# What a restore itself writes: its record, whose coming the history notes; and nobody stays signed in.
WRITTEN = {"core_restoration", "history_entry", "history_transaction", "history_clock"}
PASSPHRASE = "a phrase of several words"


def test_all_tables_and_files_come_back_equal_on_another_machine(source, backup, target, settings):
    before, put = contents(settings.OWNER_DATABASE_URL), files(source / "files")
    assert sum(map(len, before.values())) > 4000 and len(put) == 2
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600

    server = target()
    done = restore(backup)

    after = contents(owner_of(server))
    assert after.keys() == before.keys()
    for table in before.keys() - WRITTEN:
        assert after[table] == before[table], table
    for table in ("history_entry", "history_transaction"):
        assert set(before[table]) < set(after[table])
    assert files(server.home / "files") == put
    assert (done.backup.files, done.faults) == (2, [])


def test_the_history_verifies_goes_on_and_names_the_restore(backup, target):
    server = target()
    restore(backup)
    with psycopg.connect(server.urls().app, autocommit=True) as app:
        assert seal_pending(app) > 0
    with psycopg.connect(server.urls().owner) as owner:
        verdict = verify(owner)
    assert verdict.faults == []
    assert verdict.sealed == verdict.entries
    (said,) = verdict.restores
    assert said.by.startswith("system:") and (said.kept_seal, said.seen_seal) == (1, 1)
    assert "Restored on" in said.text


def test_an_old_backup_does_not_look_like_tampering_and_cannot_be_kept_quiet(backup, target):
    server = target()
    restore(backup)
    for number in (1, 2):  # the history goes on by two seals …
        change(server, f"later {number}")
    assert max(read_heads().macs) == 3
    restore(backup)  # … which a second restore leaves behind
    with psycopg.connect(server.urls().owner) as owner:
        verdict = verify(owner)
    assert verdict.faults == []
    assert (verdict.restores[-1].kept_seal, verdict.restores[-1].seen_seal) == (1, 3)
    change(server, "after it")
    with psycopg.connect(server.urls().owner) as owner:
        assert verify(owner).faults == []
    with psycopg.connect(server.urls().superuser, dbname="dossier", autocommit=True) as superuser:
        superuser.execute("DELETE FROM core_restoration")
    with psycopg.connect(server.urls().owner) as owner:
        codes = {fault.code for fault in verify(owner).faults}
    assert "restore_unrecorded" in codes


def test_a_roll_back_that_is_no_restore_is_still_found(backup, target):
    server = target()
    restore(backup)
    change(server, "later")
    with psycopg.connect(server.urls().superuser, dbname="dossier", autocommit=True) as superuser:
        superuser.execute("DELETE FROM history_seal WHERE id = (SELECT max(id) FROM history_seal)")
    with psycopg.connect(server.urls().owner) as owner:
        assert "tail_missing" in {fault.code for fault in verify(owner).faults}


def change(server, name):
    with psycopg.connect(server.urls().app, autocommit=True) as app:
        app.execute("UPDATE customers_customer SET remark = %s WHERE name = '天津格致'", [name])
        seal_pending(app)


def test_encrypted_it_holds_the_keys_and_restores_to_an_empty_machine(
    source, target, tmp_path, monkeypatch
):
    monkeypatch.setenv("DOSSIER_BACKUP_PASSPHRASE", PASSPHRASE)
    made = making.back_up(tmp_path / "made.dossier")
    assert made.encrypted
    raw = made.path.read_bytes()
    assert KEY.encode() not in raw and b"customers_customer" not in raw

    server = target(key=None)
    restore(made.path)
    assert customers(server) == {"天津格致", "另一家", "第三家"}
    assert (server.home / "secrets" / "seal").read_text().strip() == KEY
    with psycopg.connect(server.urls().owner) as owner:
        assert verify(owner).faults == []


def test_without_a_passphrase_no_key_is_in_it(backup):
    raw = backup.read_bytes()
    assert KEY.encode() not in raw
    assert b"secrets/" not in raw


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "passphrase_missing"),
        ("another long phrase", "passphrase_wrong"),
        ("short", "passphrase_short"),
    ],
)
def test_a_wrong_passphrase_is_told_from_damage(source, tmp_path, monkeypatch, given, code):
    monkeypatch.setenv("DOSSIER_BACKUP_PASSPHRASE", PASSPHRASE)
    made = making.back_up(tmp_path / "made.dossier")
    monkeypatch.setenv("DOSSIER_BACKUP_PASSPHRASE", given)
    with pytest.raises(Refusal) as refused:
        restoring.check(made.path)
    assert refused.value.code == code


def test_without_the_key_it_is_refused_and_on_demand_restored_unproven(backup, target):
    server = target(key="another key")
    with pytest.raises(Refusal) as refused:
        restore(backup)
    assert refused.value.code == "backup_key_missing"
    assert databases(server) == set()

    done = restore(backup, without_key=True)
    assert not done.backup.signed
    assert customers(server) == {"天津格致", "另一家", "第三家"}


def test_the_old_state_is_kept_until_it_is_dropped(backup, target):
    server = target()
    restore(backup)
    (server.home / "files" / "later.txt").write_text("later")
    done = restore(backup)
    assert databases(server) == {"dossier", done.kept_database}
    assert "later.txt" in files(done.kept_folder / "files")
    assert "later.txt" not in files(server.home / "files")
    restore(backup, drop_old=True)
    assert databases(server) == {"dossier"}
    assert not list(server.home.glob("before-restore-*"))


def test_a_backup_of_a_newer_program_is_refused(backup, target, monkeypatch):
    server = target()
    monkeypatch.setattr(restoring, "_known_migrations", lambda: {"core.0001_initial"})
    with pytest.raises(Refusal) as refused:
        restore(backup)
    assert refused.value.code == "backup_newer"
    assert databases(server) == set()


def test_a_database_that_does_not_come_out_equal_is_refused(backup, target, monkeypatch):
    server = target()
    real = restoring.measure

    def other(connection):
        found = real(connection)
        found["sales_salesorderline"]["sums"]["amount"] = "1.0000"
        return found

    monkeypatch.setattr(restoring, "measure", other)
    with pytest.raises(Refusal, match="sales_salesorderline: amount"):
        restore(backup)
    assert databases(server) == set()
    assert not list(server.home.glob("restore-*/"))


def test_a_history_with_faults_is_restored_only_on_demand(source, target, tmp_path, committed_db):
    from dossier import testing

    with psycopg.connect(testing.superuser_url(committed_db), autocommit=True) as superuser:
        superuser.execute("DELETE FROM history_entry WHERE table_name = 'people_account'")
    made = making.back_up(tmp_path / "made.dossier")
    server = target()
    with pytest.raises(Refusal) as refused:
        restore(made.path)
    assert refused.value.code == "history_faults"
    assert databases(server) == set()
    assert restore(made.path, with_history_faults=True).faults


def test_while_somebody_is_connected_nothing_changes_places(backup, target):
    server = target()
    restore(backup)
    change(server, "later")
    with psycopg.connect(server.urls().app) as busy:
        busy.execute("SELECT 1")
        with pytest.raises(Refusal) as refused:
            restore(backup)
    assert refused.value.code == "database_in_use"
    with psycopg.connect(server.urls().owner) as owner:
        assert owner.execute(
            "SELECT remark FROM customers_customer WHERE name = '天津格致'"
        ).fetchone() == ("later",)
    assert databases(server) == {"dossier"}


def test_too_little_room_is_refused_before_anything_is_begun(backup, target, monkeypatch):
    server = target()
    monkeypatch.setattr("dossier.core.backup.reading.room_needed", lambda backup: 2**62)
    with pytest.raises(Refusal) as refused:
        restore(backup)
    assert refused.value.code == "no_room"
    assert databases(server) == set()


def test_the_head_of_the_file_tells_nothing_of_the_key(backup):
    with backup.open("rb") as file:
        front = file.read(16384)  # its head names every migration
    assert home.key_name(KEY.encode()).encode() in front
    assert json.dumps(KEY).encode() not in front

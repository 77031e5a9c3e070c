"""Tampering by a superuser is found and named; an untouched history verifies (AUD-1)."""

import json

import psycopg
import pytest

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.history import sealing
from dossier.core.history.verifying import verify
from dossier.core.services import command
from tests.factories import make_account, make_customer, make_team
from tests.sealing import seal_all

KEY = b"a key kept elsewhere"


@pytest.fixture
def heads(tmp_path, monkeypatch):
    monkeypatch.setenv("DOSSIER_SEAL_HEADS", str(tmp_path / "heads.jsonl"))
    return tmp_path / "heads.jsonl"


@pytest.fixture
def history(committed_db, heads):
    """Three sealed transactions, and one not yet sealed; yields (database, verify function, ids)."""
    with command(system_actor(), why="first"):
        customer = make_customer("天津格致")
        make_account(roles=["salesperson"])
    with command(system_actor(), why="second"):
        customer.remark = "one"
        customer.save(update_fields=["remark"])
        other = make_customer("另一家")
    seal(committed_db)
    with command(system_actor(), why="third"):
        customer.remark = "two"
        customer.save(update_fields=["remark"])
    seal(committed_db)
    with command(system_actor(), why="fourth"):
        customer.remark = "three"
        customer.save(update_fields=["remark"])
        team = make_team("unsealed")
    return committed_db, customer, other, team


def seal(database):
    return seal_all(database, key=KEY)


def faults(database):
    with psycopg.connect(testing.owner_url(database)) as owner:
        return verify(owner, key=KEY).faults


def codes(database):
    return {fault.code for fault in faults(database)}


TRIGGERS = ("history_insert", "history_update", "history_delete")


def attack(database, statement, *values, table=None):
    """As the server's superuser; with the triggers of ``table`` switched off and, after it, on again."""
    with psycopg.connect(testing.superuser_url(database), autocommit=True) as superuser:
        for name in TRIGGERS if table else ():
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        superuser.execute(statement, values)
        for name in TRIGGERS if table else ():
            superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def test_untouched_history_verifies(history):
    database, *_rest = history
    assert faults(database) == []
    with psycopg.connect(testing.owner_url(database)) as owner:
        verdict = verify(owner, key=KEY)
    assert verdict.seals == 2
    assert 0 < verdict.sealed < verdict.entries
    seal(database)
    assert faults(database) == []


def test_sealing_again_seals_nothing(history):
    database, *_rest = history
    assert seal(database) > 0
    assert seal(database) == 0


def test_entry_edited_and_its_digest_made_anew(history):
    database, customer, *_rest = history
    attack(
        database,
        'UPDATE history_entry SET after = \'{"remark": "forged"}\', digest = history_entry_digest(id, xid,'
        ' table_name, row_id, op, before, \'{"remark": "forged"}\') WHERE after = \'{"remark": "one"}\'',
    )
    found = [fault for fault in faults(database) if fault.code == "entry_altered"]
    assert [(fault.table, fault.row) for fault in found] == [
        ("customers_customer", str(customer.pk))
    ]


def test_entry_edited_plainly(history):
    database, *_rest = history
    attack(
        database,
        'UPDATE history_entry SET after = \'{"remark": "x"}\' WHERE after = \'{"remark": "one"}\'',
    )
    assert "entry_edited" in codes(database)


def test_entry_deleted(history):
    database, *_rest = history
    attack(database, 'DELETE FROM history_entry WHERE after = \'{"remark": "one"}\'')
    assert {"entry_removed", "entry_out_of_line"} <= codes(database)


def test_entry_inserted_into_a_sealed_transaction(history):
    database, *_rest = history
    attack(
        database,
        "INSERT INTO history_entry (id, xid, table_name, row_id, op, before, after, digest)"
        " SELECT 999999, xid, table_name, row_id, op, before, after,"
        " history_entry_digest(999999, xid, table_name, row_id, op, before, after) FROM history_entry"
        ' WHERE after = \'{"remark": "one"}\'',
    )
    assert "entry_inserted" in codes(database)


def test_two_entries_swapped(history):
    database, *_rest = history
    attack(
        database,
        "UPDATE history_entry e SET after = o.after, before = o.before,"
        " digest = history_entry_digest(e.id, e.xid, e.table_name, e.row_id, e.op, o.before, o.after)"
        " FROM history_entry o WHERE e.op = 'U' AND o.op = 'U' AND e.id <> o.id"
        " AND e.after->>'remark' IN ('one', 'two') AND o.after->>'remark' IN ('one', 'two')",
    )
    assert {"entry_altered", "entry_out_of_line"} <= codes(database)


def test_an_entry_taken_out_where_a_list_became_shorter(history):
    database, customer, *_rest = history
    for answered in (["fax", "website"], ["fax"], ["fax", "postal_code"]):
        with command(system_actor(), why="lists"):
            customer.not_applicable = answered
            customer.save(update_fields=["not_applicable"])
    assert codes(database) == set()
    attack(database, 'DELETE FROM history_entry WHERE after = \'{"not_applicable": ["fax"]}\'')
    assert "entry_out_of_line" in codes(database)


def test_who_and_why_edited(history):
    database, *_rest = history
    attack(
        database,
        "UPDATE history_transaction SET context = '{\"login\": \"somebody else\"}' WHERE context->>'why' = 'second'",
    )
    assert "transaction_edited" in codes(database)


def test_tail_of_the_chain_cut_off(history):
    database, *_rest = history
    attack(
        database, "DELETE FROM history_entry WHERE xid >= (SELECT max(from_xid) FROM history_seal)"
    )
    attack(
        database,
        "DELETE FROM history_transaction WHERE xid >= (SELECT max(from_xid) FROM history_seal)",
    )
    attack(database, "DELETE FROM history_seal WHERE id = (SELECT max(id) FROM history_seal)")
    assert "tail_missing" in codes(database)


def test_chain_made_anew_without_the_key(history, heads):
    database, *_rest = history
    known = heads.read_text()
    attack(database, "TRUNCATE history_seal")
    with psycopg.connect(testing.app_url(database), autocommit=True) as app:
        sealing.seal_pending(app, key=b"not the key")
    heads.write_text(known)
    assert "seal_forged" in codes(database)


def test_chain_made_anew_with_the_key_differs_from_the_heads_outside(history, heads):
    database, *_rest = history
    known = heads.read_text()
    attack(database, 'DELETE FROM history_entry WHERE after = \'{"remark": "one"}\'')
    attack(database, "TRUNCATE history_seal")
    seal(database)
    heads.write_text(known)
    assert "head_differs" in codes(database)


def test_live_row_edited_with_triggers_off(history):
    database, _customer, other, _team = history
    attack(
        database,
        "UPDATE customers_customer SET name = 'forged' WHERE id = %s",
        other.pk,
        table="customers_customer",
    )
    (fault,) = faults(database)
    assert (fault.code, fault.table, fault.row) == (
        "row_differs",
        "customers_customer",
        str(other.pk),
    )
    assert "name" in fault.text


def test_live_row_removed_and_added_with_triggers_off(history):
    database, _customer, _other, team = history
    attack(database, "DELETE FROM people_team WHERE id = %s", team.pk, table="people_team")
    attack(database, "INSERT INTO people_team (name) VALUES ('ghost')", table="people_team")
    assert codes(database) == {"row_gone", "row_without_history"}


def test_trigger_disabled(history):
    database, *_rest = history
    attack(database, "ALTER TABLE people_team DISABLE TRIGGER history_update")
    try:
        assert codes(database) == {"trigger_off"}
    finally:
        attack(database, "ALTER TABLE people_team ENABLE ALWAYS TRIGGER history_update")


def test_unsealed_entry_edited_with_its_digest_and_the_live_row(history):
    database, customer, *_rest = history
    attack(
        database,
        'UPDATE history_entry SET before = \'{"remark": "lie"}\', digest = history_entry_digest(id, xid,'
        ' table_name, row_id, op, \'{"remark": "lie"}\', after) WHERE after = \'{"remark": "three"}\'',
    )
    found = faults(database)
    assert [(fault.code, fault.row) for fault in found] == [("entry_out_of_line", str(customer.pk))]


def test_heads_are_written_outside_the_database(history, heads):
    lines = [json.loads(line) for line in heads.read_text().splitlines()]
    assert [line["seal"] for line in lines] == [1, 2]
    assert heads.stat().st_mode & 0o777 == 0o600


def test_heads_file_lost(history, heads):
    database, *_rest = history
    heads.unlink()
    assert codes(database) == {"head_missing"}


def test_crash_before_the_head_is_written_is_no_fault_and_is_made_good(history, heads):
    database, *_rest = history
    kept = heads.read_text().splitlines(keepends=True)
    heads.write_text(kept[0])
    assert codes(database) == set()
    seal(database)
    assert [json.loads(line)["seal"] for line in heads.read_text().splitlines()] == [1, 2, 3]


def test_replica_mode_does_not_skip_the_triggers_and_the_superuser_is_named(history):
    database, _customer, other, _team = history
    with psycopg.connect(testing.superuser_url(database)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE customers_customer SET name = 'seen' WHERE id = %s", [other.pk])
    assert faults(database) == []
    with psycopg.connect(testing.owner_url(database)) as owner:
        who = owner.execute(
            "SELECT t.db_user FROM history_entry e JOIN history_transaction t USING (xid)"
            " WHERE e.after->>'name' = 'seen'"
        ).fetchone()
    assert who == ("postgres",)

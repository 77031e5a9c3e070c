"""Tampering by a superuser is found and named; an untouched history verifies (AUD-1)."""

import json

import psycopg

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.history.verifying import verify, verify_at
from dossier.core.services import command
from tests.history.attacks import KEY, attack, codes, faults, seal


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


def test_two_connections_find_what_one_finds(history):
    database, _customer, *_rest = history
    attack(database, "DELETE FROM history_entry WHERE after ->> 'remark' IN ('one', 'two')")
    at_once = verify_at(testing.owner_url(database), key=KEY)
    assert {(f.code, f.entry) for f in at_once.faults} == {
        (f.code, f.entry) for f in faults(database)
    }
    assert "entry_removed" in {f.code for f in at_once.faults}
    assert at_once.entries == verify_at(testing.owner_url(database), key=KEY).entries > 0


def test_digests_are_those_of_the_json_array_whatever_the_values(committed_db):
    """The trigger joins the text from its parts; what is sealed is the array as jsonb prints it."""
    values = [
        None,
        "{}",
        '{"a": "\\" \\\\ \\n 客 \\u0001", "n": 12.50, "x": [1, {"y": null}]}',
        "null",
    ]
    with psycopg.connect(testing.owner_url(committed_db)) as owner:
        for before in values:
            for after in values:
                row = owner.execute(
                    "SELECT history_entry_digest(7, 8, 'a\"b', '1\\2', 'U', %(b)s::jsonb, %(a)s::jsonb) = sha256(convert_to("
                    "jsonb_build_array(7, 8, 'a\"b'::text, '1\\2'::text, 'U'::text, %(b)s::jsonb, %(a)s::jsonb)::text, 'UTF8'))",
                    {"b": before, "a": after},
                ).fetchone()
                assert row == (True,), (before, after)


def test_a_session_in_another_time_zone_leaves_a_history_that_verifies(history):
    database, customer, *_rest = history
    with psycopg.connect(testing.app_url(database)) as app:
        app.execute("SET timezone = 'Asia/Shanghai'; SET bytea_output = 'escape'")
        app.execute(
            "UPDATE customers_customer SET archived_at = now() WHERE id = %s", [customer.pk]
        )
    with psycopg.connect(testing.app_url(database)) as app:
        app.execute("SET timezone = 'America/New_York'")
        app.execute("UPDATE customers_customer SET archived_at = NULL WHERE id = %s", [customer.pk])
    assert faults(database) == []


def test_an_update_of_many_rows_that_changes_nothing_kept_takes_no_square_time(committed_db):
    """It once compared each row with each: 47 seconds for a thousand rows."""
    with psycopg.connect(testing.app_url(committed_db)) as app:
        app.execute(
            "INSERT INTO core_namedmap (kind, name, text, saved_by) SELECT 'k', i::text, 't', 'me' FROM generate_series(1, 3000) i"
        )
        app.execute("SET statement_timeout = '20s'")
        app.execute("UPDATE core_namedmap SET version = version + 1")
        assert app.execute(
            "SELECT count(*) FROM history_entry WHERE table_name = 'core_namedmap' AND op = 'U'"
        ).fetchone() == (0,)

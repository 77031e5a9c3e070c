"""Ten kinds of tampering: the untouched chain verifies, the superuser attacks, the fault is named (AUD-1).

| attack                               | test                                                  | what verify names                    |
|--------------------------------------|-------------------------------------------------------|--------------------------------------|
| 1 an entry updated                   | test_1_an_entry_updated                               | entry_edited, entry_altered          |
| 2 an entry deleted                   | test_2_an_entry_deleted                               | entry_removed                        |
| 3 an entry inserted                  | test_3_an_entry_inserted                              | entry_inserted, entry_out_of_line    |
| 4 two entries swapped                | test_4_two_entries_swapped                            | entry_altered                        |
| 5 the tail cut off                   | test_5_the_tail_cut_off                               | tail_missing                         |
| 6 the chain rewritten without the key| test_6_the_chain_rewritten_without_the_key            | seal_forged, head_differs            |
| 7 trigger off and a row edited       | test_7_a_trigger_disabled_and_a_row_edited            | row_differs, trigger_off             |
| 8 live row edited, triggers off      | test_8_a_live_row_edited_with_the_triggers_off        | row_differs, row_gone, row_without_… |
| 9 an unsealed entry edited           | test_9_an_unsealed_entry_edited                       | entry_edited, entry_out_of_line, …   |
| 10 history restored from an old copy | test_10_the_history_restored_from_an_old_copy         | tail_missing, row_differs            |

Each attack runs in one transaction of the superuser, who has the database but not the key. That the application's
role can do none of it is in `test_the_programs_role.py`, with PostgreSQL's own answer.
"""

from __future__ import annotations

import psycopg
import pytest

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.history import sealing
from dossier.core.services import command
from tests.history.attacks import KEY, attack, codes, faults, seal

CUSTOMER = "customers_customer"
ONE = """(table_name = 'customers_customer' AND after = '{"remark": "one"}')"""
TWO = """(table_name = 'customers_customer' AND after = '{"remark": "two"}')"""
THREE = """(table_name = 'customers_customer' AND after = '{"remark": "three"}')"""
DIGEST = "history_entry_digest(id, xid, table_name, row_id, op, before, after)"
AFRESH = f"UPDATE history_entry SET digest = {DIGEST} WHERE digest <> {DIGEST}"


def found(database, code):
    return [
        (fault.table, fault.row, fault.entry) for fault in faults(database) if fault.code == code
    ]


def entry(database, condition):
    with psycopg.connect(testing.owner_url(database)) as owner:
        row = owner.execute(f"SELECT id FROM history_entry WHERE {condition}".encode()).fetchone()
    return row[0]


# 1 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("careful", "code"),
    [((), "entry_edited"), ((AFRESH,), "entry_altered")],
    ids=["plainly", "digest anew"],
)
def test_1_an_entry_updated(whole, careful, code):
    database, customer, *_rest = whole
    number = entry(database, ONE)
    attack(
        database, f'UPDATE history_entry SET after = \'{{"remark": "lie"}}\' WHERE {ONE}', *careful
    )
    assert found(database, code) == [(CUSTOMER, str(customer.pk), number)]


def test_1_an_entry_and_its_neighbours_updated_consistently(whole):
    """No entry contradicts another, each has its digest: only the seals know."""
    database, _customer, *_rest = whole
    numbers = [entry(database, ONE), entry(database, TWO)]
    attack(
        database,
        f'UPDATE history_entry SET after = \'{{"remark": "lie"}}\' WHERE {ONE}',
        f'UPDATE history_entry SET before = \'{{"remark": "lie"}}\' WHERE {TWO}',
        AFRESH,
    )
    assert codes(database) == {"entry_altered"}
    assert [number for _t, _r, number in found(database, "entry_altered")] == numbers


def test_1_who_and_why_updated_with_its_digest(whole):
    database, *_rest = whole
    attack(
        database,
        "UPDATE history_transaction SET context = '{\"login\": \"somebody else\"}' WHERE context ->> 'why' = 'second'",
        "UPDATE history_transaction SET digest = history_transaction_digest(xid, at, context, db_user, client)",
    )
    assert codes(database) == {"transaction_altered"}


# 2 -----------------------------------------------------------------------------------------------------


def test_2_an_entry_deleted(whole):
    database, *_rest = whole
    number = entry(database, ONE)
    attack(database, f"DELETE FROM history_entry WHERE {ONE}")
    assert ("", "", number) in found(database, "entry_removed")


def test_2_an_entry_deleted_and_the_next_mended_to_follow(whole):
    database, *_rest = whole
    number = entry(database, ONE)
    attack(
        database,
        f"DELETE FROM history_entry WHERE {ONE}",
        f'UPDATE history_entry SET before = \'{{"remark": ""}}\' WHERE {TWO}',
        AFRESH,
    )
    assert codes(database) == {"entry_removed", "entry_altered"}
    assert found(database, "entry_removed") == [("", "", number)]


def test_2_an_entry_deleted_and_put_back_with_other_words(whole):
    """The same id, transaction and time; only the words differ."""
    database, customer, *_rest = whole
    number = entry(database, ONE)
    attack(
        database,
        f"CREATE TEMP TABLE kept AS SELECT * FROM history_entry WHERE {ONE}",
        f"DELETE FROM history_entry WHERE {ONE}",
        'UPDATE kept SET after = \'{"remark": "lie"}\'',
        f"UPDATE kept SET digest = {DIGEST}",
        "INSERT INTO history_entry SELECT * FROM kept",
    )
    assert found(database, "entry_altered") == [(CUSTOMER, str(customer.pk), number)]


def test_2_all_entries_of_a_row_deleted_with_the_row(whole):
    database, _customer, other, _team = whole
    attack(
        database,
        f"DELETE FROM history_entry WHERE table_name = '{CUSTOMER}' AND row_id = '{other.pk}'",
        "DELETE FROM customers_contact",
        f"DELETE FROM {CUSTOMER} WHERE id = {other.pk}",
        table=CUSTOMER,
    )
    assert "entry_removed" in codes(database)


# 3 -----------------------------------------------------------------------------------------------------

_COPY = (
    "INSERT INTO history_entry (id, xid, table_name, row_id, op, before, after, digest)"
    " SELECT {id}, {xid}, table_name, row_id, op, after, after,"
    " history_entry_digest({id}, {xid}, table_name, row_id, op, after, after) FROM history_entry WHERE {which}"
)


@pytest.mark.parametrize("number", [9_999_999, -1], ids=["after", "before all"])
def test_3_an_entry_inserted(whole, number):
    """A change that never was, consistent with its neighbours, in a sealed transaction."""
    database, customer, *_rest = whole
    attack(database, _COPY.format(id=number, xid="xid", which=ONE))
    assert (CUSTOMER, str(customer.pk), number) in found(database, "entry_inserted")


def test_3_an_entry_inserted_with_a_number_no_seal_covers(whole):
    database, *_rest = whole
    attack(
        database,
        _COPY.format(id=9_999_999, xid="(-5)::bigint", which=THREE),
        "INSERT INTO history_transaction SELECT -5, at, context, db_user, client,"
        " history_transaction_digest(-5, at, context, db_user, client) FROM history_transaction LIMIT 1",
    )
    assert 9_999_999 in [number for _t, _r, number in found(database, "entry_inserted")]


def test_3_an_unsealed_entry_inserted_that_contradicts_its_neighbours(whole):
    database, customer, *_rest = whole
    attack(
        database,
        _COPY.format(id=9_999_999, xid="xid", which=THREE).replace(
            "SELECT 9999999, xid, table_name, row_id, op, after,",
            'SELECT 9999999, xid, table_name, row_id, op, \'{"remark": "lie"}\'::jsonb,',
        ),
        AFRESH,
    )
    assert found(database, "entry_out_of_line") == [(CUSTOMER, str(customer.pk), 9_999_999)]


def test_3_a_second_coming_of_a_row_inserted(whole):
    database, _customer, _other, team = whole
    attack(
        database,
        _COPY.format(
            id=9_999_999, xid="xid", which=f"table_name = 'people_team' AND row_id = '{team.pk}'"
        ),
        f"UPDATE history_entry SET before = NULL WHERE id = 9999999; {AFRESH}",
    )
    assert found(database, "entry_out_of_line") == [("people_team", str(team.pk), 9_999_999)]


# 4 -----------------------------------------------------------------------------------------------------


def test_4_two_entries_swapped(whole):
    database, customer, *_rest = whole
    numbers = {entry(database, ONE), entry(database, TWO)}
    attack(
        database,
        "UPDATE history_entry e SET after = o.after, before = o.before FROM history_entry o"
        " WHERE e.op = 'U' AND o.op = 'U' AND e.id <> o.id"
        " AND e.after ->> 'remark' IN ('one', 'two') AND o.after ->> 'remark' IN ('one', 'two')",
        AFRESH,
    )
    named = found(database, "entry_altered")
    assert {number for _t, _r, number in named} == numbers
    assert {row for _t, row, _n in named} == {str(customer.pk)}


def test_4_the_numbers_of_two_entries_swapped_and_their_digests_kept(whole):
    database, *_rest = whole
    one, two = entry(database, ONE), entry(database, TWO)
    attack(
        database,
        f"UPDATE history_entry SET id = -1 WHERE id = {one}",
        f"UPDATE history_entry SET id = {one} WHERE id = {two}",
        f"UPDATE history_entry SET id = {two} WHERE id = -1",
    )
    assert {number for _t, _r, number in found(database, "entry_edited")} == {one, two}


# 5 -----------------------------------------------------------------------------------------------------

_TAIL = "(SELECT max(from_xid) FROM history_seal)"
_CUT = (
    f"DELETE FROM history_entry WHERE xid >= {_TAIL}",
    f"DELETE FROM history_transaction WHERE xid >= {_TAIL}",
    "DELETE FROM history_seal WHERE id = (SELECT max(id) FROM history_seal)",
)


def test_5_the_tail_cut_off(whole):
    """Entries, who and why, and seal together, and the rows set back to fit: only the heads outside know."""
    database, customer, _other, team = whole
    attack(database, f"DELETE FROM people_team WHERE id = {team.pk}", table="people_team")
    attack(
        database,
        *_CUT,
        f"UPDATE {CUSTOMER} SET remark = 'one' WHERE id = {customer.pk}",
        table=CUSTOMER,
    )
    (fault,) = faults(database)
    assert (fault.code, fault.seal) == ("tail_missing", 2)
    assert "2" in fault.text


def test_5_the_tail_cut_off_and_overgrown_by_later_work(whole, heads):
    """The sealer gives the cut-off number again and notes its head; the first head is not forgotten."""
    database, customer, _other, team = whole
    attack(database, f"DELETE FROM people_team WHERE id = {team.pk}", table="people_team")
    attack(
        database,
        *_CUT,
        f"UPDATE {CUSTOMER} SET remark = 'one' WHERE id = {customer.pk}",
        table=CUSTOMER,
    )
    with command(system_actor(), why="later"):
        customer.remark = "later"
        customer.save(update_fields=["remark"])
    assert seal(database) == 1
    assert [(fault.code, fault.seal) for fault in faults(database)] == [("head_rewritten", 2)]
    # Said by a restore, outside the database, a new beginning is no fault; that the database knows of no
    # restore is one.
    lines = heads.read_text().splitlines(keepends=True)
    heads.write_text("".join([*lines[:2], '{"restored": "b", "kept": 1}\n', *lines[2:]]))
    assert [fault.code for fault in faults(database)] == ["restore_unrecorded"]


# 6 -----------------------------------------------------------------------------------------------------


def test_6_the_chain_rewritten_without_the_key(whole, heads):
    database, *_rest = whole
    known = heads.read_text()
    attack(
        database,
        f'UPDATE history_entry SET after = \'{{"remark": "lie"}}\' WHERE {ONE}',
        AFRESH,
        "TRUNCATE history_seal",
    )
    with psycopg.connect(testing.superuser_url(database), autocommit=True) as superuser:
        sealing.seal_pending(superuser, key=b"not the key")
    heads.write_text(known)
    assert {"seal_forged", "head_differs"} <= codes(database)


def test_6_the_chain_rewritten_by_who_has_the_key_too_differs_from_the_heads(whole, heads):
    database, *_rest = whole
    known = heads.read_text()
    attack(database, f"DELETE FROM history_entry WHERE {ONE}", "TRUNCATE history_seal")
    seal(database)
    heads.write_text(known)
    assert "head_differs" in codes(database)


def test_6_seals_swapped_or_taken_out(whole):
    database, *_rest = whole
    attack(database, "DELETE FROM history_seal WHERE id = 1")
    assert {"seal_missing", "chain_broken"} <= codes(database)


# 7 -----------------------------------------------------------------------------------------------------


def test_7_a_trigger_disabled_and_a_row_edited(whole):
    """Off and on again within one transaction: the trigger is as it was, the row is not."""
    database, _customer, other, _team = whole
    attack(database, f"UPDATE {CUSTOMER} SET name = 'forged' WHERE id = {other.pk}", table=CUSTOMER)
    (fault,) = faults(database)
    assert (fault.code, fault.table, fault.row, fault.columns) == (
        "row_differs",
        CUSTOMER,
        str(other.pk),
        "name",
    )
    assert "name" in fault.text


_SWITCHES = {
    "disabled": ("ALTER TABLE people_team DISABLE TRIGGER history_update", "trigger_off"),
    "not always": ("ALTER TABLE people_team ENABLE TRIGGER history_update", "trigger_off"),
    "dropped": ("DROP TRIGGER history_update ON people_team", "trigger_off"),
    "never fires": (
        "CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON people_team REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION history_record('id', '{}', '{}');"
        " ALTER TABLE people_team ENABLE ALWAYS TRIGGER history_insert",
        "trigger_off",
    ),
    "leaves a column out": (
        "CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON people_team REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION history_record('id', '{name}', '{}');"
        " ALTER TABLE people_team ENABLE ALWAYS TRIGGER history_insert",
        "trigger_off",
    ),
    "function replaced": (
        "CREATE OR REPLACE FUNCTION history_record() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "function_altered",
    ),
    "digest made blind": (
        "CREATE OR REPLACE FUNCTION history_entry_digest(id bigint, xid bigint, table_name text, row_id text, op text,"
        " before jsonb, after jsonb) RETURNS bytea LANGUAGE sql STABLE AS"
        " $$SELECT e.digest FROM public.history_entry e WHERE e.id = history_entry_digest.id$$",
        "function_altered",
    ),
}


@pytest.mark.parametrize("how", _SWITCHES)
def test_7_a_trigger_or_function_left_altered_is_named(whole, how):
    from dossier.core.db.after_migrate import install_history

    database, *_rest = whole
    statement, code = _SWITCHES[how]
    attack(database, statement)
    try:
        assert codes(database) == {code}
    finally:
        with psycopg.connect(testing.owner_url(database)) as owner:
            install_history(owner)
    assert faults(database) == []


# 8 -----------------------------------------------------------------------------------------------------


def test_8_a_live_row_edited_with_the_triggers_off(whole):
    database, _customer, other, team = whole
    attack(
        database,
        f"UPDATE {CUSTOMER} SET credit_limit = 1000000 WHERE id = {other.pk}",
        table=CUSTOMER,
    )
    attack(database, f"DELETE FROM people_team WHERE id = {team.pk}", table="people_team")
    attack(database, "INSERT INTO people_team (name) VALUES ('ghost')", table="people_team")
    named = faults(database)
    assert {fault.code for fault in named} == {"row_differs", "row_gone", "row_without_history"}
    assert [(f.row, f.columns) for f in named if f.code == "row_differs"] == [
        (str(other.pk), "credit_limit")
    ]
    assert [f.row for f in named if f.code == "row_gone"] == [str(team.pk)]


def test_8_replica_mode_does_not_switch_the_triggers_off(whole):
    """What a superuser changes this way is recorded, with the superuser's own name."""
    database, _customer, other, _team = whole
    attack(
        database,
        "SET session_replication_role = replica",
        f"UPDATE {CUSTOMER} SET name = 'seen' WHERE id = {other.pk}",
    )
    assert faults(database) == []
    with psycopg.connect(testing.owner_url(database)) as owner:
        who = owner.execute(
            "SELECT t.db_user FROM history_entry e JOIN history_transaction t USING (xid) WHERE e.after ->> 'name' = 'seen'"
        ).fetchone()
    assert who == ("postgres",)


# 9 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (
            (f'UPDATE history_entry SET before = \'{{"remark": "lie"}}\' WHERE {THREE}',),
            "entry_edited",
        ),
        (
            (f'UPDATE history_entry SET before = \'{{"remark": "lie"}}\' WHERE {THREE}', AFRESH),
            "entry_out_of_line",
        ),
        (
            (f'UPDATE history_entry SET after = \'{{"remark": "lie"}}\' WHERE {THREE}', AFRESH),
            "row_differs",
        ),
        ((f"DELETE FROM history_entry WHERE {THREE}",), "row_differs"),
    ],
    ids=["plainly", "before, digest anew", "after, digest anew", "deleted"],
)
def test_9_an_unsealed_entry_edited(whole, statements, code):
    """Its neighbours' before and after and the live row hold it until it is sealed."""
    database, customer, *_rest = whole
    attack(database, *statements)
    assert (CUSTOMER, str(customer.pk)) in {(t, r) for t, r, _n in found(database, code)}


def test_9_who_and_why_of_an_unsealed_transaction_edited_or_removed(whole):
    database, *_rest = whole
    unsealed = f"WHERE xid = (SELECT xid FROM history_entry WHERE {THREE})"
    attack(database, f"UPDATE history_transaction SET context = '{{}}' {unsealed}")
    assert codes(database) == {"transaction_edited"}
    attack(database, f"DELETE FROM history_transaction {unsealed}")
    assert codes(database) == {"transaction_missing"}


# 10 ----------------------------------------------------------------------------------------------------

_TABLES = ("history_entry", "history_transaction", "history_seal")


def test_10_the_history_restored_from_an_old_copy(whole):
    """All three tables as they were earlier, while the rows moved on."""
    database, customer, *_rest = whole
    copies = [f"CREATE TABLE old_{t} AS SELECT * FROM {t}" for t in _TABLES]
    back = [
        f"TRUNCATE {t}; INSERT INTO {t} SELECT * FROM old_{t}; DROP TABLE old_{t}" for t in _TABLES
    ]
    attack(database, *copies)
    with command(system_actor(), why="later"):
        customer.remark = "later"
        customer.save(update_fields=["remark"])
    seal(database)
    assert faults(database) == []
    attack(database, *back)
    named = faults(database)
    assert {fault.code for fault in named} == {"tail_missing", "row_differs"}
    assert [(f.row, f.columns) for f in named if f.code == "row_differs"] == [
        (str(customer.pk), "remark")
    ]


def test_10_one_table_alone_restored_from_an_old_copy(whole):
    database, customer, *_rest = whole
    attack(database, "CREATE TABLE old AS SELECT * FROM history_entry")
    with command(system_actor(), why="later"):
        customer.remark = "later"
        customer.save(update_fields=["remark"])
    seal(database)
    attack(
        database,
        "TRUNCATE history_entry; INSERT INTO history_entry SELECT * FROM old; DROP TABLE old",
    )
    assert {"entry_removed", "row_differs"} <= codes(database)


def test_keys_are_of_the_tests(whole):
    database, *_rest = whole
    assert sealing.seal_key() != KEY
    assert faults(database) == []

"""What the program's own role is told when it tries to tamper: PostgreSQL refuses, or verification names it (AUD-1)."""

from __future__ import annotations

import psycopg
import pytest

from dossier import testing
from tests.history.attacks import codes

REFUSED = {
    "1 update": "UPDATE history_entry SET after = '{}'",
    "1 update who": "UPDATE history_transaction SET context = '{}'",
    "2 delete": "DELETE FROM history_entry",
    "2 truncate": "TRUNCATE history_entry",
    "3 insert": "INSERT INTO history_entry (id, xid, table_name, row_id, op, digest) VALUES (1, 1, 'x', '1', 'I', '')",
    "3 insert who": "INSERT INTO history_transaction (xid, at, context, db_user, client, digest) VALUES (1, now(), '{}', 'x', '', '')",
    "3 copy": "COPY history_entry FROM STDIN",
    "3 merge": "MERGE INTO history_entry h USING (SELECT 1) s ON false WHEN NOT MATCHED THEN INSERT (id) VALUES (1)",
    "4 swap numbers": "UPDATE history_entry SET id = id + 1",
    "4 sequence": "SELECT setval('history_entry_id_seq', 1)",
    "5 cut seals": "DELETE FROM history_seal",
    "5 truncate seals": "TRUNCATE history_seal",
    "6 rewrite seals": "UPDATE history_seal SET mac = ''",
    "7 disable": "ALTER TABLE people_team DISABLE TRIGGER history_update",
    "7 disable all": "ALTER TABLE people_team DISABLE TRIGGER ALL",
    "7 drop": "DROP TRIGGER history_update ON people_team",
    "7 replace function": "CREATE OR REPLACE FUNCTION public.history_record() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "7 alter function": "ALTER FUNCTION history_record() RESET ALL",
    "7 own trigger": "CREATE TRIGGER zz BEFORE INSERT ON people_team FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "7 rule": "CREATE RULE zz AS ON INSERT TO history_entry DO INSTEAD NOTHING",
    "8 replica mode": "SET session_replication_role = replica",
    "8 replica mode by function": "SELECT set_config('session_replication_role', 'replica', false)",
    "8 truncate": "TRUNCATE customers_customer CASCADE",
    "9 call the clock": "SELECT history_transaction_id()",
    "9 clock": "UPDATE history_clock SET xid_offset = 0",
    "10 put back": "CREATE TABLE old_history AS SELECT * FROM history_entry",
    "10 load a file": "COPY people_team FROM '/etc/passwd'",
    "role": "SET ROLE dossier_owner",
    "session": "SET SESSION AUTHORIZATION dossier_owner",
    "schema": "CREATE SCHEMA mine",
    "shadow function": "CREATE FUNCTION public.to_jsonb(record) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'",
    "extension": "CREATE EXTENSION dblink",
    "settings": "ALTER SYSTEM SET session_replication_role = replica",
    "owner's settings": "ALTER ROLE dossier_owner SET search_path = pg_temp",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.django_db
def test_the_application_is_refused(statement, database_name):
    with psycopg.connect(testing.app_url(database_name), autocommit=True) as app:
        with pytest.raises(psycopg.Error) as refused:
            app.execute(statement.encode())
        assert refused.value.sqlstate == "42501", refused.value  # insufficient privilege


@pytest.mark.django_db
def test_shadow_functions_and_tables_of_the_application_are_not_used(database_name):
    """Temporary objects are all it can make; the trigger looks for its own elsewhere."""
    with psycopg.connect(testing.app_url(database_name)) as app:
        app.execute("CREATE TEMP TABLE history_entry (LIKE public.history_entry)")
        app.execute("CREATE TEMP TABLE history_clock (id int, xid_offset bigint)")
        app.execute(
            "CREATE FUNCTION pg_temp.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS $$SELECT '{}'::jsonb$$"
        )
        app.execute(
            "CREATE FUNCTION pg_temp.history_image(jsonb, text[], text[]) RETURNS jsonb LANGUAGE sql AS $$SELECT '{}'::jsonb$$"
        )
        app.execute("SET search_path = pg_temp, public")
        app.execute("INSERT INTO public.people_team (name) VALUES ('shadow')")
        assert app.execute(
            "SELECT count(*) FROM public.history_entry WHERE after ->> 'name' = 'shadow'"
        ).fetchone() == (1,)
        assert app.execute("SELECT count(*) FROM pg_temp.history_entry").fetchone() == (0,)
        app.rollback()


@pytest.mark.django_db
def test_a_context_that_lies_does_not_hide_the_role_and_cannot_be_changed_later(database_name):
    """Who signs in as the program may name another; the first change fixes it, and the role stands beside it."""
    with psycopg.connect(testing.app_url(database_name)) as app:
        app.execute("SELECT set_config('dossier.context', '{\"login\": \"boss\"}', true)")
        app.execute("INSERT INTO people_team (name) VALUES ('a')")
        app.execute("SELECT set_config('dossier.context', '{\"login\": \"other\"}', true)")
        app.execute("INSERT INTO people_team (name) VALUES ('b')")
        row = app.execute(
            "SELECT count(DISTINCT t.xid), min(t.context ->> 'login'), min(t.db_user) FROM history_entry e"
            " JOIN history_transaction t USING (xid) WHERE e.table_name = 'people_team' AND e.after ->> 'name' IN ('a', 'b')"
        ).fetchone()
        assert row == (1, "boss", "dossier_app")
        app.rollback()


def test_seals_the_application_adds_without_the_key_are_named(whole):
    """It may add seals, for the sealer runs as it; without the key they are worth nothing."""
    database, *_rest = whole
    with psycopg.connect(testing.app_url(database), autocommit=True) as app:
        app.execute(
            "INSERT INTO history_seal SELECT id + 1, to_xid, to_xid + 1, '{}', '', '{}', '', mac, sha256('x'), now()"
            " FROM history_seal ORDER BY id DESC LIMIT 1"
        )
    assert "seal_forged" in codes(database)

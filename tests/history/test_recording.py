"""The history is written by the database itself (AUD-1)."""

import psycopg
import pytest
from django.db import connection

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.models import HistoryEntry
from dossier.core.services import command
from tests.factories import make_account, make_customer, make_team

pytestmark = pytest.mark.django_db


def entries(table, row):
    return list(HistoryEntry.objects.filter(table_name=table, row_id=str(row)).order_by("id"))


def test_orm_insert_and_update_leave_entries_with_who_and_why():
    with command(system_actor(os_user="tester"), why="a reason"):
        customer = make_customer("天津格致")
    customer.remark = "changed"
    customer.save(update_fields=["remark"])
    inserted, updated = entries("customers_customer", customer.pk)
    assert (inserted.op, inserted.after["name"], inserted.before) == ("I", "天津格致", None)
    assert (updated.op, updated.before, updated.after) == (
        "U",
        {"remark": ""},
        {"remark": "changed"},
    )


def test_context_says_who_and_why():
    with command(system_actor(os_user="tester"), why="a reason"):
        customer = make_customer()
    context = entries("customers_customer", customer.pk)[0].transaction.context
    assert context["login"] == "system:tester"
    assert context["why"] == "a reason"


def test_plain_sql_and_copy_leave_entries():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO people_team (name) VALUES ('plain') RETURNING id")
        plain = cursor.fetchone()[0]
        with cursor.copy("COPY people_team (name) FROM STDIN") as copy:
            copy.write_row(("copied",))
        cursor.execute("SELECT id FROM people_team WHERE name = 'copied'")
        copied = cursor.fetchone()[0]
        cursor.execute("DELETE FROM people_team WHERE id = %s", [plain])
    assert [e.op for e in entries("people_team", plain)] == ["I", "D"]
    assert [e.op for e in entries("people_team", copied)] == ["I"]


def test_update_that_changes_nothing_leaves_no_entry():
    team = make_team()
    before = len(entries("people_team", team.pk))
    team.save()
    assert len(entries("people_team", team.pk)) == before


def test_passwords_are_kept_only_as_digest():
    account = make_account()
    kept = entries("people_account", account.pk)[0].after["password"]
    assert kept.startswith("sha256:")
    assert account.password not in str(kept)


@pytest.mark.parametrize(
    "attack",
    [
        "INSERT INTO history_entry (xid, table_name, row_id, op, digest) VALUES (1, 'x', '1', 'I', '')",
        "UPDATE history_entry SET row_id = '0'",
        "DELETE FROM history_entry",
        "TRUNCATE history_entry",
        "INSERT INTO history_transaction (xid, at, context, db_user, client, digest) VALUES (1, now(), '{}', 'x', '', '')",
        "UPDATE history_transaction SET context = '{}'",
        "DELETE FROM history_seal",
        "UPDATE history_seal SET mac = ''",
        "ALTER TABLE people_team DISABLE TRIGGER ALL",
        "DROP TRIGGER history_update ON people_team",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION history_record() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SELECT history_transaction_id()",
        "UPDATE history_clock SET xid_offset = 0",
        "CREATE TABLE loot (id int)",
        "SET ROLE dossier_owner",
    ],
)
def test_the_application_cannot_write_forge_or_switch_off_history(attack, database_name):
    with (
        psycopg.connect(testing.app_url(database_name)) as app,
        pytest.raises(psycopg.Error) as refused,
    ):
        app.execute(attack)
    assert refused.value.sqlstate == "42501", refused.value  # insufficient privilege


def test_forged_functions_on_the_search_path_are_not_used(database_name):
    with psycopg.connect(testing.app_url(database_name)) as app:
        app.execute("CREATE TEMP TABLE history_entry (id int)")
        app.execute("SET search_path = pg_temp, public")
        app.execute("INSERT INTO public.people_team (name) VALUES ('shadow')")
        assert app.execute(
            "SELECT count(*) FROM public.history_entry WHERE after->>'name' = 'shadow'"
        ).fetchone() == (1,)
        assert app.execute("SELECT count(*) FROM pg_temp.history_entry").fetchone() == (0,)
        app.rollback()

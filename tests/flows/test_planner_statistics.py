"""After a migration the planner knows what the migration asked it to know (reports add up with both cores)."""

from __future__ import annotations

import psycopg
import pytest

from dossier import testing
from dossier.config import schema
from dossier.core.db.statistics import analyze_all, analyze_unknown
from tests.factories import make_customer

TABLE = "customers_customer"


@pytest.fixture
def owner(committed_db, settings):
    """The owner's connection to a company with a customer the planner knows all about."""
    make_customer()
    url = testing.owner_url(committed_db)
    settings.OWNER_DATABASE_URL = url
    with psycopg.connect(url, autocommit=True) as connection:
        analyze_all(connection)
        yield connection
        connection.execute("DROP STATISTICS IF EXISTS grade_and_status")
        connection.execute(f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS later")


def known(owner, view, what):
    return bool(owner.execute(f"SELECT FROM {view} WHERE {what}").fetchall())


def test_statistics_of_several_columns_are_filled(owner):
    owner.execute(f"CREATE STATISTICS grade_and_status ON grade, status FROM {TABLE}")
    assert not known(owner, "pg_stats_ext", "statistics_name = 'grade_and_status'")
    assert analyze_unknown(owner) == [TABLE]
    assert known(owner, "pg_stats_ext", "statistics_name = 'grade_and_status'")


def test_a_new_column_is_looked_at(owner):
    owner.execute(f"ALTER TABLE {TABLE} ADD COLUMN later boolean DEFAULT true")
    assert analyze_unknown(owner) == [TABLE]
    assert known(owner, "pg_stats", f"tablename = '{TABLE}' AND attname = 'later'")


def test_nothing_is_looked_at_twice(owner):
    assert analyze_unknown(owner) == []


def test_bringing_the_schema_up_to_date_includes_it(owner, monkeypatch):
    monkeypatch.setattr("django.core.management.call_command", lambda *_words, **_options: None)
    owner.execute(f"CREATE STATISTICS grade_and_status ON grade, status FROM {TABLE}")
    schema.apply()
    assert known(owner, "pg_stats_ext", "statistics_name = 'grade_and_status'")

"""A column added by a migration as the check-list says leaves a history that verifies (add-a-field)."""

from __future__ import annotations

import psycopg
import pytest

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.history.verifying import verify
from dossier.core.services import command
from dossier.customers.models import CustomerCategory
from tests.sealing import seal_all

KEY = b"a key kept elsewhere"
TABLE = "customers_customercategory"


@pytest.fixture
def with_column(committed_db, tmp_path, monkeypatch):
    """A category written before a column was added and filled by the owner; yields the database."""
    monkeypatch.setenv("DOSSIER_SEAL_HEADS", str(tmp_path / "heads.jsonl"))
    with command(system_actor(), why="before"):
        CustomerCategory.objects.create(code="01", name="经销")
    with psycopg.connect(testing.owner_url(committed_db)) as owner:
        owner.execute(f"ALTER TABLE {TABLE} ADD COLUMN later boolean")
        owner.execute(f"UPDATE {TABLE} SET later = true")
    yield committed_db
    with psycopg.connect(testing.owner_url(committed_db)) as owner:
        owner.execute(f"ALTER TABLE {TABLE} DROP COLUMN later")


def faults(database):
    seal_all(database, key=KEY)
    with psycopg.connect(testing.owner_url(database)) as owner:
        return verify(owner, key=KEY).faults


def test_the_history_of_older_rows_goes_on_with_the_new_column(with_column):
    assert faults(with_column) == []


def test_an_entry_taken_out_between_is_still_found(with_column):
    for value in ("false", "NULL"):
        with psycopg.connect(testing.owner_url(with_column)) as owner:
            owner.execute(f"UPDATE {TABLE} SET later = {value}")
    with psycopg.connect(testing.superuser_url(with_column), autocommit=True) as superuser:
        superuser.execute(
            f"DELETE FROM history_entry WHERE table_name = '{TABLE}' AND after = '{{\"later\": false}}'"
        )
    assert "entry_out_of_line" in {fault.code for fault in faults(with_column)}

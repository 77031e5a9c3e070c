"""What sealing waits for: running transactions of its own database, no others (AUD-1)."""

from __future__ import annotations

import psycopg
import pytest

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.history import sealing
from dossier.core.services import command
from tests.factories import make_customer
from tests.sealing import seal_all

KEY = b"a key kept elsewhere"


@pytest.fixture
def sealer(committed_db, tmp_path, monkeypatch):
    """A connection of the application's role that may seal; everything so far is sealed."""
    monkeypatch.setenv("DOSSIER_SEAL_HEADS", str(tmp_path / "heads.jsonl"))
    seal_all(committed_db, key=KEY)
    with psycopg.connect(testing.app_url(committed_db), autocommit=True) as app:
        yield app


def write_one():
    with command(system_actor(), why="one"):
        make_customer("天津格致")


def test_a_long_transaction_of_another_database_does_not_hold_sealing_back(sealer):
    with psycopg.connect(testing.superuser_url("postgres")) as elsewhere:
        elsewhere.execute("CREATE TEMP TABLE held (number integer)")
        write_one()
        assert sealing.seal_pending(sealer, key=KEY) > 0
        elsewhere.rollback()


def test_a_running_transaction_of_this_database_is_waited_for(sealer, committed_db):
    with psycopg.connect(testing.owner_url(committed_db)) as here:
        here.execute("CREATE TEMP TABLE held (number integer)")
        write_one()
        assert sealing.seal_pending(sealer, key=KEY) == 0
        here.rollback()
    assert sealing.seal_pending(sealer, key=KEY) > 0


def test_a_transaction_that_shows_nothing_of_its_database_is_waited_for(sealer, committed_db):
    with psycopg.connect(testing.owner_url(committed_db)) as here:
        here.execute("SELECT pg_current_xact_id()")
        write_one()
        assert sealing.seal_pending(sealer, key=KEY) == 0
        here.rollback()
    assert sealing.seal_pending(sealer, key=KEY) > 0

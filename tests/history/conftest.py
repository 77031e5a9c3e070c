"""A history to attack: two seals, and a transaction that is not sealed yet."""

from __future__ import annotations

import pytest

from dossier.core.access import system_actor
from dossier.core.services import command
from tests.factories import make_account, make_customer, make_team
from tests.history.attacks import faults, seal


@pytest.fixture
def heads(tmp_path, monkeypatch):
    """Where the heads of the chain are written."""
    monkeypatch.setenv("DOSSIER_SEAL_HEADS", str(tmp_path / "heads.jsonl"))
    return tmp_path / "heads.jsonl"


@pytest.fixture
def history(committed_db, heads):
    """Three sealed transactions, and one not yet sealed; gives (database, customer, other, team)."""
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


@pytest.fixture
def whole(history):
    """The history before the attack, which verifies."""
    database, customer, other, team = history
    assert faults(database) == []
    return database, customer, other, team

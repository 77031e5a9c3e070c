"""What an attacker with the server's superuser does, and what a verification then says (AUD-1)."""

from __future__ import annotations

import psycopg

from dossier import testing
from dossier.core.history.faults import Fault
from dossier.core.history.verifying import verify
from tests.sealing import seal_all

KEY = b"a key kept elsewhere"
TRIGGERS = ("history_insert", "history_update", "history_delete")


def seal(database: str) -> int:
    """Seal everything written so far, with the key of the tests."""
    return seal_all(database, key=KEY)


def faults(database: str) -> list[Fault]:
    """What a verification finds."""
    with psycopg.connect(testing.owner_url(database)) as owner:
        return verify(owner, key=KEY).faults


def codes(database: str) -> set[str]:
    """The kinds of faults a verification finds."""
    return {fault.code for fault in faults(database)}


def attack(database: str, *statements: str, table: str | None = None) -> None:
    """As the superuser, in one transaction; with the triggers of ``table`` off meanwhile and on again."""
    with psycopg.connect(testing.superuser_url(database)) as superuser:
        for name in TRIGGERS if table else ():
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}".encode())
        for statement in statements:
            superuser.execute(statement.encode())
        superuser.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in TRIGGERS if table else ():
            superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}".encode())

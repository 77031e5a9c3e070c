"""Whether the database's own triggers and functions of the history are those of the program (AUD-1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.utils.translation import gettext as _

from dossier.core.db.after_migrate import HISTORY_SQL, tracked_models, trigger_arguments
from dossier.core.history.faults import Fault

# Bits of pg_trigger.tgtype: after a statement (neither per row nor before), and on what.
_EVENTS = {
    "history_insert": (4, None, "new_rows"),
    "history_update": (16, "old_rows", "new_rows"),
    "history_delete": (8, "old_rows", None),
}

_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled::text, t.tgtype::int, t.tgoldtable, t.tgnewtable, t.tgargs,
       t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgfoid = to_regprocedure('public.history_record()')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND t.tgname LIKE 'history\\_%'
"""

_FUNCTIONS = """
SELECT p.proname, p.prosrc, p.prosecdef, coalesce(array_length(p.proconfig, 1), 0), p.prosqlbody IS NULL
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
  AND p.proname LIKE 'history\\_%'
"""

_FOLD = """
SELECT count(*) = 1 AND bool_and(a.aggtransfn = 'pg_catalog.jsonb_concat'::regproc AND a.agginitval = '{}'
                                 AND a.aggfinalfn = 0 AND a.aggmtransfn = 0)
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'history_fold'
"""

_DEFINITION = re.compile(
    r"CREATE OR REPLACE FUNCTION public\.(\w+)\((?:[^$]*?)\bAS \$\$(.*?)\$\$;?", re.DOTALL
)


@dataclass(frozen=True)
class _Function:
    """What matters of a function: its text, whose rights it has, how many settings it fixes."""

    source: str
    is_definer: bool
    settings: int


def check_definitions(connection: psycopg.Connection[Any]) -> Iterator[Fault]:
    """Each tracked table has its three triggers as they were laid down, and they call what the program wrote.

    Verification itself uses these functions, so they are looked at first.
    """
    yield from _functions(connection)
    yield from _triggers(connection)


def _expected() -> dict[str, _Function]:
    """The functions as `history.sql` defines them."""
    found = {}
    for match in _DEFINITION.finditer(HISTORY_SQL.read_text(encoding="utf-8")):
        head = match.group(0)[: match.start(2) - match.start()]
        found[match.group(1)] = _Function(
            match.group(2),
            "SECURITY DEFINER" in head,
            len(re.findall(r"^SET ", head, re.MULTILINE)),
        )
    return found


def _functions(connection: psycopg.Connection[Any]) -> Iterator[Fault]:
    found: dict[str, list[_Function | None]] = {}
    for name, source, definer, settings, plain in connection.execute(_FUNCTIONS):
        found.setdefault(name, []).append(_Function(source, definer, settings) if plain else None)
    wrong = [name for name, function in _expected().items() if found.get(name) != [function]]
    row = connection.execute(_FOLD).fetchone()
    if row is None or not row[0]:
        wrong.append("history_fold")
    for name in wrong:
        yield Fault(
            "function_altered",
            _(
                "The database function %(name)s is not the one the program laid down: what it records or says cannot be relied on."
            )
            % {"name": name},
        )


def _triggers(connection: psycopg.Connection[Any]) -> Iterator[Fault]:
    found = {row[:2]: row[2:] for row in connection.execute(_TRIGGERS)}
    for model in tracked_models():
        table = model._meta.db_table
        arguments = b"".join(f"{value}\x00".encode() for value in trigger_arguments(model))
        for name, (event, old, new) in _EVENTS.items():
            if found.get((table, name)) != ("A", event, old, new, arguments, True):
                yield Fault(
                    "trigger_off",
                    _("The trigger %(name)s of %(table)s is missing, altered or switched off.")
                    % {"name": name, "table": table},
                    table,
                )

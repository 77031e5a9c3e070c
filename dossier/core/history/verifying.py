"""Proves that the history was not touched, or names what was (AUD-1).

Four things are held against each other: the seals' chain against its key and the heads kept outside,
the sealed digests against the entries, the entries against their own digests, and the entries' sum
against the live rows. A superuser who alters any of them leaves a difference that is named here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import models
from django.utils import translation

from dossier.core.history.check_chain import check_chain
from dossier.core.history.check_definitions import check_definitions
from dossier.core.history.check_redactions import check_redactions
from dossier.core.history.check_restores import check_restores, restores_on_record
from dossier.core.history.check_rows import check_rows, tables_to_check
from dossier.core.history.faults import Fault, Verdict
from dossier.core.history.sealing import read_heads, seal_key

__all__ = ["Fault", "Verdict", "verify", "verify_at"]

# Whatever the server or the role was set to, images read alike and no function but ours and PostgreSQL's is called.
_PLAIN = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL timezone = 'UTC';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1;
SET LOCAL intervalstyle = 'postgres';
SET LOCAL statement_timeout = 0;
SET LOCAL jit = off;
SET LOCAL work_mem = '64MB';
"""


def verify_at(url: str, *, key: bytes | None = None) -> Verdict:
    """Verify the database at an address, on two connections at once, as both processor cores allow."""
    with (
        psycopg.connect(url, connect_timeout=5) as first,
        psycopg.connect(url, connect_timeout=5) as second,
    ):
        return verify(first, key=key, beside=second)


def verify(
    connection: psycopg.Connection[Any],
    *,
    key: bytes | None = None,
    beside: psycopg.Connection[Any] | None = None,
    heads: Path | None = None,
) -> Verdict:
    """Check everything on the owner's connection, in one snapshot; nothing is written.

    ``heads``: another file of the heads than the home's, for a database about to take the place of the old.

    ``beside`` is a second connection to the same database, on which live rows are compared meanwhile, in the
    same snapshot. Memory is bounded by the largest transaction's list of entries (40 bytes each).
    """
    key = key or seal_key()
    connection.execute(_PLAIN)
    faults = list(check_definitions(connection))
    redactions = check_redactions(connection, key, faults)
    restores = restores_on_record(connection)
    outside = read_heads(heads)
    faults.extend(check_restores(restores, outside.restored))
    tables = tables_to_check(connection)
    with _helper(connection, beside, tables) as helped:
        chain = check_chain(connection, key, list(redactions), outside)
        rows = [*check_rows(connection, tables), *helped()]
    row = connection.execute("SELECT count(*) FROM public.history_entry").fetchone()
    assert row is not None
    return Verdict(
        entries=row[0],
        sealed=chain.sealed,
        seals=chain.seals,
        faults=[*faults, *chain.faults, *rows],
        redactions=redactions,
        restores=restores,
    )


@contextmanager
def _helper(
    connection: psycopg.Connection[Any],
    beside: psycopg.Connection[Any] | None,
    tables: deque[type[models.Model]],
) -> Iterator[Callable[[], list[Fault]]]:
    """Compare live rows on the second connection, in the first one's snapshot; yields how to get the faults."""
    if beside is None:
        yield list
        return
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    beside.execute(_PLAIN.replace(";", f"; SET TRANSACTION SNAPSHOT '{row[0]}';", 1).encode())
    language = translation.get_language()

    def compare() -> list[Fault]:
        with translation.override(language):  # the language is the thread's
            return check_rows(beside, tables)

    with ThreadPoolExecutor(1, "rows") as worker:
        yield worker.submit(compare).result

"""The number scheme of orders every installation begins with."""

from __future__ import annotations

from typing import Any

import psycopg

from dossier.core.db.seeds import seed

ORDER_SCHEME = "sales_order"


@seed
def load_scheme(connection: psycopg.Connection[Any]) -> None:
    """S and six digits."""
    connection.execute(
        "INSERT INTO core_numberscheme (key, prefix, width, longest, highest) VALUES (%s, 'S', 6, 20, 0)"
        " ON CONFLICT (key) DO NOTHING",
        [ORDER_SCHEME],
    )

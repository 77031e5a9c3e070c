"""The number scheme of orders every installation begins with."""

from __future__ import annotations

from typing import Any

import psycopg
from django.utils.translation import gettext_lazy as _

from dossier.core.db.seeds import seed
from dossier.core.numbering import Numbered, numbered

ORDER_SCHEME = "sales_order"

numbered(
    Numbered(
        key=ORDER_SCHEME,
        label=_("Order numbers"),
        columns=(("sales_salesorder", "number"),),
        extra="-_./",
    )
)


@seed
def load_scheme(connection: psycopg.Connection[Any]) -> None:
    """S and six digits."""
    connection.execute(
        "INSERT INTO core_numberscheme (key, prefix, width, longest, highest) VALUES (%s, 'S', 6, 20, 0)"
        " ON CONFLICT (key) DO NOTHING",
        [ORDER_SCHEME],
    )

"""The number scheme of customer codes every installation begins with (CUS-2)."""

from __future__ import annotations

from typing import Any

import psycopg
from django.utils.translation import gettext_lazy as _

from dossier.core.db.seeds import seed
from dossier.core.numbering import Numbered, numbered

CODE_SCHEME = "customer"

numbered(
    Numbered(
        key=CODE_SCHEME,
        label=_("Customer codes"),
        columns=(("customers_customer", "code"), ("customers_customeralias", "code")),
    )
)


@seed
def load_scheme(connection: psycopg.Connection[Any]) -> None:
    """Six digits from 000001; a company changes prefix and width in the settings."""
    connection.execute(
        "INSERT INTO core_numberscheme (key, prefix, width, longest, highest) VALUES (%s, '', 6, 20, 0)"
        " ON CONFLICT (key) DO NOTHING",
        [CODE_SCHEME],
    )

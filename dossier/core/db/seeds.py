"""Data every installation begins with; departments register loaders in their ``seeds.py``.

A loader gets the owner's psycopg connection inside the set-up transaction and must be repeatable:
it adds what is missing and leaves what a company has edited.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

Loader = Callable[[psycopg.Connection[Any]], None]

_loaders: list[Loader] = []


def seed(loader: Loader) -> Loader:
    """Register a loader; they run in the order of the layers."""
    if loader not in _loaders:
        _loaders.append(loader)
    return loader


def load_all(connection: psycopg.Connection[Any]) -> None:
    """Run every loader as the program itself, so that the history says who made these rows."""
    connection.execute(
        """SELECT set_config('dossier.context', '{"login": "system:setup", "via": "setup"}', true)"""
    )
    for loader in _loaders:
        loader(connection)

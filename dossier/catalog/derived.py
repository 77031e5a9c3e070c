"""Columns of a product that follow from others. Pure; the services and the import both use it."""

from __future__ import annotations

from typing import Final, NamedTuple

from dossier.core.search import bare, searchable
from dossier.customers.rules.names import simplified
from dossier.customers.rules.sound import spoken

_KEY: Final = 300  # width of the column sort_key


class Derived(NamedTuple):
    """The derived columns of a product, as stored."""

    sort_key: str
    search_text: str
    search_terms: list[int]


def derive(*, code: str, name: str, specification: str = "") -> Derived:
    """The derived columns: order by the sound of the name, search by code, name, sound, specification."""
    said = spoken(name)
    found = searchable(
        (code, simplified(name), said.initials, simplified(specification)), (said.syllables,)
    )
    return Derived(
        sort_key=(said.sort_key or bare(code) or code)[:_KEY],
        search_text=found.text,
        search_terms=found.terms,
    )

"""Columns of a product that follow from others. Pure; the services and the import both use it."""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

from dossier.customers.rules.sound import pinyin_keys, sort_key

_KEY: Final = 300  # width of the column sort_key


class Derived(NamedTuple):
    """The derived columns of a product, as stored."""

    sort_key: str
    search_text: str


def folded(text: str) -> str:
    """The form in which search texts and what is searched for are compared: half-width, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def derive(*, code: str, name: str, specification: str = "") -> Derived:
    """The derived columns: order by the sound of the name, search by code, name, sound, specification."""
    pieces = [code, name, specification, *pinyin_keys(name)]
    return Derived(
        sort_key=(sort_key(name) or folded(code))[:_KEY],
        search_text=" ".join(dict.fromkeys(folded(piece) for piece in pieces if piece)),
    )

"""Columns of a customer that follow from others: comparison key, order, sound, search text, main contact.

Pure: no database. The services and the import both use it, so that a customer is found the same way
however it came in.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

from dossier.core.values import parse_phones
from dossier.customers.rules import normalise_name, pinyin_keys, sort_key

_KEY: Final = 200  # widths of the columns name_key and sort_key
_PINYIN: Final = 400


class Derived(NamedTuple):
    """The derived columns of a customer, as stored."""

    name_key: str
    sort_key: str
    pinyin: str
    search_text: str


class ContactFacts(NamedTuple):
    """What counts of a contact for CUS-1."""

    name: str
    phone: str = ""
    mobile: str = ""
    is_main: bool = False


def folded(text: str) -> str:
    """The form in which search texts and what is searched for are compared: half-width, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def derive(
    *,
    name: str,
    short_name: str = "",
    code: str = "",
    phone: str = "",
    contact_names: Iterable[str] = (),
    alias_codes: Iterable[str] = (),
) -> Derived:
    """The derived columns.

    ``phone`` is the customer's own telephone (one or several numbers); a contact's numbers are
    masked from some readers and therefore never searchable.
    """
    full, initials = pinyin_keys(name)
    sounds = [full, initials]
    if short_name and short_name != name:
        sounds.extend(pinyin_keys(short_name))
    pieces = [
        code,
        *alias_codes,
        name,
        short_name,
        *sounds,
        *contact_names,
        *(number.digits for number in parse_phones(phone)),
    ]
    return Derived(
        name_key=normalise_name(name).full[:_KEY],
        sort_key=sort_key(name)[:_KEY],
        pinyin=" ".join(dict.fromkeys(sound for sound in sounds if sound))[:_PINYIN],
        search_text=" ".join(dict.fromkeys(folded(piece) for piece in pieces if piece)),
    )


def main_of(contacts: Iterable[ContactFacts], phone: str = "") -> tuple[str, str]:
    """The primary contact's name and the first telephone of any kind (CUS-1): the customer's own,
    else the primary contact's, else any contact's; '' where there is none."""
    ordered = sorted((c for c in contacts if c.name), key=lambda c: not c.is_main)
    name = ordered[0].name if ordered else ""
    numbers = [phone, *(number for c in ordered for number in (c.phone, c.mobile))]
    return name, next((number for number in numbers if number), "")

"""Columns of a customer that follow from others: comparison key, order, sound, search, main contact.

Pure: no database. The services and the import both use it, so that a customer is found the same way
however it came in.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

from dossier.core.search import Searchable, SearchableLine, searchable, searchable_line
from dossier.core.values import parse_phones
from dossier.customers.rules import normalise_name, spoken
from dossier.customers.rules.names import simplified

_KEY: Final = 200  # widths of the columns name_key and sort_key
_PINYIN: Final = 400
LEAST_GUARDED: Final = 7  # a masked telephone is found whole only; shorter ones could be guessed


class Derived(NamedTuple):
    """The derived columns of a customer, as stored."""

    name_key: str
    sort_key: str
    pinyin: str
    search_text: str
    search_terms: list[int] | str  # the text: as COPY reads it
    guarded_numbers: list[str]


class ContactFacts(NamedTuple):
    """What counts of a contact for CUS-1."""

    name: str
    phone: str = ""
    mobile: str = ""
    is_main: bool = False


def folded(text: str) -> str:
    """The form in which names of divisions and industries are searched: half-width, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def derive(
    *,
    name: str,
    short_name: str = "",
    code: str = "",
    phone: str = "",
    contacts: Iterable[ContactFacts] = (),
    alias_codes: Iterable[str] = (),
    for_copy: bool = False,
) -> Derived:
    """The derived columns; ``for_copy``: the terms of the search as COPY reads them.

    ``phone`` is the customer's own telephone (one or several numbers), found by any three digits. A
    contact's numbers are masked from some readers: they are kept apart in ``guarded_numbers``, whole,
    and asked for only on behalf of those who may see them (ORG-4, see `selectors.search`).
    """
    people = list(contacts)
    said = spoken(name)
    sounds = [said]
    heard = [said]  # what is searched by; the sound of a part is found by that of the whole
    if short_name and short_name != name:
        at = name.find(short_name)
        if at >= 0 and len(said.syllables) == len(name):
            sounds.append(said.part(at, at + len(short_name)))
        else:
            sounds.append(spoken(short_name))
            heard = sounds
    made = searchable_line if for_copy else searchable
    found: Searchable | SearchableLine = made(
        (
            code,
            *alias_codes,
            simplified(name),
            simplified(short_name),
            *(sound.initials for sound in sounds),
            *(simplified(person.name) for person in people),
            *(number.digits for number in parse_phones(phone)),
        ),
        (sound.syllables for sound in heard),
    )
    guarded = {
        number.digits
        for person in people
        for given in (person.phone, person.mobile)
        for number in parse_phones(given)
        if len(number.digits) >= LEAST_GUARDED
    }
    pinyin = " ".join(dict.fromkeys(word for s in sounds for word in (s.full, s.initials) if word))
    return Derived(
        name_key=normalise_name(name).full[:_KEY],
        sort_key=said.sort_key[:_KEY],
        pinyin=pinyin[:_PINYIN],
        search_text=found.text,
        search_terms=found.terms,
        guarded_numbers=sorted(guarded),
    )


def main_of(contacts: Iterable[ContactFacts], phone: str = "") -> tuple[str, str]:
    """The primary contact's name and the first telephone of any kind (CUS-1): the customer's own,
    else the primary contact's, else any contact's; '' where there is none."""
    ordered = sorted((c for c in contacts if c.name), key=lambda c: not c.is_main)
    name = ordered[0].name if ordered else ""
    numbers = [phone, *(number for c in ordered for number in (c.phone, c.mobile))]
    return name, next((number for number in numbers if number), "")

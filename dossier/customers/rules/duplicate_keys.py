"""Keys by which customers that may be one are found among a million: two alike share at least one (CUS-3).

A key is a number of 32 bits made of what it is and its value. Two values may fall on one number: a
key finds candidates, which are then compared; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zlib import crc32

from dossier.customers.rules.companies_alike import (
    DuplicateRow,
    own_domains,
    sound_of,
    whole_address,
)
from dossier.customers.rules.names import normalise_name

_SHORTEST: Final = 4
_SLIPS: Final = 4
"""One wrong or missing character is looked for among the first so many of a name: what tells companies
apart stands in front, the trade behind it."""


def keys_of(row: DuplicateRow, *, names_near: bool = True) -> list[int]:
    """The keys of a customer, without repetition.

    ``names_near``: with keys for names that sound alike or differ by a character. They find hints
    while somebody types; where a name alone is not enough they can be left out.
    """
    return list(dict.fromkeys(_number(key) for key in _keys(row, names_near)))


def _number(key: str) -> int:
    """Signed, as PostgreSQL's integer is."""
    number = crc32(key.encode("utf-8", "replace"))
    return number - (1 << 32) if number >= 1 << 31 else number


def _keys(row: DuplicateRow, names_near: bool) -> Iterator[str]:
    core = normalise_name(row.name).core
    if len(core) >= 2:
        yield "n" + core
    if len(row.tax_number) >= 15:
        yield "t" + row.tax_number
    for phone in (*row.phones, *row.covered_phones):
        yield "p" + phone
    address = whole_address(row.address)
    if address:
        yield "a" + address
    emails = frozenset(one.strip().casefold() for one in row.emails if "@" in one)
    for email in emails:
        yield "m" + email
    for domain in own_domains(emails, row.website):
        yield "d" + domain
    if names_near and len(core) >= _SHORTEST - 1:
        sound = sound_of(core)
        if sound:
            yield "s" + sound
    if names_near and len(core) >= _SHORTEST:
        yield "x" + core
        for at in range(min(len(core), _SLIPS)):
            yield f"x{core[:at]}{core[at + 1 :]}"

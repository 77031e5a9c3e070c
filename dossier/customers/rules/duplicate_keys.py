"""Keys by which customers that may be one are found among a million: two alike share at least one (CUS-3).

A key is a number of 32 bits made of what it is and its value. Two values may fall on one number: a
key finds candidates, which are then compared; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zlib import crc32

from dossier.customers.rules.companies_alike import Company, sound_of

_HALF: Final = 1 << 31
_TOP: Final = 1 << 32
_SHORTEST: Final = 4
_SLIPS: Final = 4
"""One wrong or missing character is looked for among the first so many of a name: what tells companies
apart stands in front, the trade behind it."""


def keys_of(company: Company, *, names_near: bool = True) -> list[int]:
    """The keys of a customer, without repetition.

    ``names_near``: with keys for names that sound alike or differ by a character. They find hints
    while somebody types; where a name alone is not enough they can be left out.
    """
    found = [crc32(key.encode("utf-8", "replace")) for key in _keys(company, names_near)]
    # signed, as PostgreSQL's integer is
    return list({key - _TOP if key >= _HALF else key: None for key in found})


def _keys(company: Company, names_near: bool) -> Iterator[str]:
    core = company.key.core
    if len(core) >= 2:
        yield "n" + core
    if len(company.row.tax_number) >= 15:
        yield "t" + company.row.tax_number
    for phone in company.all_phones:
        yield "p" + phone
    if company.address:
        yield "a" + company.address
    for email in company.emails:
        yield "m" + email
    for domain in company.domains:
        yield "d" + domain
    if names_near:
        sound = sound_of(core)
        if sound:
            yield "s" + sound
        if len(core) >= _SHORTEST:
            yield "x" + core
            for at in range(min(len(core), _SLIPS)):
                yield f"x{core[:at]}{core[at + 1 :]}"

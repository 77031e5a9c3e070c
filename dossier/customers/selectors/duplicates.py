"""Customers that may be the one being entered, and the pairs kept of those that may be one (CUS-3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from dossier.core.access import Actor, Scope
from dossier.core.imports.stages import fetch
from dossier.core.values import parse_phones
from dossier.customers.duplicate_models import DuplicatePair, PairStatus
from dossier.customers.models import Customer
from dossier.customers.rules import normalise_tax_number
from dossier.customers.rules.companies_alike import (
    Company,
    DuplicateRow,
    Likely,
    compare,
    is_valid_tax,
)
from dossier.customers.rules.duplicate_keys import keys_of
from dossier.customers.selectors.masking import sees_plainly
from dossier.customers.selectors.references import region_of_address

MOST = 5
_LEAST = 0.5
"""Score from which on a customer is worth showing while somebody types."""
_STRONG = 0.8
"""Score from which on saving asks first."""
_PER_KEY = 60
_AT_ONCE = 20_000
"""Keys from which on reading all kept keys is cheaper than asking for each."""

_BY_KEY = """
SELECT DISTINCT found.customer_id
FROM unnest(%(keys)s::integer[]) AS given (key)
CROSS JOIN LATERAL (
    SELECT customer_id FROM customers_duplicatekeys WHERE keys @> ARRAY[given.key] LIMIT %(most)s
) found
"""
_BY_ALL = """
SELECT customer_id FROM customers_duplicatekeys k
WHERE EXISTS (SELECT 1 FROM unnest(k.keys) AS own (key) WHERE own.key = ANY(%(keys)s::integer[]))
"""
_ROWS = """
SELECT c.id, c.name, c.tax_number, c.phone, coalesce(c.region_id, ''), c.address, c.email, c.website,
       c.main_contact, k.phones, k.mobiles, k.emails
FROM customers_customer c
LEFT JOIN LATERAL (
    SELECT string_agg(phone, ';') AS phones, string_agg(mobile, ';') AS mobiles, string_agg(email, ';') AS emails
    FROM customers_contact WHERE customer_id = c.id
) k ON true
WHERE c.id = ANY(%(ids)s) AND c.kind = 'customer'
ORDER BY c.id
"""

COMPARED = frozenset({"name", "tax_number", "phone", "region", "address", "email", "website"})
"""Columns of the customer that keys and comparison are made of, beside its contacts: those of ``_ROWS``."""


@dataclass(frozen=True)
class DuplicateHint:
    """A customer of the actor's reach like the one entered: how sure, why, and whether that is strong."""

    customer: Customer
    score: float
    reasons: tuple[str, ...]
    strong: bool


@dataclass(frozen=True)
class DuplicateAnswer:
    """Customers like the one entered. ``elsewhere`` are keys of such outside the reach: never to be shown."""

    hints: tuple[DuplicateHint, ...] = ()
    elsewhere: tuple[int, ...] = ()


def entered_row(
    *,
    name: str = "",
    tax_number: str = "",
    phone: str = "",
    address: str = "",
    email: str = "",
    website: str = "",
    contact: str = "",
    region: str = "",
) -> DuplicateRow:
    """What somebody types, as it is compared; the region follows from the address."""
    digits = [number.digits for number in parse_phones(phone) if len(number.digits) >= 7]
    tax = normalise_tax_number(tax_number)
    return DuplicateRow(
        0,
        name if len(name) >= 2 else "",
        tax if len(tax) >= 15 else "",
        tuple(dict.fromkeys(digits))[:5],
        region or (region_of_address(address) or "" if address else ""),
        address,
        tuple(email.split(";")),
        website,
        contact,
    )


def duplicates_of(
    actor: Actor, row: DuplicateRow, *, exclude: int | None = None, everywhere: bool = True
) -> DuplicateAnswer:
    """Customers like ``row``, the likeliest first; ``everywhere``: also which there are outside the reach.

    A covered number speaks only to who sees it plainly; for anybody else a customer found by it alone
    is one outside the reach.
    """
    typed = Company(row)
    keys = keys_of(typed)
    ids = [pk for pk in candidates(keys) if pk != exclude] if keys else []
    if not ids:
        return DuplicateAnswer()
    seen = Customer.objects.for_user(actor)
    # Hundreds may share a key, a handful are shown: only of those is the whole row read.
    mine = {one.pk: one for one in seen.filter(pk__in=ids).only("owner_id")}
    wanted = ids if everywhere else list(mine)
    likely_ones: list[tuple[int, Likely]] = []
    elsewhere: list[int] = []
    for found in rows_of(wanted):
        pk = int(found.ref)
        customer = mine.get(pk)
        told = found
        if customer is not None and not sees_plainly(actor, customer):
            told = found._replace(covered_phones=())
        likely = compare(typed, Company(told), loosely=True)
        if customer is None or likely is None:
            whole = compare(typed, Company(found))
            if whole is not None and whole.enough and everywhere:
                elsewhere.append(pk)
        elif likely.enough or likely.score >= _LEAST:
            likely_ones.append((pk, likely))
    likely_ones.sort(key=lambda one: (-one[1].score, one[0]))
    shown = seen.in_bulk([pk for pk, _likely in likely_ones[:MOST]]) if likely_ones else {}
    hints = tuple(
        DuplicateHint(shown[pk], likely.score, likely.reasons, _is_strong(likely))
        for pk, likely in likely_ones[:MOST]
        if pk in shown
    )
    return DuplicateAnswer(hints, tuple(elsewhere))


def _is_strong(likely: Likely) -> bool:
    return likely.enough or likely.score >= _STRONG


def reaches_everything(actor: Actor) -> bool:
    """Whether there are no customers outside the actor's reach."""
    return actor.is_system or Scope.ALL in actor.scopes("customers.customer", "view")


def candidates(keys: Collection[int], *, most: int = _PER_KEY) -> list[int]:
    """Customers that share a key, by the index; of a key many share only some."""
    if not keys:
        return []
    sql = _BY_ALL if len(keys) > _AT_ONCE else _BY_KEY
    return [pk for (pk,) in fetch(sql, {"keys": list(keys), "most": most})]


def rows_of(ids: Iterable[int]) -> list[DuplicateRow]:
    """What is compared of these customers; ``ref`` is the key. The walk-in customer is left out."""
    return [_row(found) for found in fetch(_ROWS, {"ids": list(ids)})]


def _row(found: Sequence[Any]) -> DuplicateRow:
    pk, name, tax, phone, region, address, email, website, contact, phones, mobiles, emails = found
    return DuplicateRow(
        pk,
        name,
        tax,
        _digits(f"{phone};{phones or ''}"),
        region,
        address,
        tuple(one for one in (email, *(emails or "").split(";")) if one),
        website,
        contact,
        _digits(mobiles or ""),
    )


def _digits(numbers: str) -> tuple[str, ...]:
    found = (one.digits for one in parse_phones(numbers) if len(one.digits) >= 7)
    return tuple(dict.fromkeys(found))


def same_tax_number(number: str, *, exclude: int | None = None) -> list[Customer]:
    """Customers that carry this valid tax number; none where it is not valid."""
    if not is_valid_tax(number):
        return []
    rows = Customer.objects.filter(tax_number=number, kind="customer").exclude(pk=exclude)
    return list(rows.order_by("pk")[:MOST])


# Pairs ----------------------------------------------------------------------------------------------


def pairs_seen(actor: Actor) -> QuerySet[DuplicatePair]:
    """Pairs of which the actor sees both customers."""
    if reaches_everything(actor):
        return DuplicatePair.objects.all()
    mine = Customer.objects.for_user(actor).values("pk")
    return DuplicatePair.objects.filter(first__in=mine, second__in=mine)


def pairs_of_customer(
    actor: Actor, customer: Customer
) -> tuple[list[tuple[DuplicatePair, Customer]], bool]:
    """(open pair, the other customer) of those the actor sees, and whether there is one he does not see."""
    pairs = list(
        DuplicatePair.objects.filter(
            Q(first=customer) | Q(second=customer), status=PairStatus.OPEN
        ).order_by("-score", "id")[:20]
    )
    if not pairs:
        return [], False
    others = {
        pair.pk: pair.second_id if pair.first_id == customer.pk else pair.first_id for pair in pairs
    }
    seen = Customer.objects.for_user(actor).in_bulk(list(others.values()))
    told = [(pair, seen[others[pair.pk]]) for pair in pairs if others[pair.pk] in seen]
    return told, len(told) < len(pairs)


def reasons_told(actor: Actor, pair: DuplicatePair, *customers: Customer) -> list[str]:
    """The reasons of a pair that may be told: not that covered numbers agree, unless both are seen plainly."""
    if all(sees_plainly(actor, customer) for customer in customers):
        return list(pair.reasons)
    return [reason for reason in pair.reasons if reason != "covered_phone"]

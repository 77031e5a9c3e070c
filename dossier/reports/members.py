"""How the groups of a report are called: keys for programs, names for people."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from dossier.catalog.models import Product
from dossier.catalog.selectors import family_names
from dossier.core.access import Actor
from dossier.core.models import Industry
from dossier.core.screens.lookups import get_lookup
from dossier.people.models import Employee
from dossier.reports.declarations import Member
from dossier.sales.filters import NONE, none_label, team_names, territory_names
from dossier.sales.selectors import customer_labels

Members = Mapping[Any, Member]


def _none() -> Member:
    return Member("", none_label(), NONE)


def _span(first: date, months: int) -> str:
    """The days of a period, as ``first/last``."""
    year, month = divmod(first.year * 12 + first.month - 1 + months - 1, 12)
    return f"{first}/{date(year, month + 1, monthrange(year, month + 1)[1])}"


def span_of(member: Member) -> tuple[date, date]:
    """First and last day of a period's member."""
    first, _slash, last = member.choose.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last)


def months(_actor: Actor, raw: Collection[Any]) -> Members:
    """2023-01"""
    return {
        day: Member(f"{day:%Y-%m}", f"{day:%Y-%m}", _span(day, 1), place=f"{day}") for day in raw
    }


def quarters(_actor: Actor, raw: Collection[Any]) -> Members:
    """2023-Q1"""
    named = {day: f"{day:%Y}-Q{(day.month + 2) // 3}" for day in raw}
    return {day: Member(text, text, _span(day, 3), place=f"{day}") for day, text in named.items()}


def years(_actor: Actor, raw: Collection[Any]) -> Members:
    """2023"""
    return {day: Member(f"{day:%Y}", f"{day:%Y}", _span(day, 12), place=f"{day}") for day in raw}


def customers(actor: Actor, raw: Collection[Any]) -> Members:
    """Customers by code; of those outside the reader's scope only code and short name."""
    return {
        pk: Member(code, name, code) for pk, (code, name) in customer_labels(actor, raw).items()
    }


def salespeople(_actor: Actor, raw: Collection[Any]) -> Members:
    """Employees by number."""
    value = get_lookup("employee").value
    found = {
        e.pk: Member(e.number, e.name, value(e))
        for e in Employee.objects.filter(pk__in=[r for r in raw if r])
    }
    return found | {None: _none()}


def products(_actor: Actor, raw: Collection[Any]) -> Members:
    """Products by code."""
    rows = Product.objects.filter(pk__in=raw).values_list("pk", "code", "name")
    return {pk: Member(code, name or code, code) for pk, code, name in rows}


def _by_name(names: Mapping[int, str], raw: Collection[Any]) -> Members:
    known = {pk: names.get(pk, f"#{pk}") for pk in raw if pk is not None}
    return {pk: Member(name, name, str(pk)) for pk, name in known.items()} | {None: _none()}


def teams(actor: Actor, raw: Collection[Any]) -> Members:
    """Teams by name: they have no code. ``sales.filters.value_of_key`` reads it back."""
    return _by_name(team_names(actor), raw)


def territories(actor: Actor, raw: Collection[Any]) -> Members:
    """Territories by name."""
    return _by_name(territory_names(actor), raw)


def families(actor: Actor, raw: Collection[Any]) -> Members:
    """Product families by name."""
    return _by_name(family_names(actor), raw)


def classes(_actor: Actor, raw: Collection[Any]) -> Members:
    """Product classes by letter."""
    return {
        letter: Member(letter, letter, letter, place=letter) if letter else _none()
        for letter in raw
    }


def industries(_actor: Actor, raw: Collection[Any]) -> Members:
    """Industries by code."""
    rows = Industry.objects.filter(pk__in=[r for r in raw if r]).values_list("code", "name")
    return {code: Member(code, name, code, place=code) for code, name in rows} | {None: _none()}

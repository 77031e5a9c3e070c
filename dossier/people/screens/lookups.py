"""Look-ups of people: employees in post, teams in use, territories."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from dossier.core.access import Actor, ScopedQuerySet
from dossier.core.screens.lookups import Lookup, lookup
from dossier.people.models import Employee, Team, Territory
from dossier.people.rules import sounds_like
from dossier.people.states import EmployeeStatus


def matching_people(rows: QuerySet[Any], typed: str) -> QuerySet[Any]:
    """Employees whose number, name, pinyin or initials match every word typed."""
    for word in typed.split():
        found = Q(name__icontains=word) | Q(number__istartswith=word)
        if word.isascii() and word.isalpha():
            found |= Q(pk__in=sounds_like(rows.values_list("pk", "name")[:5000], word))
        rows = rows.filter(found)
    return rows


def _by_key(rows: ScopedQuerySet[Any], code: str, column: str) -> Any | None:
    """A row by the key a form sends, else by the code a person types."""
    if code.isascii() and code.isdecimal() and len(code) < 19:
        row = rows.filter(pk=int(code)).first()
        if row is not None:
            return row
    return rows.filter(**{f"{column}__iexact": code}).first() if "\x00" not in code else None


def _employees(actor: Actor, typed: str) -> QuerySet[Any]:
    rows = Employee.objects.for_user(actor).filter(status=EmployeeStatus.IN_POST)
    return matching_people(rows, typed).order_by("number")


def _teams(actor: Actor, typed: str) -> QuerySet[Any]:
    return (
        Team.objects.for_user(actor)
        .filter(is_active=True, name__icontains=typed)
        .order_by("name", "pk")
    )


def _territories(actor: Actor, typed: str) -> QuerySet[Any]:
    return Territory.objects.for_user(actor).filter(name__icontains=typed).order_by("name")


# A record keeps the leaver it names: by_code knows all whom the actor sees, only the list offers those in
# post, and services refuse to name a leaver anew.
EMPLOYEE = lookup(
    Lookup(
        key="employee",
        permission="people.employee.view",
        rows=_employees,
        by_code=lambda actor, code: _by_key(Employee.objects.for_user(actor), code, "number"),
        value=lambda row: str(row.pk),
        code=lambda row: row.number,
        text=lambda row: row.name,
    )
)
TEAM = lookup(
    Lookup(
        key="team",
        permission="people.team.view",
        rows=_teams,
        by_code=lambda actor, code: _by_key(Team.objects.for_user(actor), code, "name"),
        value=lambda row: str(row.pk),
        code=lambda row: "",
        text=lambda row: row.name,
    )
)
TERRITORY = lookup(
    Lookup(
        key="territory",
        permission="people.territory.view",
        rows=_territories,
        by_code=lambda actor, code: _by_key(Territory.objects.for_user(actor), code, "name"),
        value=lambda row: str(row.pk),
        code=lambda row: "",
        text=lambda row: row.name,
    )
)

"""Look-ups of people: employees in post, teams in use, territories."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from dossier.core.access import Actor
from dossier.core.screens.lookups import keyed
from dossier.people.models import Employee, Team, Territory
from dossier.people.rules import sounds_like
from dossier.people.selectors import employee_by_code
from dossier.people.states import EmployeeStatus


def matching_people(rows: QuerySet[Any], typed: str) -> QuerySet[Any]:
    """Employees whose number, name, pinyin or initials match every word typed."""
    for word in typed.split():
        found = Q(name__icontains=word) | Q(number__istartswith=word)
        if word.isascii() and word.isalpha():
            found |= Q(pk__in=sounds_like(rows.values_list("pk", "name")[:5000], word))
        rows = rows.filter(found)
    return rows


def _by_name(rows: QuerySet[Any], name: str) -> Any | None:
    """The row of this name, where only one has it."""
    found = list(rows.filter(name__iexact=name)[:2]) if "\x00" not in name else []
    return found[0] if len(found) == 1 else None


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


# A record keeps the leaver it names: a value knows all whom the actor sees, only the list offers those in
# post, and services refuse to name a leaver anew.
EMPLOYEE = keyed(
    "employee",
    "people.employee.view",
    _employees,
    Employee.objects.for_user,
    employee_by_code,
    code=lambda row: str(row.number),
)
TEAM = keyed(
    "team",
    "people.team.view",
    _teams,
    Team.objects.for_user,
    lambda actor, name: _by_name(Team.objects.for_user(actor), name),
)
TERRITORY = keyed(
    "territory",
    "people.territory.view",
    _territories,
    Territory.objects.for_user,
    lambda actor, name: _by_name(Territory.objects.for_user(actor), name),
)

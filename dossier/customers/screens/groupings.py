"""What the list of customers can be grouped by (CUS-4): its owner and the owner's team, where it is, what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.models import Industry, Region
from dossier.core.screens.lists import NOTHING, Grouping, by_choice, by_record
from dossier.customers.models import Customer
from dossier.customers.states import Category, CustomerStatus, Grade
from dossier.people.models import Employee, Team

_NOT_GIVEN = _("Not known, or none")
_PROVINCE = 2  # digits of a division's code that name its province


def _owners(actor: Actor) -> QuerySet[Employee]:
    """The owners of the customers within reach; whoever owns none of them is not named."""
    theirs = Customer.objects.for_user(actor).filter(owner=OuterRef("pk")).order_by()
    return Employee.objects.filter(Exists(theirs))


def _named_owners(actor: Actor) -> list[tuple[str, str | Promise]]:
    found = _owners(actor).order_by("name", "pk").values_list("pk", "name")
    return [(str(pk), name) for pk, name in found]


def _teams(actor: Actor) -> list[tuple[str, str | Promise]]:
    teams = Team.objects.filter(pk__in=_owners(actor).order_by().values("team"))
    found = [(str(pk), name) for pk, name in teams.order_by("name", "pk").values_list("pk", "name")]
    return [*found, (NOTHING, _("Without team"))]


def _of_teams(keys: Sequence[str]) -> Q:
    """Customers by the owners' keys: a list, not a join, so that the planner knows what it holds."""
    members = Employee.objects.filter(team__in=[one for one in keys if one != NOTHING])
    found = Q(owner_id__in=sorted(members.values_list("pk", flat=True)))
    if NOTHING in keys:
        teamless = Employee.objects.filter(team__isnull=True).values_list("pk", flat=True)
        found |= Q(owner_id__isnull=True) | Q(owner_id__in=sorted(teamless))
    return found


def _provinces(actor: Actor) -> list[tuple[str, str | Promise]]:
    found = Region.objects.filter(level=1).order_by("code").values_list("code", "name")
    return [*found, (NOTHING, _("Not known yet"))]


def _of_provinces(keys: Sequence[str]) -> Q:
    return _below(
        "region_id",
        {key[:_PROVINCE]: _after(key[:_PROVINCE]) for key in keys if key != NOTHING},
        keys,
    )


def _sections(actor: Actor) -> list[tuple[str, str | Promise]]:
    found = Industry.objects.filter(level=1).order_by("code").values_list("code", "name")
    return [*found, (NOTHING, _("Not known yet"))]


def _of_sections(keys: Sequence[str]) -> Q:
    return _below("industry_id", {key: _after(key) for key in keys if key != NOTHING}, keys)


def _below(column: str, spans: dict[str, str], keys: Sequence[str]) -> Q:
    """Codes of a tree that begin alike, as spans an index is read along."""
    found = Q(pk__in=[])
    for first, beyond in spans.items():
        found |= Q(**{f"{column}__gte": first, f"{column}__lt": beyond})
    return found | Q(**{f"{column}__isnull": True}) if NOTHING in keys else found


def _after(code: str) -> str:
    """The first text beyond all that begin with the code."""
    return code[:-1] + chr(ord(code[-1]) + 1)


def _province_of(code: str | None) -> str:
    return code[:_PROVINCE].ljust(6, "0") if code else NOTHING


def _section_of(code: str | None) -> str:
    return code[0] if code else NOTHING


def _key(value: Any) -> str:
    return NOTHING if value is None else str(value)


GROUPINGS = (
    by_record("owner_id", _("Owner"), _named_owners, key="owner", blank=_("Without owner")),
    Grouping("team", _("Team of the owner"), _teams, _of_teams, ("owner__team_id",), _key),
    by_choice("grade", _("grade"), Grade.choices, blank=_NOT_GIVEN),
    by_choice("category", _("category"), Category.choices, blank=_NOT_GIVEN),
    Grouping("region", _("Province"), _provinces, _of_provinces, ("region_id",), _province_of),
    Grouping(
        "industry", _("Industry section"), _sections, _of_sections, ("industry_id",), _section_of
    ),
    by_choice("status", _("Status"), CustomerStatus.choices),
)

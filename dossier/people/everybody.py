"""Everybody who can sign in, as the actors they would be, read at once: for asking who sees a record (ORG-4).

``selectors.actor_for`` reads the reach of one account at each request. Here the same is worked out for all
accounts from a handful of queries; tests hold the two against each other, account by account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from dossier.core.access import Actor
from dossier.people.models import Account, Employee, Role, RoleGrant, Team, Territory
from dossier.people.states import EmployeeStatus


@dataclass(frozen=True)
class Person:
    """An open account: who it is, with the actor it would act as and its roles."""

    actor: Actor
    number: str
    team_id: int | None
    role_ids: tuple[int, ...]

    @property
    def employee_id(self) -> int | None:
        """The employee behind the account; None for one that belongs to no employee."""
        return self.actor.employee_id

    @property
    def name(self) -> str:
        """The employee's name, else the login."""
        return self.actor.name


@dataclass(frozen=True)
class Area:
    """A territory: its divisions, and to whom it is given."""

    pk: int
    regions: frozenset[str]
    teams: frozenset[int]
    employees: frozenset[int]


@dataclass(frozen=True)
class RoleFacts:
    """A role's key, name in the reader's language, and grants, "kind.action" to scope."""

    key: str
    name: str
    grants: Mapping[str, str]


@dataclass
class Organisation:
    """Teams, territories and roles as ids. Names are those the reader may know; others are blank."""

    parents: Mapping[int, int | None]
    leaders: Mapping[int, int | None]
    team_of: Mapping[int, int | None]
    """Team of each employee who has one, those who left among them: they may still own records."""
    territories: tuple[Area, ...]
    roles: Mapping[int, RoleFacts]
    team_names: Mapping[int, str] = field(default_factory=dict)
    area_names: Mapping[int, str] = field(default_factory=dict)

    def with_those_above(self, team: int) -> list[int]:
        """A team and all above it, nearest first."""
        found: dict[int, None] = {}
        at: int | None = team
        while at is not None and at not in found:
            found[at] = None
            at = self.parents.get(at)
        return list(found)

    def named(self, team: int) -> str:
        """The team's name; blank where the reader may not know it."""
        return self.team_names.get(team, "")

    def area_named(self, pk: int) -> str:
        """The territory's name; blank where the reader may not know it."""
        return self.area_names.get(pk, "")


def organisation(reader: Actor) -> Organisation:
    """Teams, territories and roles of the company, with the names the reader may know."""
    parents, leaders = {}, {}
    for pk, parent, leader in Team.objects.values_list("pk", "parent_id", "leader_id"):
        parents[pk], leaders[pk] = parent, leader
    grants: dict[int, dict[str, str]] = defaultdict(dict)
    for role, kind, action, scope in RoleGrant.objects.values_list(
        "role_id", "kind", "action", "scope"
    ):
        grants[role][f"{kind}.{action}"] = scope
    members = Employee.objects.filter(team__isnull=False)
    return Organisation(
        parents=parents,
        leaders=leaders,
        team_of=dict(members.values_list("pk", "team_id")),
        territories=tuple(_areas()),
        roles={
            role.pk: RoleFacts(role.key, str(role), grants[role.pk])
            for role in Role.objects.order_by("pk")
        },
        team_names=dict(Team.objects.for_user(reader).values_list("pk", "name")),
        area_names=dict(Territory.objects.for_user(reader).values_list("pk", "name")),
    )


def _areas() -> Iterator[Area]:
    parts: dict[str, dict[int, set[object]]] = {}
    for name in ("regions", "teams", "employees"):
        links = getattr(Territory, name).through.objects
        column = {"regions": "region_id", "teams": "team_id", "employees": "employee_id"}[name]
        parts[name] = defaultdict(set)
        for area, other in links.values_list("territory_id", column):
            parts[name][area].add(other)
    for pk in Territory.objects.order_by("name", "pk").values_list("pk", flat=True):
        yield Area(
            pk,
            **{name: frozenset(found.get(pk, ())) for name, found in parts.items()},  # type: ignore[arg-type] # ids and codes
        )


def everybody(
    company: Organisation, *, permission: str = "", employees: Collection[int] | None = None
) -> list[Person]:
    """All who can sign in now, by name.

    ``permission`` leaves out whose roles do not hold it at all, ``employees`` all but these.
    """
    roles_of: dict[int, list[int]] = defaultdict(list)
    links = Account.roles.through.objects.order_by("role_id")
    for account, role in links.values_list("account_id", "role_id"):
        roles_of[account].append(role)
    holding = {
        role for role, one in company.roles.items() if not permission or permission in one.grants
    }
    reaches = _Reaches(company)
    people = []
    accounts = _open_accounts()
    if employees is not None:
        accounts = accounts.filter(employee__in=employees)
    rows = accounts.values_list(
        "pk", "login", "employee_id", "employee__name", "employee__number", "employee__team_id"
    )
    for pk, login, employee, name, number, team in rows:
        roles = tuple(roles_of.get(pk, ()))
        if permission and holding.isdisjoint(roles):
            continue
        teams, members, regions = reaches.of(employee, team)
        actor = Actor(
            login=login,
            name=name or login,
            account_id=pk,
            employee_id=employee,
            roles=reaches.role_keys(roles),
            grants=reaches.grants(roles),
            team_ids=teams,
            member_ids=members,
            region_codes=regions,
        )
        people.append(Person(actor, number or "", team, roles))
    return sorted(people, key=lambda one: (one.name, one.number, one.actor.login))


def _open_accounts() -> QuerySet[Account]:
    """Accounts that may sign in, as ``selectors.may_sign_in`` judges one."""
    in_post = Q(employee__isnull=True) | Q(employee__status=EmployeeStatus.IN_POST)
    return Account.objects.filter(in_post, is_active=True)


class _Reaches:
    """Teams, members, divisions and grants, each worked out once for all who share them."""

    def __init__(self, company: Organisation) -> None:
        self.company = company
        self.children: dict[int, list[int]] = defaultdict(list)
        for team, parent in company.parents.items():
            if parent is not None:
                self.children[parent].append(team)
        self.led: dict[int, list[int]] = defaultdict(list)
        for team, leader in company.leaders.items():
            if leader is not None:
                self.led[leader].append(team)
        self.members: dict[int, list[int]] = defaultdict(list)
        for employee, of in company.team_of.items():
            if of is not None:
                self.members[of].append(employee)
        self.areas: dict[int, set[str]] = defaultdict(set)
        for area in company.territories:
            for employee in area.employees:
                self.areas[employee] |= area.regions
        self._teams: dict[
            frozenset[int], tuple[frozenset[int], frozenset[int], tuple[str, ...]]
        ] = {}
        self._grants: dict[tuple[int, ...], Mapping[str, frozenset[str]]] = {}
        self._keys: dict[tuple[int, ...], tuple[str, ...]] = {}

    def of(
        self, employee: int | None, team: int | None
    ) -> tuple[frozenset[int], frozenset[int], tuple[str, ...]]:
        """Teams, their members and the divisions of somebody of this team."""
        led = self.led.get(employee, ()) if employee is not None else ()
        key = frozenset((*led, team) if team is not None else led)
        found = self._teams.get(key)
        if found is None:
            found = self._teams[key] = self._below(key)
        teams, members, codes = found
        own = self.areas.get(employee) if employee is not None and self.areas else None
        return teams, members, tuple(sorted(own.union(codes))) if own else codes

    def _below(
        self, tops: Collection[int]
    ) -> tuple[frozenset[int], frozenset[int], tuple[str, ...]]:
        teams: set[int] = set()
        waiting = list(tops)
        while waiting:
            at = waiting.pop()
            if at not in teams:
                teams.add(at)
                waiting.extend(self.children.get(at, ()))
        return (
            frozenset(teams),
            frozenset(one for at in teams for one in self.members.get(at, ())),
            tuple(
                sorted(
                    {
                        code
                        for area in self.company.territories
                        if not teams.isdisjoint(area.teams)
                        for code in area.regions
                    }
                )
            ),
        )

    def grants(self, roles: tuple[int, ...]) -> Mapping[str, frozenset[str]]:
        """The union of the roles' grants."""
        found = self._grants.get(roles)
        if found is None:
            scopes: dict[str, set[str]] = defaultdict(set)
            for role in roles:
                for permission, scope in self.company.roles[role].grants.items():
                    scopes[permission].add(scope)
            found = self._grants[roles] = {one: frozenset(of) for one, of in scopes.items()}
        return found

    def role_keys(self, roles: tuple[int, ...]) -> tuple[str, ...]:
        """Keys of the roles."""
        found = self._keys.get(roles)
        if found is None:
            found = self._keys[roles] = tuple(self.company.roles[role].key for role in roles)
        return found

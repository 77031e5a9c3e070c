"""Reads about people: the actor behind an account, teams below a team, employees in post."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, Max, OuterRef, QuerySet, Sum
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, Scope
from dossier.core.errors import NotFound
from dossier.core.values import halfwidth
from dossier.people.access import ONESELF, TEAM_MATES
from dossier.people.models import Account, Employee, Role, SignInSession, Team
from dossier.people.rules import has_left, login_key
from dossier.people.seeds import SHIPPED_ROLES

# One query for all that decides what an account may do; run on each request, so that a changed
# permission acts at once (ASVS 8.3.2). ``who`` is one row: account_id, employee_id, team_id.
_REACH = """
WITH RECURSIVE who AS MATERIALIZED ({who}),
mine AS (
    SELECT t.id FROM people_team t, who WHERE t.leader_id = who.employee_id OR t.id = who.team_id
    UNION
    SELECT c.id FROM people_team c JOIN mine ON c.parent_id = mine.id
)
SELECT 'grant', r.key, g.kind || '.' || g.action, g.scope
FROM who
JOIN people_account_roles ar ON ar.account_id = who.account_id
JOIN people_role r ON r.id = ar.role_id
LEFT JOIN people_rolegrant g ON g.role_id = r.id
UNION ALL
SELECT 'team', id::text, NULL, NULL FROM mine
UNION ALL
SELECT 'member', e.id::text, NULL, NULL FROM people_employee e WHERE e.team_id IN (SELECT id FROM mine)
UNION ALL
SELECT 'region', tr.region_id, NULL, NULL
FROM people_territory_regions tr
WHERE tr.territory_id IN (
    SELECT territory_id FROM people_territory_employees
    WHERE employee_id = (SELECT employee_id FROM who)
    UNION
    SELECT territory_id FROM people_territory_teams WHERE team_id IN (SELECT id FROM mine)
)
"""
_OF_ACCOUNT = _REACH.format(
    who="SELECT %(account)s::bigint AS account_id, %(employee)s::bigint AS employee_id,"
    " (SELECT team_id FROM people_employee WHERE id = %(employee)s) AS team_id"
)


@dataclass(frozen=True)
class Reach:
    """What an account may do and how far: grants, roles, teams, regions; and facts about its token."""

    grants: dict[str, frozenset[str]]
    roles: tuple[str, ...]
    team_ids: frozenset[int]
    member_ids: frozenset[int]
    region_codes: tuple[str, ...]
    facts: tuple[Any, ...] | None = None


def reach_query(who: str, *, facts: str = "") -> str:
    """The query of a reach for another way to name the account; ``facts`` is a JSON of its row."""
    query = _REACH.format(who=who)
    if facts:
        query += f" UNION ALL SELECT 'facts', ({facts})::text, NULL, NULL FROM who"  # noqa: S608 - the program's own text, like the rest
    return query


def read_reach(rows: Iterable[tuple[str, Any, str | None, str | None]]) -> Reach:
    """The reach from the rows of its query."""
    grants: dict[str, set[str]] = defaultdict(set)
    roles: dict[str, None] = {}
    teams: set[int] = set()
    members: set[int] = set()
    regions: set[str] = set()
    facts: tuple[Any, ...] | None = None
    for what, first, permission, scope in rows:
        if what == "grant":
            roles[first] = None
            if permission and scope:
                grants[permission].add(scope)
        elif what == "team":
            teams.add(int(first))
        elif what == "member":
            members.add(int(first))
        elif what == "region":
            regions.add(first)
        else:
            facts = tuple(json.loads(first))
    return Reach(
        grants={permission: frozenset(scopes) for permission, scopes in grants.items()},
        roles=tuple(roles),
        team_ids=frozenset(teams),
        member_ids=frozenset(members),
        region_codes=tuple(sorted(regions)),
        facts=facts,
    )


def actor_for(account: Account, *, via: str = "web", ip: str = "", language: str = "") -> Actor:
    """The actor behind a signed-in account, with today's permissions. An employee who left has none."""
    employee = account.employee
    if not may_sign_in(account):
        return Actor(
            login=account.login,
            name=str(employee or account.login),
            account_id=account.pk,
            via=via,
            ip=ip,
        )
    with connection.cursor() as cursor:
        cursor.execute(_OF_ACCOUNT, {"account": account.pk, "employee": account.employee_id})
        reach = read_reach(cursor.fetchall())
    return Actor(
        login=account.login,
        name=employee.name if employee else account.login,
        account_id=account.pk,
        employee_id=account.employee_id,
        roles=reach.roles,
        grants=reach.grants,
        team_ids=reach.team_ids,
        member_ids=reach.member_ids,
        region_codes=reach.region_codes,
        via=via,
        ip=ip,
        language=language,
    )


def may_sign_in(account: Account) -> bool:
    """Whether the account is open and its owner in post; asked at each request of a live session."""
    return account.is_active and (account.employee is None or account.employee.in_post)


def sessions_alive(account: Account) -> QuerySet[SignInSession]:
    """Browsers signed in with the account, the one used last first."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    noted = SignInSession.objects.filter(account=account, session_key__in=alive)
    return noted.order_by("-last_seen_at")


@dataclass(frozen=True)
class LockOut:
    """A sign-in closed for a while to one address, after too many wrong passwords."""

    ip: str
    until: datetime


def lock_outs(account: Account) -> list[LockOut]:
    """Where the account is locked out now, the longest first."""
    return [
        LockOut(str(ip or ""), last + settings.AXES_COOLOFF_TIME)
        for ip, last in _locked(login_key(account.login))
        .order_by("-last")
        .values_list("ip_address", "last")
    ]


def with_locked(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """The accounts, each with ``is_locked``: whether it is locked out somewhere now."""
    return accounts.annotate(is_locked=Exists(_locked(Lower(OuterRef("login")))))


def _locked(username: object) -> QuerySet[Any]:
    """Login and address pairs that are closed now, counted as the guard counts them."""
    pairs: QuerySet[Any] = (
        AccessAttempt.objects.filter(
            username=username, attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME
        )
        .order_by()
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    )
    return pairs


def role_names(keys: Iterable[str]) -> list[str]:
    """Names of roles in the reader's language; shipped ones without a query."""
    keys = list(keys)
    own = [key for key in keys if key not in SHIPPED_ROLES]
    names = dict(Role.objects.filter(key__in=own).values_list("key", "name")) if own else {}
    return [
        names.get(key) or gettext(SHIPPED_ROLES[key][0])
        for key in keys
        if key in names or key in SHIPPED_ROLES
    ]


def actor_by_login(login: str, *, via: str = "command") -> Actor:
    """The actor of a login, for commands run ``--as`` somebody; NotFound without such an account."""
    account = (
        Account.objects.select_related("employee")
        .filter(login__iexact=login, is_active=True)
        .first()
    )
    if account is None:
        raise NotFound(
            "unknown_login",
            _("There is no active sign-in “%(login)s”."),
            field="as",
            params={"login": login},
        )
    return actor_for(account, via=via)


def employees_in_post(actor: Actor) -> list[Employee]:
    """Those who may own records, as the actor sees them, by number."""
    return list(Employee.objects.for_user(actor).filter(status="in_post").order_by("number"))


def employee_by_code(actor: Actor, typed: str) -> Employee | None:
    """A colleague by number or, where it stands once, by name; what is typed is never a database key."""
    rows = Employee.objects.for_user(actor)
    wanted = halfwidth(typed)
    if not wanted or "\x00" in wanted:
        return None
    found: Employee | None = rows.filter(number__iexact=wanted).first()
    if found is None:
        named = list(rows.filter(name=wanted).order_by("status", "pk")[:2])
        found = named[0] if len(named) == 1 else None
    return found


def employee_in_post_locked(pk: int, *, field: str = "owner") -> Employee:
    """The employee, in post and staying so until this transaction ends; refused when he or she has left.

    Takes the row ``FOR SHARE`` (several may give records to one person at a time), which waits for a
    running ``employee_leave`` and makes a later one wait; that one then counts what was just given
    (ORG-1). Call it inside a command and before locking the record to be given: leaving locks the
    person first and the records after, and the other order could end in a deadlock. NotFound without
    such an employee.
    """
    rows = Employee.objects.raw("SELECT * FROM people_employee WHERE id = %s FOR SHARE", [pk])
    employee: Employee | None = next(iter(rows), None)
    if employee is None:
        raise NotFound(
            "not_found", _("There is no such record, or it is not yours to choose."), field=field
        )
    if not employee.in_post:
        raise has_left(employee.name, field=field)
    return employee


def may_own(actor: Actor, *, kind: str, action: str) -> Iterable[int] | None:
    """Ids of employees to whom the actor may give records of a kind; None means everybody."""
    scopes = actor.scopes(kind, action)
    if Scope.ALL in scopes:
        return None
    ids = {actor.employee_id} if actor.employee_id else set()
    if Scope.TEAM in scopes:
        ids |= set(Employee.objects.filter(team_id__in=actor.team_ids).values_list("pk", flat=True))
    return ids


def may_unmask(actor: Actor, employee: Employee) -> bool:
    """Whether the actor may uncover this employee's masked values (ORG-4)."""
    scopes = actor.scopes("people.employee", "unmask")
    return Scope.ALL in scopes or any(
        ground.opens(actor, scopes, "unmask") and ground.holds(actor, frozenset({value}))
        for ground, value in ((ONESELF, employee.pk), (TEAM_MATES, employee.team_id))
    )


def teams_below(team_ids: Iterable[int]) -> set[int]:
    """The given teams and all below them."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent in Team.objects.values_list("pk", "parent_id"):
        children[parent].append(pk)
    found: set[int] = set()
    waiting = list(team_ids)
    while waiting:
        team = waiting.pop()
        if team not in found:
            found.add(team)
            waiting.extend(children[team])
    return found

"""Teams and territories (ORG-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, TypedDict, Unpack

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.models import Region
from dossier.core.services import command, once, unique
from dossier.people.models import Employee, Team, Territory
from dossier.people.rules import makes_cycle
from dossier.people.services._common import (
    TREES,
    advisory_lock,
    bump,
    check_version,
    chosen,
    clean_text,
    in_post,
    locked,
    write,
)
from dossier.people.states import EmployeeStatus


class TeamValues(TypedDict, total=False):
    """What may be entered about a team."""

    name: str
    parent: Team | None
    leader: Employee | None
    is_active: bool


class TerritoryValues(TypedDict, total=False):
    """What may be entered about a territory: its place in the tree, its divisions, whose it is."""

    name: str
    parent: Territory | None
    regions: Iterable[str]
    teams: Iterable[int]
    employees: Iterable[int]


def team_create(*, actor: Actor, submission: str = "", **values: Unpack[TeamValues]) -> Team:
    """Make a team (ORG-2)."""
    actor.require("people.team", "change")
    with command(actor):
        claim = once(actor=actor, key=submission, what="people.team") if submission else None
        if claim is not None and claim.result:
            return Team.objects.get(pk=claim.result)  # type: ignore[no-any-return] # the manager is untyped
        advisory_lock(TREES)
        team = Team(**_checked_team(actor, None, {"name": "", **values}))
        with _team_taken():
            team.save()
        if claim is not None:
            claim.result = str(team.pk)
            claim.save(update_fields=["result"])
        return team


def team_update(
    *, actor: Actor, team_id: int, expected_version: int | None, **values: Unpack[TeamValues]
) -> Team:
    """Edit a team; no team stands below itself, one with members or teams below is not closed (ORG-2)."""
    with command(actor):
        advisory_lock(TREES)
        team: Team = locked(Team.objects, actor, team_id, "change")
        with _team_taken():
            write(team, _checked_team(actor, team, dict(values)), expected_version=expected_version)
        return team


def territory_create(
    *, actor: Actor, submission: str = "", **values: Unpack[TerritoryValues]
) -> Territory:
    """Make a territory (ORG-2)."""
    actor.require("people.territory", "change")
    with command(actor):
        claim = once(actor=actor, key=submission, what="people.territory") if submission else None
        if claim is not None and claim.result:
            return Territory.objects.get(pk=claim.result)  # type: ignore[no-any-return] # the manager is untyped
        advisory_lock(TREES)
        columns, links = _checked_territory(actor, None, {"name": "", **values})
        territory = Territory(**columns)
        with _territory_taken():
            territory.save()
        _link(territory, links)
        if claim is not None:
            claim.result = str(territory.pk)
            claim.save(update_fields=["result"])
        return territory


def territory_update(
    *,
    actor: Actor,
    territory_id: int,
    expected_version: int | None,
    **values: Unpack[TerritoryValues],
) -> Territory:
    """Edit a territory: its divisions, and the teams and employees it is given to (ORG-2)."""
    with command(actor):
        advisory_lock(TREES)
        territory: Territory = locked(Territory.objects, actor, territory_id, "change")
        columns, links = _checked_territory(actor, territory, dict(values))
        changed_links = {
            name: keys
            for name, keys in links.items()
            if set(getattr(territory, name).values_list("pk", flat=True)) != keys
        }
        if changed_links:
            check_version(territory, expected_version)
        with _territory_taken():
            changed = write(territory, columns, expected_version=expected_version)
        if changed_links:
            _link(territory, changed_links)
            if not changed:
                bump(territory)
        return territory


def territory_delete(*, actor: Actor, territory_id: int) -> None:
    """Take a territory away; those it was given to lose its reach at once. Its history stays."""
    with command(actor):
        territory: Territory = locked(Territory.objects, actor, territory_id, "change")
        if territory.children.exists():
            raise Refusal(
                "has_parts", _("This territory has others below it. Move or remove those first.")
            )
        territory.delete()


def _checked_team(actor: Actor, team: Team | None, values: dict[str, Any]) -> dict[str, Any]:
    checked = dict(values)
    if "name" in values:
        checked["name"] = clean_text(
            values["name"], longest=60, field="name", must=True, blank=_("Give the team a name.")
        )
    parent, leader = values.get("parent"), values.get("leader")
    if parent is not None and (team is None or parent.pk != team.parent_id):
        parent = chosen(Team.objects, actor, parent.pk, field="parent")
        if not parent.is_active:
            raise Refusal(
                "team_closed", _("This team is no longer in use. Choose another."), field="parent"
            )
        above: dict[int, int | None] = dict(Team.objects.values_list("pk", "parent_id"))
        if team is not None and makes_cycle(team.pk, parent.pk, above.get):
            raise Refusal(
                "cycle",
                _("A team cannot stand below itself. Choose another place."),
                field="parent",
            )
    if leader is not None and (team is None or leader.pk != team.leader_id):
        in_post(chosen(Employee.objects, actor, leader.pk, field="leader"), field="leader")
    if team is not None and values.get("is_active") is False and team.is_active:
        if team.members.filter(status=EmployeeStatus.IN_POST).exists():
            raise Refusal(
                "has_members",
                _("People in post belong to this team. Move them first."),
                field="is_active",
            )
        if team.children.filter(is_active=True).exists():
            raise Refusal(
                "has_parts",
                _("Teams below it are in use. Close or move those first."),
                field="is_active",
            )
    return checked


def _checked_territory(
    actor: Actor, territory: Territory | None, values: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, set[Any]]]:
    """Columns and links of a territory, each rule checked."""
    columns: dict[str, Any] = {}
    if "name" in values:
        columns["name"] = clean_text(
            values["name"],
            longest=60,
            field="name",
            must=True,
            blank=_("Give the territory a name."),
        )
    if "parent" in values:
        parent = values["parent"]
        if parent is not None and (territory is None or parent.pk != territory.parent_id):
            parent = chosen(Territory.objects, actor, parent.pk, field="parent")
            above: dict[int, int | None] = dict(Territory.objects.values_list("pk", "parent_id"))
            if territory is not None and makes_cycle(territory.pk, parent.pk, above.get):
                raise Refusal(
                    "cycle",
                    _("A territory cannot stand below itself. Choose another place."),
                    field="parent",
                )
        columns["parent"] = parent
    links: dict[str, set[Any]] = {}
    known: dict[str, Callable[[set[Any]], QuerySet[Any]]] = {
        "regions": lambda keys: Region.objects.filter(pk__in=keys),
        "teams": lambda keys: Team.objects.for_user(actor).filter(pk__in=keys),
        "employees": lambda keys: Employee.objects.for_user(actor).filter(pk__in=keys),
    }
    for name, rows in known.items():
        if name in values:
            wanted = set(values[name])
            if rows(wanted).count() != len(wanted):
                raise NotFound(
                    "not_found",
                    _("There is no such record, or it is not yours to choose."),
                    field=name,
                )
            links[name] = wanted
    return columns, links


def _link(territory: Territory, links: dict[str, set[Any]]) -> None:
    for name, keys in links.items():
        getattr(territory, name).set(keys)


def _team_taken() -> AbstractContextManager[None]:
    return unique(
        "team_name_once",
        Refusal("name_taken", _("There is already a team of this name here."), field="name"),
    )


def _territory_taken() -> AbstractContextManager[None]:
    return unique(
        "people_territory_name",
        Refusal("name_taken", _("There is already a territory of this name."), field="name"),
    )

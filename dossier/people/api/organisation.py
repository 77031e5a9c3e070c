"""Teams and territories (ORG-2)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.api import kinds
from dossier.core.api.inputs import Body, body, record
from dossier.core.api.records import (
    Narrow,
    Record,
    Sort,
)
from dossier.core.api.routes import Call, Json, Routes
from dossier.core.api.scopes import ObjectType
from dossier.people.api.shared import (
    NAME,
    TEXT,
    VERSION,
    YES,
    key_list,
    plain,
    refers_to,
    row_key,
)
from dossier.people.models import Employee, Team, Territory
from dossier.people.services import (
    team_create,
    team_update,
    territory_create,
    territory_delete,
    territory_update,
)

# Teams ---------------------------------------------------------------------------------------------------


TEAMS = Routes(ObjectType("teams", _("Teams"), ("people.team",)), "people.team")
TEAM = Record(
    name="Team",
    rows=Team.objects.for_user,
    shown=[
        *row_key(),
        plain("name", TEXT, _("Name")),
        refers_to("parent", "team", _("Belongs to")),
        refers_to("leader", "employee", _("Leader")),
        plain("is_active", YES, _("In use")),
    ],
    sorts={"name": Sort("name")},
    default_sort="name",
    filters=[
        Narrow(
            "is_active",
            kinds.YES_PARAMETER,
            lambda rows, value, actor: rows.filter(is_active=value),
            _("In use"),
        )
    ],
    search=lambda rows, text, actor: rows.filter(name__icontains=text),
)
TEAMS.records("/teams", TEAM, plural="teams", summary=(_("List teams"), _("Read a team")))
_TEAM: dict[str, Any] = {
    "parent": (kinds.ID | None, None, _("Belongs to")),
    "leader": (kinds.ID | None, None, _("Leader")),
}


def _team_values(call: Call, body: Body) -> Any:
    values = dict(body)
    for name, lookup in (("parent", "team"), ("leader", "employee")):
        if values.get(name) is not None:
            values[name] = record(call.actor, lookup, values[name], field=name)
    return values


@TEAMS.write(
    "POST", "/teams", summary=_("Make a team"), needs="change",
    body=body("TeamNew", name=NAME, **_TEAM), record=TEAM, status=201,
)  # fmt: skip
def create_team(call: Call, body: Body) -> Json:
    """Make a team."""
    return TEAM.one(call.actor, team_create(actor=call.actor, **_team_values(call, body)).pk)


@TEAMS.write(
    "PATCH", "/teams/{id}", summary=_("Change a team"), needs="change",
    body=body(
        "TeamChange", name=(kinds.text(60), None, _("Name")), **_TEAM,
        is_active=(kinds.YES, None, _("In use")), version=VERSION,
    ),
    record=TEAM, shows=True,
)  # fmt: skip
def update_team(call: Call, id: int, body: Body) -> Json:
    """Change a team."""
    version = body.pop("version")
    Team.objects.reachable(call.actor, id, "change")
    team_update(actor=call.actor, team_id=id, expected_version=version, **_team_values(call, body))
    return TEAM.one(call.actor, id)


# Territories ---------------------------------------------------------------------------------------------

TERRITORIES = Routes(
    ObjectType("territories", _("Territories"), ("people.territory",)), "people.territory"
)


class _Territories(Record):
    """Territories with what hangs on them."""

    def one(self, actor: Actor, key: Any) -> Json:
        """A territory with its divisions, teams and those employees the actor sees."""
        made = super().one(actor, key)
        row = Territory.objects.get(pk=key)
        people = Employee.objects.for_user(actor).filter(territories=row)
        return made | {
            "regions": sorted(row.regions.values_list("pk", flat=True)),
            "teams": sorted(row.teams.values_list("pk", flat=True)),
            "employees": sorted(people.values_list("pk", flat=True)),
        }

    def document(self) -> kinds.Schema:
        """With the lists of keys."""
        made = super().document()
        lists = {"regions": "string", "teams": "integer", "employees": "integer"}
        properties = {name: key_list(kind) for name, kind in lists.items()}
        return made | {
            "properties": made["properties"] | properties,
            "required": [*made["required"], *properties],
        }


TERRITORY = _Territories(
    name="Territory",
    rows=Territory.objects.for_user,
    shown=[
        *row_key(),
        plain("name", TEXT, _("Name")),
        refers_to("parent", "territory", _("Belongs to")),
    ],
    sorts={"name": Sort("name")},
    default_sort="name",
    search=lambda rows, text, actor: rows.filter(name__icontains=text),
)
TERRITORIES.records(
    "/territories",
    TERRITORY,
    plural="territories",
    summary=(_("List territories"), _("Read a territory")),
)
_TERRITORY: dict[str, Any] = {
    "parent": (kinds.ID | None, None, _("Belongs to")),
    "regions": (kinds.several(kinds.text(6, pattern=kinds.CODED["region"])), None, _("Regions")),
    "teams": (kinds.several(kinds.ID), None, _("Teams")),
    "employees": (kinds.several(kinds.ID), None, _("Employees")),
}


def _territory_values(call: Call, body: Body) -> Any:
    values = dict(body)
    if values.get("parent") is not None:
        values["parent"] = record(call.actor, "territory", values["parent"], field="parent")
    return values


@TERRITORIES.write(
    "POST", "/territories", summary=_("Make a territory"), needs="change",
    body=body("TerritoryNew", name=NAME, **_TERRITORY), record=TERRITORY, status=201,
)  # fmt: skip
def create_territory(call: Call, body: Body) -> Json:
    """Make a territory."""
    made = territory_create(actor=call.actor, **_territory_values(call, body))
    return TERRITORY.one(call.actor, made.pk)


@TERRITORIES.write(
    "PATCH", "/territories/{id}", summary=_("Change a territory"), needs="change",
    body=body(
        "TerritoryChange", name=(kinds.text(60), None, _("Name")), **_TERRITORY, version=VERSION
    ),
    record=TERRITORY, shows=True,
)  # fmt: skip
def update_territory(call: Call, id: int, body: Body) -> Json:
    """Change a territory."""
    version = body.pop("version")
    Territory.objects.reachable(call.actor, id, "change")
    territory_update(
        actor=call.actor, territory_id=id, expected_version=version,
        **_territory_values(call, body),
    )  # fmt: skip
    return TERRITORY.one(call.actor, id)


@TERRITORIES.write(
    "DELETE", "/territories/{id}", summary=_("Remove a territory"), needs="change", status=204
)
def delete_territory(call: Call, id: int) -> Json:
    """Remove a territory."""
    territory_delete(actor=call.actor, territory_id=id)
    return None

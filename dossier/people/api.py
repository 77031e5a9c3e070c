"""People through the API: employees, teams, territories, roles and accounts (ORG-1 … ORG-3, SYS-3)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, Scope
from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, Body, body, record, refuse_covered, with_records
from dossier.core.api.records import (
    REFERS,
    Narrow,
    Record,
    Refers,
    Shown,
    Sort,
    filters_of,
    shown_fields,
    sorts_of,
)
from dossier.core.api.routes import Call, Json, Routes
from dossier.core.api.scopes import ObjectType
from dossier.people.fields import EMPLOYEE as EMPLOYEE_FIELDS
from dossier.people.models import Account, Employee, Role, RoleGrant, Team, Territory
from dossier.people.screens.lookups import matching_people
from dossier.people.selectors import teams_below
from dossier.people.services import (
    account_set_active,
    account_set_roles,
    account_sign_out,
    account_unlock,
    employee_create,
    employee_leave,
    employee_return,
    employee_reveal,
    employee_update,
    role_create,
    role_delete,
    role_update,
    team_create,
    team_update,
    territory_create,
    territory_delete,
    territory_update,
)

REFERS["employee"] = Refers((("id", "pk"), ("number", "number"), ("name", "name")))
REFERS["team"] = Refers((("id", "pk"), ("name", "name")))
REFERS["territory"] = Refers((("id", "pk"), ("name", "name")))

_VERSION = (kinds.VERSION, REQUIRED, _("The version you read"))
VERSIONED = body("Versioned", version=_VERSION)

# Employees -----------------------------------------------------------------------------------------------

EMPLOYEES = Routes(ObjectType("employees", _("Employees"), ("people.employee",)), "people.employee")
EMPLOYEE = Record(
    name="Employee",
    rows=Employee.objects.for_user,
    shown=shown_fields(Employee, EMPLOYEE_FIELDS),
    sorts=sorts_of(Employee, EMPLOYEE_FIELDS),
    default_sort="number",
    filters=filters_of(
        Employee,
        EMPLOYEE_FIELDS,
        team=lambda rows, value, actor: rows.filter(team_id__in=teams_below([value])),
    ),
    search=lambda rows, text, actor: matching_people(rows, text),
    plain="pk",
)
EMPLOYEES.records(
    "/employees",
    EMPLOYEE,
    plural="employees",
    summary=(_("List employees"), _("Read an employee")),
)
_NEW_EMPLOYEE = body("EmployeeNew", Employee, EMPLOYEE_FIELDS, must=("number", "name"))
_EMPLOYEE_CHANGE = body("EmployeeChange", Employee, EMPLOYEE_FIELDS, version=_VERSION)


@EMPLOYEES.write(
    "POST", "/employees", summary=_("Enter an employee"), needs="add", body=_NEW_EMPLOYEE,
    record=EMPLOYEE, status=201,
)  # fmt: skip
def create_employee(call: Call, body: Body) -> Json:
    """Enter an employee."""
    values: Any = with_records(call.actor, EMPLOYEE_FIELDS, body)
    return EMPLOYEE.one(call.actor, employee_create(actor=call.actor, **values).pk)


@EMPLOYEES.write(
    "PATCH", "/employees/{id}", summary=_("Change an employee"), needs="change",
    body=_EMPLOYEE_CHANGE, record=EMPLOYEE, shows=True,
)  # fmt: skip
def update_employee(call: Call, id: int, body: Body) -> Json:
    """Change an employee."""
    version = body.pop("version")
    Employee.objects.reachable(call.actor, id, "change")
    refuse_covered(EMPLOYEE_FIELDS, body)
    values: Any = with_records(call.actor, EMPLOYEE_FIELDS, body)
    employee_update(actor=call.actor, employee_id=id, expected_version=version, **values)
    return EMPLOYEE.one(call.actor, id)


@EMPLOYEES.write(
    "POST", "/employees/{id}/leave", summary=_("Mark an employee as left"), needs="change",
    body=body(
        "EmployeeLeave",
        left_on=(kinds.DAY, REQUIRED, _("Left on")),
        hand_over_to=(kinds.ID, None, _("Who takes over customers and other records")),
        version=_VERSION,
    ),
    record=EMPLOYEE, shows=True,
)  # fmt: skip
def leave_employee(call: Call, id: int, body: Body) -> Json:
    """Mark an employee as left after all is handed over."""
    employee_leave(
        actor=call.actor,
        employee_id=id,
        left_on=body["left_on"],
        hand_over_to=body.get("hand_over_to"),
        expected_version=body["version"],
    )
    return EMPLOYEE.one(call.actor, id)


@EMPLOYEES.write(
    "POST", "/employees/{id}/return", summary=_("Take an employee back into post"),
    needs="change", body=VERSIONED, record=EMPLOYEE, shows=True,
)  # fmt: skip
def return_employee(call: Call, id: int, body: Body) -> Json:
    """Take a leaver back."""
    employee_return(actor=call.actor, employee_id=id, expected_version=body["version"])
    return EMPLOYEE.one(call.actor, id)


def revealed() -> kinds.Schema:
    """The schema of an uncovered value."""
    return {
        "type": "object",
        "properties": {"field": {"type": "string"}, "value": {"type": "string"}},
        "required": ["field", "value"],
        "additionalProperties": False,
    }


@EMPLOYEES.write(
    "POST", "/employees/{id}/reveal", summary=_("Read a covered value; that is recorded"),
    needs="unmask",
    body=body(
        "EmployeeReveal",
        field=(kinds.choice([s.name for s in EMPLOYEE_FIELDS if s.mask]), REQUIRED, _("Field")),
        reason=(kinds.text(200), "", _("Reason")),
    ),
    answer=("Revealed", revealed), kept=False,
)  # fmt: skip
def reveal_employee(call: Call, id: int, body: Body) -> Json:
    """The full value of a covered field."""
    name = body["field"]
    value = employee_reveal(
        actor=call.actor, employee_id=id, field=name, why=body.get("reason") or ""
    )
    return {"field": name, "value": value}


# Teams ---------------------------------------------------------------------------------------------------


def _plain(
    name: str, schema: kinds.Schema, title: Any = "", path: str = "", make: Any = None
) -> Shown:
    return Shown(name, (path or name,), lambda: schema, make, title=title)


def _key() -> list[Shown]:
    return shown_fields(Team, ())


def _refers(name: str, lookup: str, title: Any) -> Shown:
    refers = REFERS[lookup]
    paths, make = refers.shown(name)
    return Shown(
        name, paths, lambda: kinds.nullable(refers.document(coded=False)), make, title=title
    )


_TEXT: kinds.Schema = {"type": "string"}
_YES: kinds.Schema = {"type": "boolean"}

TEAMS = Routes(ObjectType("teams", _("Teams"), ("people.team",)), "people.team")
TEAM = Record(
    name="Team",
    rows=Team.objects.for_user,
    shown=[
        *_key(),
        _plain("name", _TEXT, _("Name")),
        _refers("parent", "team", _("Belongs to")),
        _refers("leader", "employee", _("Leader")),
        _plain("is_active", _YES, _("In use")),
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
_NAME = (kinds.text(60), REQUIRED, _("Name"))


def _team_values(call: Call, body: Body) -> Any:
    values = dict(body)
    for name, lookup in (("parent", "team"), ("leader", "employee")):
        if values.get(name) is not None:
            values[name] = record(call.actor, lookup, values[name], field=name)
    return values


@TEAMS.write(
    "POST", "/teams", summary=_("Make a team"), needs="change",
    body=body("TeamNew", name=_NAME, **_TEAM), record=TEAM, status=201,
)  # fmt: skip
def create_team(call: Call, body: Body) -> Json:
    """Make a team."""
    return TEAM.one(call.actor, team_create(actor=call.actor, **_team_values(call, body)).pk)


@TEAMS.write(
    "PATCH", "/teams/{id}", summary=_("Change a team"), needs="change",
    body=body(
        "TeamChange", name=(kinds.text(60), None, _("Name")), **_TEAM,
        is_active=(kinds.YES, None, _("In use")), version=_VERSION,
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


def _keys(kind: str) -> kinds.Schema:
    item = {"type": "string"} if kind == "string" else kinds.integer(1)
    return {"type": "array", "items": item}


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
        properties = {name: _keys(kind) for name, kind in lists.items()}
        return made | {
            "properties": made["properties"] | properties,
            "required": [*made["required"], *properties],
        }


TERRITORY = _Territories(
    name="Territory",
    rows=Territory.objects.for_user,
    shown=[
        *_key(),
        _plain("name", _TEXT, _("Name")),
        _refers("parent", "territory", _("Belongs to")),
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
    body=body("TerritoryNew", name=_NAME, **_TERRITORY), record=TERRITORY, status=201,
)  # fmt: skip
def create_territory(call: Call, body: Body) -> Json:
    """Make a territory."""
    made = territory_create(actor=call.actor, **_territory_values(call, body))
    return TERRITORY.one(call.actor, made.pk)


@TERRITORIES.write(
    "PATCH", "/territories/{id}", summary=_("Change a territory"), needs="change",
    body=body(
        "TerritoryChange", name=(kinds.text(60), None, _("Name")), **_TERRITORY, version=_VERSION
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


# Roles and accounts --------------------------------------------------------------------------------------

ROLES = Routes(ObjectType("roles", _("Roles"), ("people.role",)), "people.role")


class _Roles(Record):
    """Roles with their grants."""

    def one(self, actor: Actor, key: Any) -> Json:
        """A role and what it may do: permission → how far."""
        made = super().one(actor, key)
        rows = RoleGrant.objects.filter(role_id=key).order_by("kind", "action")
        return made | {"grants": {f"{g.kind}.{g.action}": g.scope for g in rows}}

    def document(self) -> kinds.Schema:
        """With the grants."""
        made = super().document()
        grants = {"type": "object", "additionalProperties": {"type": "string", "enum": list(Scope)}}
        return made | {
            "properties": made["properties"] | {"grants": grants},
            "required": [*made["required"], "grants"],
        }


ROLE = _Roles(
    name="Role",
    rows=Role.objects.for_user,
    shown=[
        *_key(),
        _plain("key", _TEXT, _("Key")),
        _plain("name", _TEXT, _("Name")),
        _plain("is_shipped", _YES, _("Shipped with the program")),
    ],
    sorts={"key": Sort("key")},
    default_sort="key",
)
ROLES.records("/roles", ROLE, plural="roles", summary=(_("List roles"), _("Read a role")))
_GRANTS = kinds.by_word(kinds.choice([scope.value for scope in Scope]), 100)


@ROLES.write(
    "POST", "/roles", summary=_("Make a role"), needs="change",
    body=body("RoleNew", name=_NAME, grants=(_GRANTS, REQUIRED, _("Rights and how far they reach"))),
    record=ROLE, status=201,
)  # fmt: skip
def create_role(call: Call, body: Body) -> Json:
    """Make a role of the company's own."""
    made = role_create(actor=call.actor, name=body["name"], grants=body["grants"])
    return ROLE.one(call.actor, made.pk)


@ROLES.write(
    "PUT", "/roles/{id}", summary=_("Set the rights of a role"), needs="change",
    body=body(
        "RoleChange",
        name=(kinds.text(60), None, _("Name")),
        grants=(_GRANTS, REQUIRED, _("Rights and how far they reach")),
        version=_VERSION,
    ),
    record=ROLE, shows=True,
)  # fmt: skip
def update_role(call: Call, id: int, body: Body) -> Json:
    """Give a role exactly these grants."""
    role_update(
        actor=call.actor,
        role_id=id,
        grants=body["grants"],
        name=body.get("name"),
        expected_version=body["version"],
    )
    return ROLE.one(call.actor, id)


@ROLES.write("DELETE", "/roles/{id}", summary=_("Remove a role"), needs="change", status=204)
def delete_role(call: Call, id: int) -> Json:
    """Remove a role of the company's own that no account has."""
    role_delete(actor=call.actor, role_id=id)
    return None


ACCOUNTS = Routes(ObjectType("accounts", _("Accounts"), ("people.role",)), "people.role")


def _accounts(actor: Actor) -> Any:
    actor.require("people.role", "view")
    return Account.objects.all()


class _Accounts(Record):
    """Accounts with their roles; nothing of passwords or tokens."""

    def one(self, actor: Actor, key: Any) -> Json:
        """An account and the keys of its roles."""
        made = super().one(actor, key)
        roles = Role.objects.filter(accounts=key).order_by("pk")
        return made | {"roles": list(roles.values_list("pk", flat=True))}

    def document(self) -> kinds.Schema:
        """With the roles."""
        made = super().document()
        return made | {
            "properties": made["properties"] | {"roles": _keys("integer")},
            "required": [*made["required"], "roles"],
        }


ACCOUNT = _Accounts(
    name="Account",
    rows=_accounts,
    shown=[
        *_key(),
        _plain("login", _TEXT, _("Sign-in name")),
        _refers("employee", "employee", _("Employee")),
        _plain("is_active", _YES, _("May sign in")),
    ],
    sorts={"login": Sort("login")},
    default_sort="login",
    search=lambda rows, text, actor: rows.filter(login__icontains=text),
)
ACCOUNTS.records(
    "/accounts",
    ACCOUNT,
    plural="accounts",
    summary=(_("List accounts"), _("Read an account")),
)


@ACCOUNTS.write(
    "PUT", "/accounts/{id}/roles", summary=_("Give an account its roles"), needs="change",
    body=body(
        "AccountRoles", roles=(kinds.several(kinds.ID), REQUIRED, _("Roles")), version=_VERSION
    ),
    record=ACCOUNT, shows=True,
)  # fmt: skip
def set_account_roles(call: Call, id: int, body: Body) -> Json:
    """Exactly these roles; acts at the next request."""
    account_set_roles(
        actor=call.actor, account_id=id, role_ids=body["roles"], expected_version=body["version"]
    )
    return ACCOUNT.one(call.actor, id)


@ACCOUNTS.write(
    "PUT", "/accounts/{id}/active", summary=_("Open or close a sign-in"), needs="change",
    body=body("AccountActive", active=(kinds.YES, REQUIRED, _("May sign in")), version=_VERSION),
    record=ACCOUNT, shows=True,
)  # fmt: skip
def set_account_active(call: Call, id: int, body: Body) -> Json:
    """Closing ends sessions and tokens at once."""
    account_set_active(
        actor=call.actor, account_id=id, active=body["active"], expected_version=body["version"]
    )
    return ACCOUNT.one(call.actor, id)


@ACCOUNTS.write(
    "POST", "/accounts/{id}/unlock", summary=_("End a lock-out"), needs="change", record=ACCOUNT
)
def unlock_account(call: Call, id: int) -> Json:
    """The next try to sign in counts as the first."""
    account_unlock(actor=call.actor, account_id=id, agent="API")
    return ACCOUNT.one(call.actor, id)


@ACCOUNTS.write(
    "POST", "/accounts/{id}/sign-out", summary=_("End all browsers of an account"),
    needs="change", record=ACCOUNT,
)  # fmt: skip
def sign_out_account(call: Call, id: int) -> Json:
    """The sign-in stays open."""
    account_sign_out(actor=call.actor, account_id=id, agent="API")
    return ACCOUNT.one(call.actor, id)

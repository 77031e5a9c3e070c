"""Employees (ORG-1)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, Body, body, refuse_covered, with_records
from dossier.core.api.records import (
    Record,
    filters_of,
    shown_fields,
    sorts_of,
)
from dossier.core.api.routes import Call, Json, Routes
from dossier.core.api.scopes import ObjectType
from dossier.people.api.shared import (
    VERSION,
    VERSIONED,
    revealed,
)
from dossier.people.fields import EMPLOYEE as EMPLOYEE_FIELDS
from dossier.people.models import Employee
from dossier.people.screens.lookups import matching_people
from dossier.people.selectors import teams_below
from dossier.people.services import (
    employee_create,
    employee_leave,
    employee_return,
    employee_reveal,
    employee_update,
)

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
_EMPLOYEE_CHANGE = body("EmployeeChange", Employee, EMPLOYEE_FIELDS, version=VERSION)


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
        version=VERSION,
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

"""Cells of the list of employees that are edited in place, by the service of the form (ORG-1)."""

from __future__ import annotations

from typing import Any, Final

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Surface
from dossier.core.inline import InlineEditable, inline_editable
from dossier.people.fields import specs
from dossier.people.models import Employee
from dossier.people.screens.employees import employee_list_screen
from dossier.people.services import employee_update

_IN_PLACE: Final = ("email", "team", "position", "supervisor", "hired_on")


def _specs(actor: Actor) -> list[FieldSpec]:
    """The fields of the post; a covered one is edited in the form, which records that it was shown (ORG-4)."""
    return [spec for spec in specs(Surface.LIST) if spec.name in _IN_PLACE and spec.mask is None]


def _update(actor: Actor, employee: Any, version: int, changes: Any, none: Any) -> object:
    return employee_update(
        actor=actor, employee_id=employee.pk, expected_version=version, **changes
    )


inline_editable(
    InlineEditable(
        key="people",
        kind="people.employee",
        needs="people.employee.view",
        model=Employee,
        screen=employee_list_screen,
        specs=_specs,
        update=_update,
        may=lambda employee: employee.in_post,
    )
)

"""Fields of employees tell what they held to those who may edit them, and take an old value again (AUD-1)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from dossier.core.access import Actor
from dossier.core.fields import Surface
from dossier.core.history.subjects import Subject, subject
from dossier.people.fields import EMPLOYEE
from dossier.people.models import Employee
from dossier.people.services import employee_update


def _restore(
    *, actor: Actor, row: Any, version: int, field: str, value: object, why: str
) -> object:
    given: Any = {field: value}
    return employee_update(
        actor=actor, employee_id=row.pk, expected_version=version, why=why, **given
    )


subject(
    Subject(
        key="employee",
        model=Employee,
        reach=lambda actor, pk: Employee.objects.reachable(actor, pk, "change"),
        fields=lambda actor: [spec for spec in EMPLOYEE if spec.on(Surface.DETAIL)],
        title=lambda row: f"{row.name} {row.number}",
        url=lambda row: reverse("employee", args=[row.pk]),
        plainly=lambda actor, row: row.pk == actor.employee_id,
        may_change=lambda actor, row: True,  # its reach is that of editing
        restore=_restore,
        writable=lambda spec: spec.on(Surface.FORM),
    )
)

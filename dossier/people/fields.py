"""The field list of an employee."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.fields import FieldSpec, Kind, Mask, Surface, field

GROUPS = {"person": _("Person"), "post": _("Post held"), "more": _("Remarks")}

EMPLOYEE: tuple[FieldSpec, ...] = (
    field(
        "number",
        Kind.TEXT,
        off=[Surface.FILTER],
        group="person",
        sort=True,
        must=True,
        default_column=True,
    ),
    field(
        "name",
        Kind.TEXT,
        off=[Surface.FILTER],
        group="person",
        sort=True,
        must=True,
        default_column=True,
    ),
    field(
        "mobile",
        Kind.PHONE,
        off=[Surface.FILTER],
        group="person",
        mask=Mask.PHONE,
        default_column=True,
    ),
    field("email", Kind.EMAIL, off=[Surface.FILTER], group="person", default_column=True),
    field("team", Kind.REF, group="post", lookup="team", default_column=True),
    field("position", Kind.TEXT, off=[Surface.FILTER], group="post", default_column=True),
    field("supervisor", Kind.REF, off=[Surface.FILTER], group="post", lookup="employee"),
    field("hired_on", Kind.DATE, group="post", sort=True),
    field("status", Kind.CHOICE, off=[Surface.FORM], group="post", default_column=True),
    field("left_on", Kind.DATE, off=[Surface.FORM, Surface.FILTER], group="post"),
    field("remark", Kind.LONG, off=[Surface.LIST, Surface.FILTER], group="more", wide=True),
)


def specs(surface: Surface) -> list[FieldSpec]:
    """The fields on a surface."""
    return [spec for spec in EMPLOYEE if spec.on(surface)]


def spec_of(name: str) -> FieldSpec:
    """One field by name."""
    return next(spec for spec in EMPLOYEE if spec.name == name)


def values_of(record: Any, names: list[str]) -> dict[str, Any]:
    """Initial values of a form: references by their key."""
    return {
        name: getattr(record, f"{name}_id" if spec_of(name).kind is Kind.REF else name)
        for name in names
    }

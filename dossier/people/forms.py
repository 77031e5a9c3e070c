"""Forms of this department beyond those made from the field list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal, Refusals
from dossier.core.models import Region
from dossier.core.screens.forms import ParsedField, PlainField, RefField
from dossier.core.values import parse_date
from dossier.people.models import Account, Employee, Role, Team

MOST_CHOSEN = 500


class ManyField(forms.Field):
    """Several records picked by one look-up; only those the actor may choose are accepted.

    The value is a list of keys. ``known`` gives the rows among keys, ``label`` a row's name.
    """

    widget = forms.SelectMultiple

    def __init__(
        self, *, key: str, known: Callable[[Iterable[Any]], QuerySet[Any]], kind: type, **more: Any
    ) -> None:
        super().__init__(required=False, **more)
        self.lookup_url = reverse("lookup", args=[key])
        self.known = known
        self.kind = kind

    def offer(self, keys: Iterable[Any]) -> None:
        """Make the chosen keys options of the select, with their names."""
        rows = self.known(self._read(keys))
        self.widget.choices = [(str(row.pk), str(row)) for row in rows]

    def to_python(self, value: Any) -> list[Any]:
        keys = self._read(value or ())
        found = {row.pk for row in self.known(keys)}
        if len(keys) != len({str(item) for item in value or () if str(item)}) or found != set(keys):
            raise forms.ValidationError(
                _("One of these is not here any more, or not yours to choose. Choose again."),
                code="unknown",
            )
        return keys

    def _read(self, value: Iterable[Any]) -> list[Any]:
        keys: set[Any] = set()
        for item in list(value)[:MOST_CHOSEN]:
            text = str(item)
            if self.kind is str and text.isascii() and text.isalnum() and len(text) <= 6:
                keys.add(text)
            elif self.kind is int and text.isascii() and text.isdecimal() and len(text) < 19:
                keys.add(int(text))
        return sorted(keys)


class ServiceForm(forms.Form):
    """A form whose rules live in a service; its refusals are put back on the fields."""

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        self.actor = actor
        super().__init__(*args, **more)
        for name, made in self.fields.items():
            if isinstance(made, RefField):
                made.actor = actor
                made.offer(self[name].value())
            elif isinstance(made, ManyField):
                made.offer(self[name].value() or ())

    def refuse(self, refusal: Refusal) -> None:
        """Show a service's refusal on the field it names, or above the form."""
        for one in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
            name = one.field if one.field in self.fields else None
            self.add_error(
                name, forms.ValidationError(one.message.replace("%", "%%"), code=one.code)
            )


def _date_field(**more: Any) -> ParsedField:
    return ParsedField(
        parse_date,
        widget=forms.DateInput(
            attrs={"type": "text", "inputmode": "numeric", "placeholder": "2026-01-31"}
        ),
        **more,
    )


def team_form(*args: Any, actor: Actor, new: bool, **more: Any) -> ServiceForm:
    """Name, place in the tree, leader; whether in use, once it exists."""
    made: dict[str, Any] = {
        "name": PlainField(max_length=60, required=False, label=_("Name")),
        "parent": RefField(actor=actor, key="team", required=False, label=_("Belongs to")),
        "leader": RefField(actor=actor, key="employee", required=False, label=_("Leader")),
    }
    made["name"].must = True
    if not new:
        made["is_active"] = forms.BooleanField(required=False, label=_("In use"))
    form: ServiceForm = type("TeamForm", (ServiceForm,), made)(*args, actor=actor, **more)
    return form


def territory_form(*args: Any, actor: Actor, **more: Any) -> ServiceForm:
    """Name, place in the tree, divisions, and whose it is."""
    made: dict[str, Any] = {
        "name": PlainField(max_length=60, required=False, label=_("Name")),
        "parent": RefField(actor=actor, key="territory", required=False, label=_("Belongs to")),
        "regions": ManyField(
            key="region",
            kind=str,
            label=_("Regions"),
            known=lambda keys: Region.objects.filter(pk__in=keys).order_by("pk"),
            help_text=_("A province or city stands for all below it."),
        ),
        "teams": ManyField(
            key="team",
            kind=int,
            label=_("Teams"),
            known=lambda keys: Team.objects.for_user(actor).filter(pk__in=keys).order_by("name"),
        ),
        "employees": ManyField(
            key="employee",
            kind=int,
            label=_("Employees"),
            known=lambda keys: (
                Employee.objects.for_user(actor).filter(pk__in=keys).order_by("number")
            ),
        ),
    }
    made["name"].must = True
    made["regions"].css = "field-wide"
    form: ServiceForm = type("TerritoryForm", (ServiceForm,), made)(*args, actor=actor, **more)
    return form


def leave_form(*args: Any, actor: Actor, must_hand_over: bool, **more: Any) -> ServiceForm:
    """The day of leaving and who takes over."""
    heir = RefField(actor=actor, key="employee", required=False, label=_("Who takes over"))
    if must_hand_over:
        heir.must = True  # type: ignore[attr-defined] # read by the field template
    made = {"left_on": _date_field(label=_("Left on")), "hand_over_to": heir}
    form: ServiceForm = type("LeaveForm", (ServiceForm,), made)(*args, actor=actor, **more)
    return form


def _role_choices() -> list[tuple[str, str]]:
    return [(str(role.pk), str(role)) for role in Role.objects.order_by("pk")]


def account_form(*args: Any, actor: Actor, account: Account | None, **more: Any) -> ServiceForm:
    """The sign-in of an employee: login and roles; for a new one also the employee."""
    made: dict[str, Any] = {}
    if account is None:
        made["employee"] = RefField(actor=actor, key="employee", label=_("Employee"))
    made["login"] = PlainField(max_length=60, required=False, label=_("Sign-in name"))
    made["login"].must = True
    made["roles"] = forms.MultipleChoiceField(
        choices=_role_choices(),
        required=False,
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("One of these roles does not exist any more. Choose again.")
        },
    )
    made["roles"].css = "field-wide"
    form: ServiceForm = type("AccountForm", (ServiceForm,), made)(*args, actor=actor, **more)
    return form

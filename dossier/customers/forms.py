"""Forms of customers, contacts and accounts: made from the field lists, covered where sensitive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind
from dossier.core.screens.forms import RecordForm, RefField, form_class
from dossier.core.screens.lookups import get_lookup
from dossier.core.values import is_none_word
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, CUSTOMER_FIELDS, by_name
from dossier.customers.models import BankAccount, Contact, Customer

FIRST = ("name", "phone")
FIRST_OF_CONTACT = ("name", "mobile", "post", "email")

customer_form = form_class(Customer, CUSTOMER_FIELDS, name="CustomerForm")
contact_form = form_class(Contact, CONTACT_FIELDS, name="ContactForm")
first_contact_form = form_class(
    Contact, [by_name(CONTACT_FIELDS)[name] for name in FIRST_OF_CONTACT], name="FirstContactForm"
)
account_form = form_class(BankAccount, BANK_ACCOUNT_FIELDS, name="BankAccountForm")

CONTACT_GROUPS: Mapping[str, tuple[str | Promise, tuple[str, ...]]] = {
    "reach": (
        gettext_lazy("Who, and how to reach them"),
        (
            "name",
            "post",
            "mobile",
            "phone",
            "email",
            "kind",
            "decision_role",
            "gender",
            "is_main",
            "is_active",
        ),
    ),
    "traits": (
        gettext_lazy("The person"),
        (
            "birthday",
            "education",
            "work_background",
            "personality",
            "interests",
            "family",
            "ability",
            "remark",
        ),
    ),
}


def code_of(spec: FieldSpec, row: Any) -> str:
    """What a look-up field sends for a record."""
    return get_lookup(spec.lookup).value(row)


def plain(spec: FieldSpec, value: Any) -> str:
    """A value as the text by which an edit is compared with what the form showed."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, models.Model):
        return code_of(spec, value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\r\n", "\n").strip()


def initial_of(
    actor: Actor, row: Any, specs: Sequence[FieldSpec], *, covered: bool = False
) -> dict[str, Any]:
    """What an edit form begins with; records outside the reach and covered values stay blank."""
    values: dict[str, Any] = {}
    for spec in specs:
        value = getattr(row, spec.name)
        if covered and spec.mask is not None:
            value = None
        elif spec.kind is Kind.REF and value is not None:
            code = code_of(spec, value)
            value = code if get_lookup(spec.lookup).chosen(actor, code) is not None else None
        values[spec.name] = value
    if hasattr(row, "not_applicable"):
        values["not_applicable"] = list(row.not_applicable)
    return values


def base_of(
    actor: Actor, row: Any, specs: Sequence[FieldSpec], *, covered: bool = False
) -> dict[str, Any]:
    """The texts an edit form shows, kept in it, so that a stale edit knows what was changed since."""
    initial = initial_of(actor, row, specs, covered=covered)
    base: dict[str, Any] = {spec.name: plain(spec, initial[spec.name]) for spec in specs}
    base["not_applicable"] = sorted(initial.get("not_applicable", ()))
    return base


def read_base(text: str) -> dict[str, Any]:
    """The kept texts as they come back; anything odd counts as nothing kept."""
    try:
        found = json.loads(text[:200_000])
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    clean: dict[str, Any] = {k: v for k, v in found.items() if isinstance(v, str)}
    none = found.get("not_applicable")
    clean["not_applicable"] = (
        [n for n in none if isinstance(n, str)] if isinstance(none, list) else []
    )
    return clean


def none_words(data: QueryDict, specs: Iterable[FieldSpec], prefix: str = "") -> QueryDict:
    """Whoever types 无 into an optional field has answered it: the word becomes the tick (CUS-7)."""
    found = data.copy()
    for spec in specs:
        if spec.na and is_none_word(data.get(f"{prefix}{spec.name}", "")):
            found[f"{prefix}{spec.name}"], found[f"{prefix}na_{spec.name}"] = "", "1"
    return found


def answered_none(form: RecordForm, base: Mapping[str, Any] | None = None) -> list[str]:
    """The fields of a valid form answered 'not applicable' (CUS-7).

    A value wins over the tick, but a tick newly set wins over the value that stood there before
    (``base``), which is cleared.
    """
    before = base or {}
    ticked = [
        spec for spec in form.specs if spec.na and form.data.get(form.add_prefix(f"na_{spec.name}"))
    ]
    answered = []
    for spec in ticked:
        text = plain(spec, form.cleaned_data.get(spec.name))
        stood = text == before.get(spec.name, "") and spec.name not in before.get(
            "not_applicable", ()
        )
        if not text or stood:
            form.cleaned_data[spec.name] = None
            answered.append(spec.name)
    return sorted(answered)


def none_changed(form: RecordForm, base: Mapping[str, Any]) -> list[str] | None:
    """The fields answered 'not applicable', or None where that is as the form showed it."""
    answered = answered_none(form, base)
    offered = {spec.name for spec in form.specs if spec.na}
    shown = sorted(offered & set(base.get("not_applicable", ())))
    return answered if answered != shown else None


def changes_of(
    form: RecordForm, base: Mapping[str, Any], *, covered: bool = False
) -> dict[str, Any]:
    """The cleaned values that differ from what the form showed; a covered value left blank is no change."""
    changes: dict[str, Any] = {}
    for spec in form.specs:
        value = form.cleaned_data.get(spec.name)
        text = plain(spec, value)
        if covered and spec.mask is not None and not text:
            continue
        if spec.name not in base or text != base[spec.name]:
            changes[spec.name] = value
    return changes


def cover(form: RecordForm) -> None:
    """Say at sensitive inputs that a blank keeps what is stored."""
    for spec in form.specs:
        if spec.mask is not None:
            form.fields[spec.name].widget.attrs["placeholder"] = "••••"
            form.fields[spec.name].help_text = _("Covered. Leave it blank to keep what is stored.")


def watch_duplicates(form: RecordForm, address: str) -> None:
    """Look for customers like this one while name, tax number and telephone are typed (CUS-3)."""
    for name in ("name", "tax_number", "phone"):
        form.fields[name].widget.attrs.update(
            {
                "hx-get": address,
                "hx-trigger": "change, input changed delay:500ms",
                "hx-target": "#duplicates",
                "hx-include": "#id_name, #id_tax_number, #id_phone",
                "hx-swap": "innerHTML",
                "hx-sync": "#form:replace",
            }
        )


def offered(form: RecordForm, name: str) -> None:
    """Show the present value of a look-up field after the form's data was changed."""
    field = form.fields[name]
    if isinstance(field, RefField):
        field.offer(form[name].value())

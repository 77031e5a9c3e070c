"""Forms of customers, contacts and accounts, made from the field lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from dossier.core.fields import FieldSpec
from dossier.core.screens.forms import RecordForm, form_class
from dossier.core.values import is_none_word
from dossier.customers.fields import (
    BANK_ACCOUNT_FIELDS,
    CONTACT_FIELDS,
    CUSTOMER_FIELDS,
    NOTE_FIELDS,
    SENSITIVE_NOTE_FIELDS,
    by_name,
)
from dossier.customers.models import BankAccount, Contact, Customer, Note

_WATCHED = ", ".join(
    f"#id_{name}"
    for name in (
        "name",
        "tax_number",
        "phone",
        "address",
        "email",
        "website",
        "contact-name",
        "contact-mobile",
    )
)
FIRST = ("name", "phone")
FIRST_OF_CONTACT = ("name", "mobile", "post", "email")

customer_form = form_class(Customer, CUSTOMER_FIELDS, name="CustomerForm")
contact_form = form_class(Contact, CONTACT_FIELDS, name="ContactForm")
first_contact_form = form_class(
    Contact, [by_name(CONTACT_FIELDS)[name] for name in FIRST_OF_CONTACT], name="FirstContactForm"
)
account_form = form_class(BankAccount, BANK_ACCOUNT_FIELDS, name="BankAccountForm")
note_form = form_class(Note, NOTE_FIELDS, name="NoteForm")
sensitive_note_form = form_class(Note, SENSITIVE_NOTE_FIELDS, name="SensitiveNoteForm")

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


def none_words(data: QueryDict, specs: Iterable[FieldSpec], prefix: str = "") -> QueryDict:
    """Whoever types 无 into an optional field has answered it: the word becomes the tick (CUS-7)."""
    typed = [
        spec.name
        for spec in specs
        if spec.na and is_none_word(data.get(f"{prefix}{spec.name}", ""))
    ]
    if not typed:
        return data
    found = data.copy()
    for name in typed:
        found[f"{prefix}{name}"], found[f"{prefix}na_{name}"] = "", "1"
    return found


def watch_duplicates(form: RecordForm, address: str) -> None:
    """Look for customers like this one while what tells them apart is typed (CUS-3)."""
    for name in ("name", "tax_number", "phone", "address", "email", "website"):
        form.fields[name].widget.attrs.update(
            {
                "hx-get": address,
                "hx-trigger": "change, input changed delay:500ms",
                "hx-target": "#duplicates",
                "hx-include": _WATCHED,
                "hx-swap": "innerHTML",
                "hx-sync": "#form:replace",
            }
        )

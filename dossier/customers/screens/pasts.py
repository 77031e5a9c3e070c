"""Fields of customers and contacts tell what they held, and take an old value again (AUD-1)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.core.fields import FieldSpec, Surface
from dossier.core.history.subjects import Subject, subject
from dossier.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS
from dossier.customers.models import Contact, Customer
from dossier.customers.selectors import may, sees_plainly
from dossier.customers.services import contact_update, customer_update
from dossier.customers.states import CustomerStatus


def _on_form(spec: FieldSpec) -> bool:
    return spec.on(Surface.FORM)


def _change(actor: Actor, customer: Customer) -> bool:
    return customer.status != CustomerStatus.ARCHIVED and may(actor, "change", customer)


def _contact(actor: Actor, pk: int) -> Any:
    found = Contact.objects.select_related("customer").filter(pk=pk).first()
    if found is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    Customer.objects.reachable(actor, found.customer_id)
    return found


def _restore_customer(
    *, actor: Actor, row: Any, version: int, field: str, value: object, why: str
) -> object:
    return customer_update(
        actor=actor, customer_id=row.pk, expected_version=version, changes={field: value}, why=why
    )


def _restore_contact(
    *, actor: Actor, row: Any, version: int, field: str, value: object, why: str
) -> object:
    return contact_update(
        actor=actor, contact_id=row.pk, expected_version=version, changes={field: value}, why=why
    )


subject(
    Subject(
        key="customer",
        model=Customer,
        reach=lambda actor, pk: Customer.objects.reachable(actor, pk),
        fields=lambda actor: [spec for spec in CUSTOMER_FIELDS if spec.on(Surface.DETAIL)],
        title=lambda row: f"{row.name} {row.code}",
        url=lambda row: reverse("customer", args=[row.pk]),
        plainly=sees_plainly,
        may_change=_change,
        restore=_restore_customer,
        writable=_on_form,
    )
)
subject(
    Subject(
        key="contact",
        model=Contact,
        reach=_contact,
        fields=lambda actor: [spec for spec in CONTACT_FIELDS if spec.on(Surface.DETAIL)],
        title=lambda row: f"{row.name} · {row.customer.name}",
        url=lambda row: reverse("contact", args=[row.pk]),
        plainly=lambda actor, row: sees_plainly(actor, row.customer),
        may_change=lambda actor, row: _change(actor, row.customer),
        restore=_restore_contact,
        writable=_on_form,
    )
)

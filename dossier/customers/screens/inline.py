"""Cells of the list of customers that are edited in place, by the service of the profile's form (CUS-4)."""

from __future__ import annotations

from typing import Final

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Surface
from dossier.core.inline import InlineEditable, inline_editable
from dossier.customers.access import CUSTOMER
from dossier.customers.fields import CUSTOMER_FIELDS
from dossier.customers.models import Customer
from dossier.customers.screens.lists import CUSTOMERS
from dossier.customers.services import customer_update
from dossier.customers.states import CustomerStatus

_NOT_HERE: Final = ("code", "name", "phone", "email", "address", "tax_number")
"""What tells customers apart is edited in the form, which looks for others alike while one types (CUS-3)."""


def _specs(actor: Actor) -> list[FieldSpec]:
    """The fields, without the owner for those who may not give customers away (CUS-12)."""
    gives = actor.can(CUSTOMER.key, "assign")
    return [
        spec
        for spec in CUSTOMER_FIELDS
        if spec.on(Surface.LIST)
        and spec.on(Surface.FORM)
        and spec.mask is None
        and spec.name not in _NOT_HERE
        and (spec.name != "owner" or gives)
    ]


inline_editable(
    InlineEditable(
        key=CUSTOMERS.key,
        kind=CUSTOMER.key,
        needs=f"{CUSTOMER.key}.view",
        model=Customer,
        screen=lambda actor: CUSTOMERS,
        specs=_specs,
        update=lambda actor, customer, version, changes, none: customer_update(
            actor=actor,
            customer_id=customer.pk,
            expected_version=version,
            changes=changes,
            not_applicable=none,
        ),
        may=lambda customer: customer.status != CustomerStatus.ARCHIVED,
    )
)

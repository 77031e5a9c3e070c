"""Customers that take one value of a field together (CUS-4, CUS-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.urls import reverse

from dossier.core.access import Actor
from dossier.core.bulk.declarations import BulkEditable, bulk_editable
from dossier.core.fields import FieldSpec
from dossier.customers.access import CUSTOMER
from dossier.customers.fields import CUSTOMER_FIELDS
from dossier.customers.models import Customer
from dossier.customers.screens.lists import CUSTOMERS, customer_url
from dossier.customers.services import customer_update

_TOGETHER: Final = (
    "owner", "grade", "category", "category_node", "region", "industry", "nature", "direct",
    "credit_class_stated", "enterprise_form", "source", "payment_term_days", "credit_limit",
)  # fmt: skip
"""Fields that many customers may have alike; names, addresses and telephones are nobody else's."""


def _specs(actor: Actor) -> list[FieldSpec]:
    """The fields, without the owner for those who may not give customers away (CUS-12)."""
    given = {spec.name: spec for spec in CUSTOMER_FIELDS}
    gives = actor.can(CUSTOMER.key, "assign")
    return [given[name] for name in _TOGETHER if name != "owner" or gives]


def _update(
    actor: Actor, customer: Any, changes: Mapping[str, object], none: Sequence[str] | None
) -> object:
    return customer_update(
        actor=actor,
        customer_id=customer.pk,
        expected_version=customer.version,
        changes=changes,
        not_applicable=none,
    )


bulk_editable(
    BulkEditable(
        key=CUSTOMERS.key,
        kind=CUSTOMER.key,
        needs=f"{CUSTOMER.key}.view",
        model=Customer,
        screen=lambda actor: CUSTOMERS,
        specs=_specs,
        update=_update,
        url=lambda row: customer_url(row.pk),
        list_url=lambda: reverse("customers"),
    )
)

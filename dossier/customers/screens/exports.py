"""Customers as files: the list as shown, and every field as an import reads it (AUD-2, AUD-4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from dossier.core.access import Actor, Scope
from dossier.core.exporting.declarations import (
    Exportable,
    SheetColumn,
    Value,
    exportable,
    field_columns,
)
from dossier.core.fields import FieldSpec
from dossier.customers.access import CUSTOMER
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, CUSTOMER_FIELDS
from dossier.customers.models import BankAccount, Contact, Customer
from dossier.customers.screens.lists import CUSTOMERS
from dossier.customers.selectors.masking import sees_plainly
from dossier.people.models import Employee


def _complete(actor: Actor) -> list[SheetColumn]:
    """Every field that an import of customers reads: of the profile, the primary contact, the usual account.

    Covered values are left out where the actor does not see them plainly: an empty cell says nothing, so
    that bringing the file in again leaves them as they are.
    """
    plainly = Scope.ALL in actor.scopes(CUSTOMER.key, "unmask")
    people = Counter(Employee.objects.values_list("name", flat=True))

    def person(employee: Employee | None) -> str:
        if employee is None:
            return ""
        return employee.name if people[employee.name] == 1 else employee.number

    profile: dict[str, Callable[[Any], Value]] = {
        "owner": lambda c: person(c.owner),
        "category_node": lambda c: c.category_node.code if c.category_node else None,
        "head_office": lambda c: c.head_office.code if c.head_office else None,
        "region": lambda c: c.region.full_name if c.region else None,
        "industry": lambda c: c.industry_given or (c.industry.name if c.industry else None),
    }
    return [
        *field_columns(Customer, CUSTOMER_FIELDS, own=profile),
        *field_columns(
            Contact,
            CONTACT_FIELDS,
            of=_primary,
            own=_covered(actor, CONTACT_FIELDS, plainly=plainly),
            uncovers=plainly,
        ),
        *field_columns(
            BankAccount,
            BANK_ACCOUNT_FIELDS,
            of=_usual,
            own=_covered(actor, BANK_ACCOUNT_FIELDS, plainly=plainly),
            uncovers=plainly,
        ),
    ]


def _covered(
    actor: Actor, specs: Sequence[FieldSpec], *, plainly: bool
) -> dict[str, Callable[[Any], Value]]:
    """Readers of the sensitive fields: the value where the actor sees it plainly, else nothing (ORG-4)."""

    def reader(name: str) -> Callable[[Any], Value]:
        def value(part: Any) -> Value:
            return (
                str(getattr(part, name)) if plainly or sees_plainly(actor, part.customer) else None
            )

        return value

    return {spec.name: reader(spec.name) for spec in specs if spec.mask is not None}


def _primary(customer: Any) -> Contact | None:
    contacts: list[Contact] = customer.contacts_for_file
    return next((one for one in contacts if one.is_main), contacts[0] if contacts else None)


def _usual(customer: Any) -> BankAccount | None:
    accounts: list[BankAccount] = customer.accounts_for_file
    return next((one for one in accounts if one.is_usual), accounts[0] if accounts else None)


def _prepare(actor: Actor, customers: Sequence[Any]) -> None:
    """Contacts and bank accounts of a batch, each with its customer at hand."""
    prefetch_related_objects(list(customers), "contacts", "bank_accounts")
    for customer in customers:
        customer.contacts_for_file = sorted(customer.contacts.all(), key=lambda one: one.pk)
        customer.accounts_for_file = sorted(
            (one for one in customer.bank_accounts.all() if one.is_active),
            key=lambda one: one.pk,
        )


exportable(
    Exportable(
        key=CUSTOMERS.key,
        kind=CUSTOMER.key,
        needs=f"{CUSTOMER.key}.view",
        screen=lambda actor: CUSTOMERS,
        complete=_complete,
        prepare=_prepare,
    )
)

"""Customers from a company's own sheets (AUD-4, CUS-1 … CUS-7)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dossier.core.imports.columns import columns_of, kind_columns
from dossier.core.imports.registry import ImportKind, UndoTable, register
from dossier.customers.fields import (
    BANK_ACCOUNT_FIELDS,
    CONTACT_FIELDS,
    CUSTOMER_FIELDS,
    CUSTOMER_SHEET_ONLY,
    SHEET_DECOYS,
)
from dossier.customers.imports.session import CustomerSession
from dossier.customers.imports.writing import renew_derived
from dossier.customers.models import BankAccount, Contact, Customer

COLUMNS = kind_columns(
    "customers",
    columns_of(Customer, CUSTOMER_FIELDS),
    columns_of(Contact, CONTACT_FIELDS),
    columns_of(BankAccount, BANK_ACCOUNT_FIELDS),
    columns_of(Customer, CUSTOMER_SHEET_ONLY),
    decoys=SHEET_DECOYS,
)

KIND = register(
    ImportKind(
        key="customers",
        label=_("Customers"),
        text=_("Companies with their contact, telephone, address, owner"),
        icon="building",
        order=20,
        columns=COLUMNS,
        permission="customers.customer",
        model="customers.Customer",
        session=CustomerSession,
        undo=(
            UndoTable("customers.Question", "customer_id", "customers.Customer"),
            UndoTable("customers.Contact", "customer_id", "customers.Customer"),
            UndoTable("customers.BankAccount", "customer_id", "customers.Customer"),
            UndoTable("customers.Customer", url="customer", renew=renew_derived),
        ),
        locks=lambda options: frozenset({"customers"}),
        list_url="customers",
        needs=(("name",), ("contact",), ("phone", "mobile", "contact_phone")),
    )
)

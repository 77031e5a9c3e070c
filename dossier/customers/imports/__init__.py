"""Customers from a company's own sheets (AUD-4, CUS-1 … CUS-7)."""

from __future__ import annotations

from dossier.core.imports.messages import KINDS
from dossier.core.imports.registry import ImportKind, UndoTable, register
from dossier.core.imports.synonyms import CUSTOMERS
from dossier.customers.imports.session import CustomerSession
from dossier.customers.imports.writing import renew_derived

KIND = register(
    ImportKind(
        key="customers",
        label=KINDS["customers"][0],
        text=KINDS["customers"][1],
        icon="building",
        order=20,
        columns=CUSTOMERS,
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
        needs=(("name",), ("contact",), ("phone", "mobile")),
    )
)

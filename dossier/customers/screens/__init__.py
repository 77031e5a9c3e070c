"""Pages of customer files. Importing this registers the menu, the look-ups, search and first steps."""

from django.utils.translation import gettext_lazy

from dossier.customers.models import Customer
from dossier.customers.screens import (
    categories,
    detail,
    edit,
    home,
    lists,
    lookups,
    parts,
    pasts,
    search,
    steps,
)
from dossier.customers.services import customers_hand_over
from dossier.people.holdings import HoldingKind, register_holding

register_holding(
    HoldingKind(
        key="customers",
        label=gettext_lazy("customers"),
        count=lambda employee: Customer.objects.filter(owner=employee).count(),
        hand_over=lambda actor, leaver, taker: customers_hand_over(
            actor=actor, from_employee=leaver, to_employee=taker
        ),
    )
)

__all__ = [
    "categories",
    "detail",
    "edit",
    "home",
    "lists",
    "lookups",
    "parts",
    "pasts",
    "search",
    "steps",
]

"""Who sees an order, and who its cost (ORG-4)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from dossier.catalog.screens.who_sees import COSTS
from dossier.people.who_sees import Subject, subject
from dossier.sales.models import SalesOrder
from dossier.sales.states import OrderStatus


def _closed(order: SalesOrder) -> str:
    if order.status != OrderStatus.VOID:
        return ""
    return _("This order is void: nobody changes it any more.")


subject(
    Subject(
        key="order",
        model=SalesOrder,
        title=lambda row: row.number,
        url=lambda row: reverse("order", args=[row.pk]),
        back=lambda: (_("Sales orders"), reverse("orders")),
        closed=_closed,
        covered=COSTS,
    )
)

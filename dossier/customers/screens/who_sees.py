"""Who sees a customer, and who its covered values (ORG-4)."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.customers.access import OWNER
from dossier.customers.models import Customer
from dossier.customers.states import CustomerStatus
from dossier.people.who_sees import Covered, Subject, subject


def _closed(customer: Customer) -> str:
    if customer.status != CustomerStatus.ARCHIVED:
        return ""
    return _("This file is archived: nobody changes it until it is taken up again.")


subject(
    Subject(
        key="customer",
        model=Customer,
        title=str,
        url=lambda row: reverse("customer", args=[row.pk]),
        back=lambda: (_("Customers"), reverse("customers")),
        closed=_closed,
        covered=Covered(
            what=gettext_lazy(
                "Contacts' telephones and personal traits and the numbers of bank accounts are covered."
                " The owner reads them plainly; others uncover them one by one, and each time is recorded."
            ),
            may=gettext_lazy("uncover values"),
            permission="customers.customer.unmask",
            freely=OWNER,
        ),
    )
)

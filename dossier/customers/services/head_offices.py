"""Head offices: the topmost customer, none stands between two others (CUS-5)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal
from dossier.customers.models import Customer
from dossier.customers.states import CustomerKind


def locked_head_office(head: Customer) -> Customer:
    """A new customer's head office: the topmost one (CUS-5)."""
    row: Customer = Customer.objects.select_for_update().get(pk=head.pk)
    _check_topmost(row)
    return row


def _check_topmost(head: Customer) -> None:
    if head.kind != CustomerKind.CUSTOMER:
        raise Refusal(
            "not_a_company", _("The walk-in customer cannot be a head office."), field="head_office"
        )
    if head.head_office_id is not None:
        raise Refusal(
            "not_topmost",
            _("%(name)s itself belongs to a head office. Choose the topmost one."),
            field="head_office",
            params={"name": head.name},
        )


def check_head_office(customer: Customer, head: Customer | None) -> None:
    """No customer is its own head office, none stands between two others (CUS-5)."""
    if head is None:
        return
    if head.pk == customer.pk:
        raise Refusal(
            "own_head_office", _("A customer cannot be its own head office."), field="head_office"
        )
    _check_topmost(Customer.objects.get(pk=head.pk))
    if Customer.objects.filter(head_office=customer).exists():
        raise Refusal(
            "has_branches",
            _("This customer is itself the head office of others, so it cannot have one."),
            field="head_office",
        )

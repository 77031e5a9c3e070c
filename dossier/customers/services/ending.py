"""Ending the relationship with a customer, and taking it up again (CUS-18)."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.reasons import reason_text
from dossier.core.services import command
from dossier.customers.models import Customer
from dossier.customers.services._rows import check_version, locked_customer, save_changes
from dossier.customers.services.standing import standing_refresh
from dossier.customers.states import CustomerKind, CustomerStatus


def customer_archive(
    *,
    actor: Actor,
    customer_id: int,
    reason: str,
    ended_on: date | None = None,
    expected_version: int | None = None,
) -> Customer:
    """End the relationship: the file is kept and found, but out of the daily lists (CUS-18).

    ``ended_on`` is the day it ended, today where nothing is said; a day to come is refused.
    """
    why = reason_text(reason)
    today = timezone.localdate()
    if ended_on is not None and ended_on > today:
        raise Refusal(
            "future_date",
            _("The relationship cannot have ended on a day to come."),
            field="ended_on",
        )
    with command(actor, why=why):
        customer = locked_customer(actor, customer_id, "archive")
        if customer.status == CustomerStatus.ARCHIVED:
            return customer
        check_version(customer, expected_version, {"status": customer.status})
        save_changes(
            customer,
            {
                "status": CustomerStatus.ARCHIVED,
                "archived_at": timezone.now(),
                "archive_reason": why,
                "ended_on": ended_on or today,
                "ended_by": actor.name[:100],
            },
        )
        standing_refresh([customer.pk])
        return customer


def customer_restore(
    *, actor: Actor, customer_id: int, reason: str, expected_version: int | None = None
) -> Customer:
    """Take an ended relationship up again; a file that lacks CUS-1 becomes a draft (CUS-18)."""
    why = reason_text(reason)
    with command(actor, why=why):
        customer = locked_customer(actor, customer_id, "archive")
        if customer.status != CustomerStatus.ARCHIVED:
            return customer
        check_version(customer, expected_version, {"status": customer.status})
        whole = customer.kind != CustomerKind.CUSTOMER or bool(
            customer.main_contact and customer.main_phone
        )
        save_changes(
            customer,
            {
                "status": CustomerStatus.ACTIVE if whole else CustomerStatus.DRAFT,
                "archived_at": None,
                "archive_reason": "",
                "ended_on": None,
                "ended_by": "",
            },
        )
        standing_refresh([customer.pk])
        return customer

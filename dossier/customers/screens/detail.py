"""A customer's page: facts, people, accounts, open questions, branches, time line, past states (CUS-15)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dossier.core.access import Actor
from dossier.core.screens.requests import (
    actor_of,
    bad_address,
    page,
    text_parameter,
)
from dossier.core.templatetags.look import day_text
from dossier.customers import registries
from dossier.customers.models import Customer
from dossier.customers.screens.facts import heading, profile_facts
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.pairs import duplicate_notices
from dossier.customers.screens.past import as_of_card, past_page
from dossier.customers.screens.requests import crumbs
from dossier.customers.screens.standing import standing_card
from dossier.customers.screens.tables import (
    account_tables,
    branch_tables,
    contact_table,
    question_table,
    sheet_tables,
)
from dossier.customers.selectors import (
    Cursor,
    accounts_of,
    contacts_of,
    customer_detail,
    may,
    may_reveal,
    open_questions_of,
    sees_plainly,
    timeline,
)
from dossier.customers.states import CustomerStatus
from dossier.people.who_sees import menu_item


@require_safe
@page("customers.customer.view")
def customer_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of one customer, now or as it stood (``?at=``)."""
    actor = actor_of(request)
    customer = customer_detail(actor, pk)
    if request.GET.get("at"):
        return past_page(request, actor, customer)
    wanted = text_parameter(request, "tab")
    context = _frame(request, actor, customer, wanted)
    if wanted:
        tab = next((t for t in registries.tabs(actor) if t.key == wanted), None)
        if tab is None:
            raise Http404
        return render(request, tab.template, context | tab.context(request, customer))
    plainly = sees_plainly(actor, customer)
    reveal = not plainly and may_reveal(actor, customer)
    questions = open_questions_of(customer)
    change = context["may_change"]
    contacts = contacts_of(customer)
    first = [
        *([question_table(questions, plainly, change)] if questions else []),
        contact_table(customer, contacts, plainly, reveal, change),
    ]
    tables = [
        *account_tables(
            request,
            customer,
            accounts_of(customer),
            plainly,
            reveal,
            change,
        ),
        *branch_tables(actor, customer),
        *sheet_tables(customer, plainly, reveal),
    ]
    events, more = timeline(actor, customer)
    return render(
        request,
        "customers/customer.html",
        context
        | {
            "standing": standing_card(actor, customer, contacts, change=change),
            "facts": profile_facts(actor, customer, plainly=plainly, questions=questions),
            "first_tables": first,
            "tables": tables,
            "entries": events,
            "entries_more_url": _more_url(customer, more),
            "side": [as_of_card(customer)],
        },
    )


def _frame(request: HttpRequest, actor: Actor, customer: Customer, tab: str) -> dict[str, Any]:
    """Heading, actions and tabs that every part of the page has."""
    archived = customer.status == CustomerStatus.ARCHIVED
    change = may(actor, "change", customer) and not archived
    detail = heading(customer)
    detail["actions"], detail["more_actions"] = _actions(actor, customer, change)
    detail["notices"] = [*_notices(customer), *duplicate_notices(actor, customer)]
    own = customer_url(customer.pk)
    others = registries.tabs(actor)
    tabs = [{"label": _("Profile"), "url": own, "active": not tab}] + [
        {
            "label": t.label,
            "url": f"{own}?tab={t.key}",
            "active": t.key == tab,
            "count": t.count(actor, customer) if t.count else "",
        }
        for t in others
    ]
    return {
        "detail": detail,
        "may_change": change,
        "breadcrumbs": crumbs((_("Customers"), reverse("customers")), (str(customer), "")),
        "tabs": tabs if others else [],
    }


def _actions(
    actor: Actor, customer: Customer, change: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    archived = customer.status == CustomerStatus.ARCHIVED
    keep = may(actor, "archive", customer)
    actions: list[dict[str, Any]] = []
    if change:
        url = reverse("customer-edit", args=[customer.pk])
        actions.append(
            {"label": _("Edit"), "url": url, "icon": "pencil", "primary": True, "key": "edit"}
        )
    if archived and keep:
        url = reverse("customer-restore", args=[customer.pk])
        actions.append(
            {"label": _("Take up again"), "url": url, "icon": "archive-off", "primary": True}
        )
    more: list[dict[str, Any]] = []
    if change:
        more.append(
            {
                "label": _("Add a contact"),
                "url": reverse("contact-new", args=[customer.pk]),
                "icon": "user-plus",
            }
        )
        more.append(
            {
                "label": _("Add a bank account"),
                "url": reverse("bank-account-new", args=[customer.pk]),
                "icon": "building-bank",
            }
        )
        more.append(
            {
                "label": _("Note something down"),
                "url": reverse("note-new", args=[customer.pk]),
                "icon": "notes",
            }
        )
    more.append(menu_item("customer", customer))
    if not archived and may(actor, "assign", customer):
        more.append(
            {
                "label": _("Give to an owner"),
                "url": reverse("customer-assign", args=[customer.pk]),
                "icon": "user-share",
            }
        )
    if not archived and keep:
        url = reverse("customer-archive", args=[customer.pk])
        more.append(
            {"label": _("End the relationship"), "url": url, "icon": "archive", "danger": True}
        )
    return actions, more


def _ended_text(customer: Customer) -> str:
    """Since when, why and by whom a relationship was ended (CUS-18)."""
    facts = {
        "day": day_text(customer.ended_on) if customer.ended_on else "",
        "reason": customer.archive_reason,
        "who": customer.ended_by,
    }
    if customer.ended_on and customer.ended_by:
        told = _("The relationship ended on %(day)s (%(who)s): %(reason)s.") % facts
    elif customer.archive_reason:
        told = _("The relationship has ended: %(reason)s.") % facts
    else:
        told = _("The relationship has ended.")
    return f"{told} {_('The file stays, takes no new orders, and can be taken up again.')}"


def _notices(customer: Customer) -> list[dict[str, Any]]:
    notices: list[dict[str, Any]] = []
    if customer.status == CustomerStatus.ARCHIVED:
        notices.append({"level": "secondary", "icon": "archive", "text": _ended_text(customer)})
    if customer.status == CustomerStatus.DRAFT:
        notices.append(
            {
                "level": "warning",
                "icon": "file-alert",
                "text": _(
                    "A draft made by an import. Add a contact and a telephone number to complete it."
                ),
                "url": reverse("contact-new", args=[customer.pk]),
                "link": _("Add a contact"),
            }
        )
    return notices


# Time line -------------------------------------------------------------------------------------------


def _more_url(customer: Customer, more: Cursor | None) -> str:
    if more is None:
        return ""
    packed = (
        base64.urlsafe_b64encode(f"{more.at.isoformat()}|{more.key}".encode()).decode().rstrip("=")
    )
    return f"{reverse('customer-timeline', args=[customer.pk])}?before={packed}"


def _cursor(text: str) -> Cursor:
    try:
        at, _sep, key = (
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
        )
        moment = parse_datetime(at)
        name, _sep, number = key.partition(":")
        if (
            moment is None
            or timezone.is_naive(moment)
            or not (name.isidentifier() and number.isascii() and number.isdecimal())
            or len(number) > 18
        ):
            raise ValueError
        return Cursor(moment, key)
    except (ValueError, binascii.Error) as problem:
        raise bad_address("before", text) from problem


@require_safe
@page("customers.customer.view")
def customer_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Earlier entries of the time line, as a fragment."""
    actor = actor_of(request)
    customer = customer_detail(actor, pk)
    before = text_parameter(request, "before", longest=200)
    events, more = timeline(actor, customer, before=_cursor(before) if before else None)
    return render(
        request,
        "screens/_entries.html",
        {"entries": events, "entries_more_url": _more_url(customer, more)},
    )

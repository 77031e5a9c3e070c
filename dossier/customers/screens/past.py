"""A customer's file as it stood on a past day (CUS-15)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.core.screens.requests import (
    bad_address,
    date_parameter,
    text_parameter,
)
from dossier.core.templatetags.look import day_text
from dossier.customers.models import Customer
from dossier.customers.screens.facts import heading, profile_facts
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.requests import crumbs
from dossier.customers.screens.tables import account_tables, contact_table
from dossier.customers.selectors import (
    customer_as_of,
    sees_plainly,
)


def as_of_card(customer: Customer, at: date | None = None) -> dict[str, Any]:
    """The card that asks for a day to look back to."""
    html = render_to_string(
        "customers/_as_of.html",
        {
            "url": customer_url(customer.pk),
            "at": at.isoformat() if at else "",
            "first": _opened(customer).isoformat(),
            "today": timezone.localdate().isoformat(),
        },
    )
    return {"title": _("Look back"), "text": "", "html": mark_safe(html)}  # noqa: S308 - escaped by its template


def _moment(request: HttpRequest) -> tuple[datetime, date]:
    """The moment asked for: a whole day means its end in the company's time zone."""
    text = text_parameter(request, "at", longest=40)
    if len(text) > 10 and "T" in text:
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise bad_address("at", text)
        moment = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
        return moment, timezone.localtime(moment).date()
    day = date_parameter(request, "at")
    assert day is not None
    end = datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())
    return min(end, timezone.now() + timedelta(seconds=1)), day


def past_page(request: HttpRequest, actor: Actor, customer: Customer) -> HttpResponse:
    """The file as it stood at the moment asked for; before it was opened, a page that says so."""
    moment, day = _moment(request)
    plainly = sees_plainly(actor, customer)
    try:
        then = customer_as_of(actor, customer.pk, moment)
    except NotFound:
        return _not_yet(request, customer, day)
    detail = heading(then.customer)
    detail |= {"as_of": moment, "now_url": customer_url(customer.pk)}
    return render(
        request,
        "screens/detail.html",
        {
            "detail": detail,
            "breadcrumbs": crumbs(
                (_("Customers"), reverse("customers")),
                (str(customer), customer_url(customer.pk)),
                (day_text(day), ""),
            ),
            "facts": profile_facts(actor, then.customer, plainly=plainly, past=True),
            "tables": [
                contact_table(customer, then.contacts, plainly, False, False, past=True),
                *account_tables(
                    request, customer, then.bank_accounts, plainly, False, False, past=True
                ),
            ],
            "side": [as_of_card(customer, day)],
        },
    )


def _not_yet(request: HttpRequest, customer: Customer, day: date) -> HttpResponse:
    """A day before the file was opened: says so and from when on one can look back."""
    text = _("On %(day)s this file did not exist yet. It can be looked back on from %(first)s.") % {
        "day": day_text(day),
        "first": day_text(_opened(customer)),
    }
    notice = {
        "level": "warning",
        "icon": "history",
        "text": text,
        "url": customer_url(customer.pk),
        "link": _("Back to now"),
    }
    return render(
        request,
        "screens/detail.html",
        {
            "detail": {"title": customer.name, "code": customer.code, "notices": [notice]},
            "breadcrumbs": crumbs(
                (_("Customers"), reverse("customers")),
                (str(customer), customer_url(customer.pk)),
                (day_text(day), ""),
            ),
            "side": [as_of_card(customer, day)],
        },
        status=404,
    )


def _opened(customer: Customer) -> date:
    """The first day of which the history tells."""
    return timezone.localtime(customer.created_at).date()

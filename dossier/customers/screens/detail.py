"""A customer's page: facts, people, accounts, open questions, branches, time line, past states (CUS-15)."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.core.fields import display
from dossier.core.screens.requests import (
    actor_of,
    bad_address,
    date_parameter,
    page,
    text_parameter,
)
from dossier.core.templatetags.look import day_text
from dossier.customers import registries
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, by_name
from dossier.customers.models import BankAccount, Contact, Customer, Question
from dossier.customers.questions import field_title, question_text
from dossier.customers.screens.facts import heading, masked_cell, profile_facts, sheet_cell
from dossier.customers.screens.lists import customer_url, none_cell
from dossier.customers.screens.requests import crumbs
from dossier.customers.selectors import (
    Cursor,
    also_in_sheets,
    branches_of,
    contacts_of,
    customer_as_of,
    customer_detail,
    may,
    may_reveal,
    sees_plainly,
    timeline,
)
from dossier.customers.states import CustomerStatus, QuestionStatus

_CONTACT = by_name(CONTACT_FIELDS)
_ACCOUNT = by_name(BANK_ACCOUNT_FIELDS)
MOST_BRANCHES = 50


@require_safe
@page("customers.customer.view")
def customer_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of one customer, now or as it stood (``?at=``)."""
    actor = actor_of(request)
    customer = customer_detail(actor, pk)
    if request.GET.get("at"):
        return _past(request, actor, customer)
    wanted = text_parameter(request, "tab")
    context = _frame(request, actor, customer, wanted)
    if wanted:
        tab = next((t for t in registries.tabs(actor) if t.key == wanted), None)
        if tab is None:
            raise Http404
        return render(request, "screens/detail.html", context | tab.context(request, customer))
    plainly = sees_plainly(actor, customer)
    reveal = not plainly and may_reveal(actor, customer)
    questions = list(
        Question.objects.filter(customer=customer, status=QuestionStatus.OPEN).order_by("id")
    )
    change = context["may_change"]
    first = [
        *([_questions(questions, plainly, change)] if questions else []),
        _contacts(customer, contacts_of(customer), plainly, reveal, change),
    ]
    tables = [
        *_accounts(
            request,
            customer,
            list(customer.bank_accounts.order_by("-is_usual", "-is_active", "id")),
            plainly,
            reveal,
            change,
        ),
        *_branches(actor, customer),
        *_in_sheets(customer, plainly, reveal),
    ]
    events, more = timeline(actor, customer)
    return render(
        request,
        "customers/customer.html",
        context
        | {
            "facts": profile_facts(actor, customer, plainly=plainly, questions=questions),
            "first_tables": first,
            "tables": tables,
            "entries": events,
            "entries_more_url": _more_url(customer, more),
            "side": [_as_of_card(customer)],
        },
    )


def _frame(request: HttpRequest, actor: Actor, customer: Customer, tab: str) -> dict[str, Any]:
    """Heading, actions and tabs that every part of the page has."""
    archived = customer.status == CustomerStatus.ARCHIVED
    change = may(actor, "change", customer) and not archived
    detail = heading(customer)
    detail["actions"], detail["more_actions"] = _actions(actor, customer, change)
    detail["notices"] = _notices(customer)
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
        more.append({"label": _("Archive"), "url": url, "icon": "archive", "danger": True})
    return actions, more


def _notices(customer: Customer) -> list[dict[str, Any]]:
    notices: list[dict[str, Any]] = []
    if customer.status == CustomerStatus.ARCHIVED:
        text = _("Archived. It stays on file and can be taken up again.")
        if customer.archive_reason:
            text = _("Archived: %(reason)s. It stays on file and can be taken up again.") % {
                "reason": customer.archive_reason
            }
        notices.append({"level": "secondary", "icon": "archive", "text": text})
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


# Parts of the page -----------------------------------------------------------------------------------


def _table(
    key: str, title: str, names: list[tuple[str, str]], rows: list[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    columns = [{"key": n, "label": label, "align": "start", "css": ""} for n, label in names]
    return {
        "id": key,
        "title": title,
        "count": len(rows) or "",
        "columns": columns,
        "rows": rows,
        **more,
    }


def _questions(questions: list[Question], plainly: bool, change: bool) -> dict[str, Any]:
    rows = []
    for question in questions:
        url = reverse("question-answer", args=[question.pk]) if change else ""
        cells: list[dict[str, Any]] = [
            {"text": field_title(question.field), "url": url},
            {"text": question_text(question, plainly=plainly), "css": "wrap"},
        ]
        rows.append({"url": url, "cells": cells, "css": ""})
    return _table(
        "questions", _("Open questions"), [("field", _("Field")), ("text", _("What to do"))], rows
    )


def _contacts(
    customer: Customer,
    contacts: list[Contact],
    plainly: bool,
    reveal: bool,
    change: bool,
    *,
    past: bool = False,
) -> dict[str, Any]:
    names = ("name", "post", "phone", "mobile", "email")
    rows = []
    for one in contacts:
        url = "" if past else reverse("contact", args=[one.pk])
        cells: list[dict[str, Any]] = []
        for name in names:
            spec = _CONTACT[name]
            if name in one.not_applicable:
                cells.append(none_cell())
            elif spec.mask:
                cells.append(
                    masked_cell(spec, one, plainly=plainly, may_reveal=reveal and not past)
                )
            else:
                cells.append({"text": display(spec, one)})
        cells[0]["url"] = url
        mark = (
            _("Primary contact") if one.is_main else "" if one.is_active else _("No longer there")
        )
        cells.append(
            {"text": mark, "badge": "blue" if one.is_main else "secondary"}
            if mark
            else {"text": ""}
        )
        rows.append({"url": url, "cells": cells, "css": "" if one.is_active else "text-secondary"})
    heads = [(name, _CONTACT[name].title(Contact)) for name in names] + [("mark", "")]
    more: dict[str, Any] = {"empty_title": _("No contact yet")}
    if change:
        more["action"] = {
            "url": reverse("contact-new", args=[customer.pk]),
            "label": _("Add a contact"),
        }
    return _table("contacts", _("Contacts"), heads, rows, icon="user", **more)


def _accounts(
    request: HttpRequest,
    customer: Customer,
    accounts: list[BankAccount],
    plainly: bool,
    reveal: bool,
    change: bool,
    *,
    past: bool = False,
) -> list[dict[str, Any]]:
    if not accounts:
        return []
    rows = []
    for one in accounts:
        url = reverse("bank-account-edit", args=[one.pk]) if change and not past else ""
        mark = _("Usual account") if one.is_usual else "" if one.is_active else _("No longer used")
        cells: list[dict[str, Any]] = [
            {"text": one.bank or _("Bank not known"), "url": url},
            masked_cell(_ACCOUNT["number"], one, plainly=plainly, may_reveal=reveal and not past),
            {"text": one.remark},
            {"text": mark, "badge": "blue" if one.is_usual else "secondary"}
            if mark
            else _make_usual(request, one)
            if change
            else {"text": ""},
        ]
        rows.append({"url": url, "cells": cells, "css": "" if one.is_active else "text-secondary"})
    heads = [(name, _ACCOUNT[name].title(BankAccount)) for name in ("bank", "number", "remark")] + [
        ("mark", "")
    ]
    more: dict[str, Any] = {}
    if change:
        more["action"] = {
            "url": reverse("bank-account-new", args=[customer.pk]),
            "label": _("Add a bank account"),
        }
    return [_table("accounts", _("Bank accounts"), heads, rows, **more)]


def _make_usual(request: HttpRequest, account: BankAccount) -> dict[str, Any]:
    """The button that makes an account in use the usual one."""
    html = render_to_string(
        "customers/_row_button.html",
        {
            "url": reverse("bank-account-usual", args=[account.pk]),
            "label": _("Make it the usual one"),
        },
        request,
    )
    return {"html": mark_safe(html), "text": ""}  # noqa: S308 - escaped by its template


def _branches(actor: Actor, customer: Customer) -> list[dict[str, Any]]:
    found = list(branches_of(actor, customer)[: MOST_BRANCHES + 1])
    if not found:
        return []
    rows = [
        {
            "url": customer_url(one.pk),
            "css": "",
            "cells": [
                {"text": one.name, "url": customer_url(one.pk)},
                {"text": one.code},
                {"text": str(one.region or "")},
                {"text": str(one.owner or "")},
            ],
        }
        for one in found[:MOST_BRANCHES]
    ]
    heads = [
        ("name", _("Customer")),
        ("code", _("Customer code")),
        ("region", _("Region")),
        ("owner", _("Owner")),
    ]
    return [_table("branches", _("Branches of this head office"), heads, rows)]


def _in_sheets(customer: Customer, plainly: bool, reveal: bool) -> list[dict[str, Any]]:
    """What imported sheets said in columns the file has no field for."""
    found = also_in_sheets(customer)
    if not found:
        return []
    rows = [
        {
            "url": "",
            "css": "text-secondary",
            "cells": [
                {"text": one.title},
                sheet_cell(one, plainly=plainly, may_reveal=reveal) | {"css": "wrap"},
                {
                    "text": _("%(file)s, row %(row)s, %(day)s")
                    % {
                        "file": one.file,
                        "row": one.row,
                        "day": day_text(timezone.localtime(one.at).date()),
                    }
                },
            ],
        }
        for one in found
    ]
    heads = [
        ("title", _("Column")),
        ("value", pgettext("in a sheet", "Value")),
        ("source", _("Where it stood")),
    ]
    return [_table("sheets", _("Also in the imported sheet"), heads, rows)]


def _as_of_card(customer: Customer, at: date | None = None) -> dict[str, Any]:
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


# A past state ----------------------------------------------------------------------------------------


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


def _past(request: HttpRequest, actor: Actor, customer: Customer) -> HttpResponse:
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
                _contacts(customer, then.contacts, plainly, False, False, past=True),
                *_accounts(request, customer, then.bank_accounts, plainly, False, False, past=True),
            ],
            "side": [_as_of_card(customer, day)],
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
            "side": [_as_of_card(customer, day)],
        },
        status=404,
    )


def _opened(customer: Customer) -> date:
    """The first day of which the history tells."""
    return timezone.localtime(customer.created_at).date()

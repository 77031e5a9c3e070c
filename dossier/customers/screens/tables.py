"""The tables on a customer's page: open questions, people, accounts, branches, what sheets said beside."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dossier.core.access import Actor
from dossier.core.fields import display
from dossier.core.templatetags.look import day_text
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, by_name
from dossier.customers.models import BankAccount, Contact, Customer, Question
from dossier.customers.questions import field_title, question_text
from dossier.customers.screens.facts import masked_cell, sheet_cell
from dossier.customers.screens.lists import customer_url, none_cell
from dossier.customers.selectors import (
    also_in_sheets,
    branches_of,
)

_CONTACT = by_name(CONTACT_FIELDS)
_ACCOUNT = by_name(BANK_ACCOUNT_FIELDS)
MOST_BRANCHES = 50


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


def question_table(questions: list[Question], plainly: bool, change: bool) -> dict[str, Any]:
    """Open questions, each leading to its answer where the reader may change the file."""
    rows = []
    for question in questions:
        url = reverse("question-answer", args=[question.pk]) if change else ""
        cells: list[dict[str, Any]] = [
            {"text": field_title(question.field), "url": url},
            {"text": question_text(question, plainly=plainly), "css": "wrap"},
            {"text": str(question.asked_of or "")},
            {"text": day_text(question.due_on)},
        ]
        rows.append({"url": url, "cells": cells, "css": ""})
    return _table(
        "questions",
        _("Open questions"),
        [
            ("field", _("Field")),
            ("text", _("What to do")),
            ("asked_of", _("Asked by name")),
            ("due", _("Answer by")),
        ],
        rows,
    )


def contact_table(
    customer: Customer,
    contacts: list[Contact],
    plainly: bool,
    reveal: bool,
    change: bool,
    *,
    past: bool = False,
) -> dict[str, Any]:
    """Contacts; covered values as ``plainly`` and ``reveal`` say. ``past`` leaves out what one could do."""
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


def account_tables(
    request: HttpRequest,
    customer: Customer,
    accounts: list[BankAccount],
    plainly: bool,
    reveal: bool,
    change: bool,
    *,
    past: bool = False,
) -> list[dict[str, Any]]:
    """Bank accounts, where there are any; like ``contact_table``."""
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


def branch_tables(actor: Actor, customer: Customer) -> list[dict[str, Any]]:
    """Customers that name this one as their head office, within the reader's reach (CUS-5)."""
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


def sheet_tables(customer: Customer, plainly: bool, reveal: bool) -> list[dict[str, Any]]:
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

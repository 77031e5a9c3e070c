"""Pages of contacts and bank accounts, and the address that shows a masked value (CUS-6, ORG-4)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.fields import Surface
from dossier.core.history.subjects import past_url
from dossier.core.screens.conflict import anew, mark, with_choices
from dossier.core.screens.edits import (
    answered_none,
    base_of,
    changes_of,
    cover,
    initial_of,
    none_changed,
    read_base,
    sensitive,
    write_base,
)
from dossier.core.screens.forms import RecordForm, once_token
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.customers.fields import CONTACT_FIELDS, by_name
from dossier.customers.forms import (
    CONTACT_GROUPS,
    account_form,
    contact_form,
    none_words,
)
from dossier.customers.models import BankAccount, Contact, Customer
from dossier.customers.screens.facts import fact
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.requests import crumbs, place
from dossier.customers.selectors import customer_detail, may, may_reveal, sees_plainly
from dossier.customers.services import (
    bank_account_add,
    bank_account_set_usual,
    bank_account_update,
    contact_add,
    contact_set_main,
    contact_update,
    sheet_value_reveal,
    value_reveal,
)
from dossier.customers.states import CustomerStatus

_CONTACT = by_name(CONTACT_FIELDS)


def _reached(
    actor: Actor, model: type[Contact] | type[BankAccount], pk: int
) -> tuple[Any, Customer]:
    """A contact or account and its customer, if the actor sees that; NotFound otherwise."""
    row = model.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return row, customer_detail(actor, row.customer_id)


def _crumbs(customer: Customer, last: str) -> list[dict[str, Any]]:
    return crumbs(
        (_("Customers"), reverse("customers")),
        (str(customer), customer_url(customer.pk)),
        (last, ""),
    )


@require_safe
@page("customers.customer.view")
def contact_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A contact with the traits that are known; sensitive ones covered (CUS-6)."""
    actor = actor_of(request)
    contact, customer = _reached(actor, Contact, pk)
    plainly = sees_plainly(actor, customer)
    reveal = not plainly and may_reveal(actor, customer)
    change = may(actor, "change", customer) and customer.status != CustomerStatus.ARCHIVED
    facts = []
    for title, names in CONTACT_GROUPS.values():
        specs = [
            _CONTACT[name]
            for name in names
            if _CONTACT[name].on(Surface.DETAIL) and name not in ("name", "is_main")
        ]
        items = [
            fact(s, contact, plainly=plainly, may_reveal=reveal, none=contact.not_applicable)
            | {"past_url": past_url("contact", contact, s.name)}
            for s in specs
        ]
        facts.append({"title": title, "items": items})
    actions: list[dict[str, Any]] = []
    if change:
        actions.append(
            {
                "label": _("Edit"),
                "url": reverse("contact-edit", args=[pk]),
                "icon": "pencil",
                "primary": True,
                "key": "edit",
            }
        )
        if contact.is_active and not contact.is_main:
            url = reverse("contact-main", args=[pk])
            actions.insert(
                0,
                {"label": _("Make primary contact"), "url": url, "icon": "star", "method": "post"},
            )
    badges = [{"text": _("Primary contact"), "color": "blue"}] if contact.is_main else []
    detail = {
        "title": contact.name,
        "badges": badges,
        "subtitle": customer.name,
        "actions": actions,
    }
    return render(
        request,
        "screens/detail.html",
        {"detail": detail, "facts": facts, "breadcrumbs": _crumbs(customer, contact.name)},
    )


def _contact_sets(form: RecordForm) -> list[dict[str, Any]]:
    return [
        {"id": f"part-{key}", "title": title, "fields": [form[n] for n in names]}
        for key, (title, names) in CONTACT_GROUPS.items()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def contact_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a contact to a customer."""
    actor = actor_of(request)
    customer = customer_detail(actor, pk)
    Customer.objects.reachable(actor, pk, "change")
    form = contact_form(
        none_words(request.POST, CONTACT_FIELDS) if request.method == "POST" else None,
        actor=actor,
        initial={"is_active": True, "kind": "contact"},
    )
    if request.method == "POST" and form.is_valid():
        none = answered_none(form)
        try:
            contact_add(
                actor=actor,
                customer_id=pk,
                data=_given(form),
                not_applicable=none,
                submission=request.POST.get("once_token") or once_token(),
            )
        except Refusal as refusal:
            place(refusal, form)
        else:
            messages.success(request, _("Contact added."))
            return (
                redirect("contact-new", pk)
                if request.POST.get("and_new")
                else redirect("customer", pk)
            )
    return _form(request, form, customer, _("New contact"), _contact_sets(form), customer_url(pk))


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a contact; covered values are kept where they are left blank."""
    actor = actor_of(request)
    contact, customer = _reached(actor, Contact, pk)
    return _edit(
        request, actor, contact, customer, contact_form, contact_update, "contact_id", _contact_sets
    )


@require_POST
@page("customers.customer.view")
def contact_main(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a contact the primary one."""
    actor = actor_of(request)
    _contact, customer = _reached(actor, Contact, pk)
    contact_set_main(actor=actor, contact_id=pk)
    messages.success(request, _("Saved."))
    return redirect("customer", customer.pk)


def _account_sets(form: RecordForm) -> list[dict[str, Any]]:
    return [{"title": "", "fields": list(form)}]


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def bank_account_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a bank account to a customer."""
    actor = actor_of(request)
    customer = customer_detail(actor, pk)
    Customer.objects.reachable(actor, pk, "change")
    form = account_form(
        request.POST if request.method == "POST" else None, actor=actor, initial={"is_active": True}
    )
    if request.method == "POST" and form.is_valid():
        try:
            bank_account_add(
                actor=actor,
                customer_id=pk,
                data=_given(form),
                submission=request.POST.get("once_token") or once_token(),
            )
        except Refusal as refusal:
            place(refusal, form)
        else:
            messages.success(request, _("Bank account added."))
            return (
                redirect("bank-account-new", pk)
                if request.POST.get("and_new")
                else redirect("customer", pk)
            )
    return _form(
        request, form, customer, _("New bank account"), _account_sets(form), customer_url(pk)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def bank_account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a bank account; a covered number is kept where it is left blank."""
    actor = actor_of(request)
    account, customer = _reached(actor, BankAccount, pk)
    return _edit(
        request,
        actor,
        account,
        customer,
        account_form,
        bank_account_update,
        "account_id",
        _account_sets,
    )


@require_POST
@page("customers.customer.view")
def bank_account_usual(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an account the usual one."""
    actor = actor_of(request)
    _account, customer = _reached(actor, BankAccount, pk)
    bank_account_set_usual(actor=actor, account_id=pk)
    messages.success(request, _("Saved."))
    return redirect("customer", customer.pk)


def _given(form: RecordForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}


def _form(
    request: HttpRequest,
    form: RecordForm,
    customer: Customer,
    title: str,
    sets: list[dict[str, Any]],
    back: str,
) -> HttpResponse:
    return render(
        request,
        "customers/edit.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": customer.name,
            "fieldsets": sets,
            "breadcrumbs": _crumbs(customer, title),
            "cancel_url": back,
            "save_and_new": True,
            "once_token": request.POST.get("once_token") or once_token(),
        },
        status=422 if request.method == "POST" else 200,
    )


def _edit(
    request: HttpRequest,
    actor: Actor,
    row: Any,
    customer: Customer,
    make: Any,
    update: Any,
    key: str,
    sets: Any,
) -> HttpResponse:
    """Edit a contact or account; a stale edit shows both versions."""
    Customer.objects.reachable(actor, customer.pk, "change")
    stale: dict[str, Any] = {}
    specs = make(actor=actor).specs
    covered = frozenset() if sees_plainly(actor, customer) else sensitive(specs)

    def present() -> RecordForm:
        """The form as the record stands."""
        start = initial_of(actor, row, specs, covered=covered)
        made: RecordForm = make(actor=actor, initial=start)
        return made

    form = present()
    version, base = row.version, base_of(form)
    if covered:
        base |= mark(row)
    if request.method == "POST":
        version, base = version_of(request), read_base(request.POST.get("base", ""))
        data = none_words(with_choices(request.POST, base), specs)
        form = make(data, actor=actor)
        if form.is_valid():
            arguments: dict[str, Any] = {key: row.pk}
            if hasattr(row, "not_applicable"):
                arguments["not_applicable"] = none_changed(form, base)
            try:
                update(
                    actor=actor,
                    expected_version=version,
                    changes=changes_of(form, base, covered=covered),
                    **arguments,
                )
            except Stale:
                row.refresh_from_db()
                form, stale = anew(
                    partial(make, actor=actor),
                    form,
                    base=base,
                    present=present(),
                    row=row,
                    covered=covered,
                )
            except Refusal as refusal:
                place(refusal, form)
            else:
                messages.success(request, _("Saved."))
                return redirect("customer", customer.pk)
    cover(form, row, covered)
    title = _("Edit %(name)s") % {
        "name": row.name if isinstance(row, Contact) else row.bank or _("bank account")
    }
    return render(
        request,
        "customers/edit.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": customer.name,
            "fieldsets": sets(form),
            "breadcrumbs": _crumbs(customer, title),
            "cancel_url": customer_url(customer.pk),
            "version": version,
            "base": write_base(base),
            **stale,
        },
        status=409 if stale else 422 if request.method == "POST" else 200,
    )


@require_POST
@page("customers.customer.view")
def reveal(request: HttpRequest, table: str, row_id: int, field: str) -> HttpResponse:
    """A masked value in plain text, as a fragment; that it was shown is recorded."""
    value = value_reveal(
        actor=actor_of(request),
        table=table,
        row_id=row_id,
        field=field,
        reason=request.POST.get("reason", ""),
    )
    return render(request, "customers/_revealed.html", {"value": value})


@require_POST
@page("customers.customer.view")
def sheet_reveal(request: HttpRequest, row_id: int, column: int) -> HttpResponse:
    """A covered cell of an imported sheet in plain text, as a fragment; that it was shown is recorded."""
    value = sheet_value_reveal(
        actor=actor_of(request),
        row_id=row_id,
        column=column,
        reason=request.POST.get("reason", ""),
    )
    return render(request, "customers/_revealed.html", {"value": value})

"""End a relationship and take it up again, give a customer to an owner (CUS-12, CUS-18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.screens.confirm import reasoned_step
from dossier.core.screens.forms import ParsedField, PlainField, RecordForm, RefField
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.values import parse_date
from dossier.customers.models import Customer
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.requests import crumbs, place
from dossier.customers.selectors import customer_detail
from dossier.customers.services import customer_archive, customer_assign, customer_restore


def _confirm(
    request: HttpRequest,
    customer: Customer,
    run: Callable[[str], object],
    *,
    done: str,
    back: str,
    **words: Any,
) -> HttpResponse:
    """Ask for a reason and do it."""
    return reasoned_step(
        request,
        run,
        confirm={"subject": f"{customer.name} {customer.code}", **words},
        version=customer.version,
        done=done,
        then=back,
        cancel_url=back,
        breadcrumbs=crumbs(
            (_("Customers"), reverse("customers")),
            (str(customer), customer_url(customer.pk)),
            (words["title"], ""),
        ),
    )


class EndForm(RecordForm):
    """Since when a relationship has ended, and why."""

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        self.fields["ended_on"] = ParsedField(
            parse_date,
            show=lambda day: day.isoformat(),
            label=_("Ended on"),
            required=False,
            widget=forms.DateInput(attrs={"type": "text", "inputmode": "numeric", "data-date": ""}),
            help_text=_("Left blank, today."),
        )
        reason = PlainField(
            label=_("Why does the relationship end?"),
            required=False,
            max_length=200,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Kept in the history with your name and the time."),
        )
        reason.must = True  # type: ignore[attr-defined] # read by the field template
        self.fields["reason"] = reason


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.archive")
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """End the relationship: since when, and why (CUS-18)."""
    actor = actor_of(request)
    customer = Customer.objects.reachable(actor, pk, "archive")
    form = EndForm(
        request.POST if request.method == "POST" else None,
        actor=actor,
        initial={"ended_on": timezone.localdate()},
    )
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            customer_archive(
                actor=actor,
                customer_id=pk,
                reason=form.cleaned_data["reason"],
                ended_on=form.cleaned_data["ended_on"],
                expected_version=version_of(request),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            place(refusal, form)
            status = 409 if isinstance(refusal, Stale) else 422
        else:
            messages.success(request, _("The relationship has ended; the file is archived."))
            return redirect("customer", pk)
    title = _("End the relationship")
    return render(
        request,
        "customers/end.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": f"{customer.name} {customer.code}",
            "fieldsets": [{"title": "", "fields": [form["ended_on"], form["reason"]]}],
            "version": customer.version,
            "save_label": title,
            "cancel_url": customer_url(pk),
            "effects": [
                _(
                    "The file leaves the daily list; it is still found by search and with the filter “Archived”."
                ),
                _("No new order can be entered for it."),
                _("Nothing is deleted, and it can be taken up again at any time."),
            ],
            "breadcrumbs": crumbs(
                (_("Customers"), reverse("customers")),
                (str(customer), customer_url(pk)),
                (title, ""),
            ),
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.archive")
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an ended relationship up again (CUS-18)."""
    actor = actor_of(request)
    customer = Customer.objects.reachable(actor, pk, "archive")
    return _confirm(
        request,
        customer,
        lambda reason: customer_restore(
            actor=actor, customer_id=pk, reason=reason, expected_version=version_of(request)
        ),
        done=_("Taken up again."),
        back=customer_url(pk),
        title=_("Take up again"),
        button=_("Take up again"),
        icon="archive-off",
        reason_label=_("Why is it taken up again?"),
    )


class OwnerForm(RecordForm):
    """Whom a customer is given to, and why."""

    def __init__(self, *args: Any, actor: Actor, now: str, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        owner = RefField(actor=actor, key="employee", label=_("New owner"), required=False)
        owner.help_text = _("Owner now: %(name)s") % {"name": now}
        owner.must = True  # type: ignore[attr-defined] # read by the field template
        self.fields["owner"] = owner
        owner.offer(self["owner"].value())
        self.fields["reason"] = PlainField(
            label=_("Reason"),
            required=False,
            max_length=200,
            widget=forms.Textarea(attrs={"rows": 2}),
        )


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.assign")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a customer to another owner (CUS-12)."""
    actor = actor_of(request)
    Customer.objects.reachable(actor, pk, "assign")
    customer = customer_detail(actor, pk)
    form = OwnerForm(
        request.POST if request.method == "POST" else None,
        actor=actor,
        now=str(customer.owner or _("Without owner")),
    )
    if request.method == "POST" and form.is_valid():
        try:
            customer_assign(
                actor=actor,
                customer_id=pk,
                owner=form.cleaned_data["owner"] or "",
                reason=form.cleaned_data["reason"],
                expected_version=version_of(request),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            place(refusal, form)
        else:
            messages.success(request, _("Given to the new owner."))
            seen = Customer.objects.for_user(actor).filter(pk=pk).exists()
            return redirect("customer", pk) if seen else redirect("customers")
    title = _("Give to an owner")
    return render(
        request,
        "screens/form.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": f"{customer.name} {customer.code}",
            "fieldsets": [{"title": "", "fields": [form["owner"], form["reason"]]}],
            "version": customer.version,
            "cancel_url": customer_url(pk),
            "breadcrumbs": crumbs(
                (_("Customers"), reverse("customers")),
                (str(customer), customer_url(pk)),
                (title, ""),
            ),
        },
        status=422 if request.method == "POST" else 200,
    )

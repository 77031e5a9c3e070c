"""Archive and take up again, give to an owner, answer questions (CUS-12, CUS-13, CUS-18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.fields import Surface
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.confirm import TEMPLATE, reasoned_step
from dossier.core.screens.forms import PlainField, RecordForm, RefField
from dossier.core.screens.lists import Column, Filter, ListScreen
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.templatetags.look import day_text
from dossier.customers.fields import CUSTOMER_FIELDS
from dossier.customers.models import Contact, Customer, Question
from dossier.customers.questions import asked_field, closed_text, field_title, question_text
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.requests import crumbs, place
from dossier.customers.selectors import customer_detail, question_rows, search, sees_plainly
from dossier.customers.services import (
    customer_archive,
    customer_assign,
    customer_restore,
    question_answer,
)
from dossier.customers.services.questions import ANSWER_LONGEST
from dossier.customers.states import QuestionStatus


def _confirm(
    request: HttpRequest,
    customer: Customer,
    run: Callable[[str], object],
    *,
    done: str,
    back: str,
    template: str = TEMPLATE,
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
        template=template,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.archive")
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """End the relationship (CUS-18)."""
    actor = actor_of(request)
    customer = Customer.objects.reachable(actor, pk, "archive")
    return _confirm(
        request,
        customer,
        lambda reason: customer_archive(
            actor=actor, customer_id=pk, reason=reason, expected_version=version_of(request)
        ),
        done=_("Archived."),
        back=customer_url(pk),
        title=_("Archive this customer"),
        button=_("Archive"),
        danger=True,
        icon="archive",
        reason_label=_("Why does the relationship end?"),
        effects=[
            _(
                "The file leaves the daily list; it is still found by search and with the filter “Archived”."
            ),
            _("Nothing is deleted, and it can be taken up again at any time."),
        ],
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


# Questions -------------------------------------------------------------------------------------------


def _open_count(actor: Actor) -> str:
    """How many questions wait, for the menu; counting stops at a hundred."""
    count = question_rows(actor).order_by()[:100].count()
    return "" if not count else "99+" if count > 99 else str(count)


def question_url(question: Any) -> str:
    """Where a question of ``question_rows`` is answered; who may not answer reads it on the file."""
    if question.answerable:
        return reverse("question-answer", args=[question.pk])
    return f"{customer_url(question.customer_id)}#questions"


def _rows(actor: Actor) -> QuerySet[Any]:
    """Open questions, each knowing whether its reader sees sensitive values plainly."""
    return question_rows(actor)


def _screen(actor: Actor) -> ListScreen:
    def told(row: Any) -> str:
        return question_text(row, plainly=sees_plainly(actor, row.customer))

    return ListScreen(
        key="questions",
        title=gettext_lazy("Open questions"),
        rows=_rows,
        columns=[
            Column("customer", gettext_lazy("Customer"), lambda q: str(q.customer)),
            Column("field", gettext_lazy("Field"), lambda q: field_title(q.field)),
            Column("text", gettext_lazy("What to do"), told, css="wrap"),
            Column("owner", gettext_lazy("Owner"), lambda q: str(q.customer.owner or "")),
            Column("since", gettext_lazy("Since"), lambda q: _day(q), sort="id"),
        ],
        row_url=question_url,
        default_sort="since",
        filters=[
            Filter(
                "mine",
                gettext_lazy("My customers only"),
                "bool",
                apply=lambda rows, yes: (
                    rows.filter(customer__owner_id=actor.employee_id)
                    if yes
                    else rows.exclude(customer__owner_id=actor.employee_id)
                ),
            ),
            Filter("code", gettext_lazy("Kind of question"), "multi", options=_codes),
        ],
        search=lambda rows, text: rows.filter(customer__in=_found(actor, text)),
        search_placeholder=gettext_lazy("Customer"),
        icon="help-circle",
        head=lambda _request: {
            "empty_title": _("No open questions"),
            "empty_text": _("Nothing doubtful is left in your files."),
        },
    )


def _day(question: Question) -> str:
    return day_text(timezone.localtime(question.created_at).date())


def _found(actor: Actor, text: str) -> QuerySet[Any]:
    return search(actor, Customer.objects.for_user(actor), text)


def _codes(_actor: Actor) -> list[tuple[str, Any]]:
    return [
        ("check_digit", gettext_lazy("Check digit of a tax number")),
        ("bad_length", gettext_lazy("Length of a tax number")),
        ("bad_phone", gettext_lazy("Telephone")),
        ("bad_mobile", gettext_lazy("Mobile")),
        ("bad_email", gettext_lazy("E-mail")),
        ("impossible_date", gettext_lazy("Impossible date")),
        ("not_in_post", gettext_lazy("Owner has left")),
        ("unknown_industry", gettext_lazy("Unknown industry")),
    ]


@require_safe
@page("customers.customer.view")
def question_list(request: HttpRequest) -> HttpResponse:
    """What is to be cleared up on the customers within reach."""
    return _screen(actor_of(request)).view(request)


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a question, or withdraw it as none; correcting the field itself answers it too."""
    actor = actor_of(request)
    question = Question.objects.filter(pk=pk).first()
    if question is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    customer = customer_detail(actor, question.customer_id)
    Customer.objects.reachable(actor, customer.pk, "change")
    plainly = sees_plainly(actor, customer)
    if question.status != QuestionStatus.OPEN and request.method != "POST":
        messages.info(request, closed_text(question, plainly=plainly))
        return redirect("customer", customer.pk)
    withdraw = "withdraw" in request.POST
    return _confirm(
        request,
        customer,
        lambda reason: question_answer(
            actor=actor, question_id=pk, answer=reason, withdraw=withdraw
        ),
        done=_("Withdrawn.") if withdraw else _("Answered."),
        back=customer_url(customer.pk),
        template="customers/question.html",
        title=_("Question on %(field)s") % {"field": field_title(question.field)},
        text=question_text(question, plainly=plainly),
        effects=[
            _("Correct the field on the profile and the question is answered by itself."),
            _("Withdraw it where there is nothing to ask; say why."),
        ],
        button=_("Answer"),
        icon="check",
        reason_label=_("Answer, and where it comes from"),
        longest=ANSWER_LONGEST,
        correct_url=_correct_url(question),
    )


def _correct_url(question: Question) -> str:
    """Where the field a question concerns is corrected: its input, or the list of contacts or accounts."""
    model, name = asked_field(question.field) or (Customer, "")
    if model is not Customer:
        part = "contacts" if model is Contact else "accounts"
        return f"{customer_url(question.customer_id)}#{part}"
    on_form = any(spec.name == name and spec.on(Surface.FORM) for spec in CUSTOMER_FIELDS)
    return reverse("customer-edit", args=[question.customer_id]) + (
        f"#id_{name}" if on_form else ""
    )


nav(
    NavItem(
        url_name="questions",
        label=gettext_lazy("Questions"),
        icon="help-circle",
        order=25,
        key="q",
        permission="customers.customer.view",
        badge=_open_count,
    )
)

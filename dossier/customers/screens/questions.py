"""Data queries: the list, answering one, asking somebody else (CUS-13)."""

from __future__ import annotations

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
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.fields import Surface
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.forms import ParsedField, PlainField, RecordForm, RefField
from dossier.core.screens.lists import Cell, Column, Filter, ListScreen
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import day_text
from dossier.core.values import parse_date
from dossier.customers import registries
from dossier.customers.fields import CUSTOMER_FIELDS
from dossier.customers.models import Contact, Customer, Question
from dossier.customers.questions import asked_field, closed_text, field_title, question_text
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.requests import crumbs, place
from dossier.customers.selectors import (
    all_questions,
    asked_of,
    customer_detail,
    may,
    overdue,
    search,
    sees_plainly,
    waiting_count,
)
from dossier.customers.services import question_answer, questions_reassign
from dossier.customers.services.questions import ANSWER_LONGEST, MOST_AT_ONCE
from dossier.customers.states import AnswerSource, QuestionOrigin, QuestionStatus

_SHOWN = 200


def _open_count(actor: Actor) -> str:
    """How many questions wait for this person, for the menu; counting stops at a hundred."""
    count = waiting_count(actor, 100)
    return "" if not count else "99+" if count > 99 else str(count)


def question_url(question: Any) -> str:
    """Where a question of ``all_questions`` is answered; who may not answer reads it on the file."""
    if question.answerable and question.status == QuestionStatus.OPEN:
        return reverse("question-answer", args=[question.pk])
    return f"{customer_url(question.customer_id)}#questions"


def addressee(question: Any) -> str:
    """Who is to answer: who was named, else the owner, else the administrator."""
    if question.asked_of is not None:
        return str(question.asked_of)
    owner = question.customer.owner
    if owner is not None and owner.in_post:
        return str(owner)
    return _("Customer-information administrator")


def due_cell(question: Question) -> str | Cell:
    """The day to answer by, marked where it has passed."""
    text = day_text(question.due_on)
    late = question.status == QuestionStatus.OPEN and question.due_on < timezone.localdate()
    return {"text": text, "badge": "red", "title": _("Overdue")} if late else text


def _screen(actor: Actor) -> ListScreen:
    def told(row: Any) -> str:
        plainly = sees_plainly(actor, row.customer)
        if row.status != QuestionStatus.OPEN:
            return closed_text(row, plainly=plainly)
        return question_text(row, plainly=plainly)

    return ListScreen(
        key="questions",
        title=gettext_lazy("Data queries"),
        rows=all_questions,
        columns=[
            Column("customer", gettext_lazy("Customer"), lambda q: str(q.customer)),
            Column("field", gettext_lazy("Field"), lambda q: field_title(q.field)),
            Column("text", gettext_lazy("What to do"), told, css="wrap"),
            Column("asked_of", gettext_lazy("Asked of"), addressee),
            Column("due", gettext_lazy("Answer by"), due_cell, sort="due_on"),
            Column("since", gettext_lazy("Since"), _day, sort="id"),
            Column(
                "owner",
                gettext_lazy("Owner"),
                lambda q: str(q.customer.owner or ""),
                default=False,
            ),
            Column(
                "origin", gettext_lazy("Opened by"), lambda q: q.get_origin_display(), default=False
            ),
            Column("state", gettext_lazy("State"), lambda q: q.get_status_display(), default=False),
            Column(
                "source",
                gettext_lazy("Source of the answer"),
                lambda q: q.get_answer_source_display(),
                default=False,
            ),
        ],
        row_url=question_url,
        default_sort="due",
        filters=[
            Filter(
                "mine",
                gettext_lazy("Asked of me"),
                "bool",
                apply=lambda rows, yes: (
                    asked_of(rows, actor) if yes else rows.exclude(pk__in=asked_of(rows, actor))
                ),
            ),
            Filter("overdue", gettext_lazy("Overdue"), "bool", apply=overdue),
            Filter("code", gettext_lazy("Kind of question"), "multi", options=_codes),
            Filter(
                "status",
                gettext_lazy("State"),
                "choice",
                options=lambda _a: list(QuestionStatus.choices),
                quick=True,
            ),
            Filter(
                "origin",
                gettext_lazy("Opened by"),
                "multi",
                options=lambda _a: list(QuestionOrigin.choices),
            ),
        ],
        search=lambda rows, text: rows.filter(customer__in=_found(actor, text)),
        search_placeholder=gettext_lazy("Customer"),
        icon="help-circle",
        head=_head,
        default_filters=lambda rows: rows.filter(status=QuestionStatus.OPEN),
        default_lifted_by=("status",),
    )


def _head(request: HttpRequest) -> dict[str, Any]:
    head: dict[str, Any] = {
        "empty_title": _("No open questions"),
        "empty_text": _("Nothing doubtful is left in your files."),
        "actions": [
            {
                "label": _("Asked of me"),
                "url": f"{reverse('questions')}?mine=1",
                "icon": "user",
            },
            {
                "label": _("Overdue"),
                "url": f"{reverse('questions')}?overdue=1",
                "icon": "clock-exclamation",
            },
        ],
    }
    if actor_of(request).can("customers.customer", "assign"):
        query = request.GET.urlencode()
        head["actions"].append(
            {
                "label": _("Ask somebody else"),
                "url": f"{reverse('questions-reassign')}{'?' if query else ''}{query}",
                "icon": "user-share",
            }
        )
    return head


def _day(question: Question) -> str:
    return day_text(timezone.localtime(question.created_at).date())


def _found(actor: Actor, text: str) -> QuerySet[Any]:
    return search(actor, Customer.objects.for_user(actor), text)


def _codes(_actor: Actor) -> list[tuple[str, Any]]:
    given = {
        "check_digit": gettext_lazy("Check digit of a tax number"),
        "bad_length": gettext_lazy("Length of a tax number"),
        "bad_phone": gettext_lazy("Telephone"),
        "bad_mobile": gettext_lazy("Mobile"),
        "bad_email": gettext_lazy("E-mail"),
        "impossible_date": gettext_lazy("Impossible date"),
        "not_in_post": gettext_lazy("Owner has left"),
        "unknown_industry": gettext_lazy("Unknown industry"),
        "possible_duplicate": gettext_lazy("Possible duplicate"),
    }
    return list((given | {check.code: check.label for check in registries.checks()}).items())


@require_safe
@page("customers.customer.view")
def question_list(request: HttpRequest) -> HttpResponse:
    """What is to be cleared up on the customers within reach."""
    return _screen(actor_of(request)).view(request)


# Answering -------------------------------------------------------------------------------------------


class AnswerForm(RecordForm):
    """The answer, and where it comes from."""

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        source = forms.ChoiceField(
            choices=[("", "—"), *AnswerSource.choices],
            label=_("Where the answer comes from"),
            required=False,
            help_text=_("Not needed to accept or to withdraw."),
        )
        source.must = True  # type: ignore[attr-defined] # read by the field template
        answer = PlainField(
            label=_("Answer, or why it is closed"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 3, "maxlength": ANSWER_LONGEST}),
            help_text=_("Kept in the history with your name and the time."),
        )
        answer.must = True  # type: ignore[attr-defined] # read by the field template
        answer.css = "field-wide"  # type: ignore[attr-defined] # read by the field template
        self.fields["source"] = source
        self.fields["reason"] = answer


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a question, accept the value as it stands, or withdraw it as none.

    Correcting the field itself answers it too.
    """
    actor = actor_of(request)
    question = Question.objects.select_related("asked_of").filter(pk=pk).first()
    if question is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    customer = customer_detail(actor, question.customer_id)
    Customer.objects.reachable(actor, customer.pk, "change")
    question.customer = customer
    plainly = sees_plainly(actor, customer)
    if question.status != QuestionStatus.OPEN and request.method != "POST":
        messages.info(request, closed_text(question, plainly=plainly))
        return redirect("customer", customer.pk)
    form = AnswerForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        close_as, done = QuestionStatus.ANSWERED, _("Answered.")
        if "withdraw" in request.POST:
            close_as, done = QuestionStatus.VOID, _("Withdrawn.")
        elif "accept" in request.POST:
            close_as, done = QuestionStatus.ACCEPTED, _("Accepted as it is.")
        try:
            question_answer(
                actor=actor,
                question_id=pk,
                answer=form.cleaned_data["reason"],
                source=form.cleaned_data["source"],
                close_as=close_as,
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            place(
                Refusal(
                    refusal.code,
                    refusal._message,
                    field={"answer": "reason"}.get(refusal.field or "", refusal.field),
                    params=refusal.params,
                ),
                form,
            )
        else:
            messages.success(request, done)
            return redirect("customer", customer.pk)
    title = _("Question on %(field)s") % {"field": field_title(question.field)}
    return render(
        request,
        "customers/question.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": f"{customer.name} {customer.code}",
            "fieldsets": [{"title": "", "fields": [form["source"], form["reason"]]}],
            "save_label": _("Answer"),
            "cancel_url": customer_url(customer.pk),
            "question": question,
            "told": question_text(question, plainly=plainly),
            "addressee": addressee(question),
            "due": day_text(question.due_on),
            "late": question.due_on < timezone.localdate(),
            "correct_url": correct_url(question),
            "reassign_url": f"{reverse('questions-reassign')}?one={pk}"
            if may(actor, "assign", customer)
            else "",
            "breadcrumbs": crumbs(
                (_("Data queries"), reverse("questions")),
                (str(customer), customer_url(customer.pk)),
                (title, ""),
            ),
        },
        status=422 if request.method == "POST" else 200,
    )


def correct_url(question: Question) -> str:
    """Where the field a question concerns is corrected: its input, or the list of contacts or accounts."""
    if question.field == "orders":
        return f"{customer_url(question.customer_id)}?tab=orders"
    model, name = asked_field(question.field) or (Customer, "")
    if model is not Customer:
        part = "contacts" if model is Contact else "accounts"
        return f"{customer_url(question.customer_id)}#{part}"
    on_form = any(spec.name == name and spec.on(Surface.FORM) for spec in CUSTOMER_FIELDS)
    return reverse("customer-edit", args=[question.customer_id]) + (
        f"#id_{name}" if on_form else ""
    )


# Asking somebody else --------------------------------------------------------------------------------


class ReassignForm(RecordForm):
    """Whom to ask instead, by when, and why."""

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        to = RefField(actor=actor, key="employee", label=_("Ask instead"), required=False)
        to.must = True  # type: ignore[attr-defined] # read by the field template
        self.fields["to"] = to
        to.offer(self["to"].value())
        self.fields["due_on"] = ParsedField(
            parse_date,
            show=lambda day: day.isoformat(),
            label=_("Answer by"),
            required=False,
            widget=forms.DateInput(attrs={"type": "text", "inputmode": "numeric", "data-date": ""}),
            help_text=_("Left blank, the day stays."),
        )
        reason = PlainField(
            label=_("Reason"),
            required=False,
            max_length=200,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("Kept in the history with your name and the time."),
        )
        reason.must = True  # type: ignore[attr-defined] # read by the field template
        reason.css = "field-wide"  # type: ignore[attr-defined] # read by the field template
        self.fields["reason"] = reason


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.assign")
def reassign(request: HttpRequest) -> HttpResponse:
    """Ask somebody else: the questions of the list as it was filtered, or the ones ticked among them."""
    actor = actor_of(request)
    offered = _offered(request, actor)
    ticked = _ticked(request) if request.method == "POST" else {q.pk for q in offered}
    form = ReassignForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["to"] is None:
                raise Refusal("missing", _("Choose whom to ask."), field="to")
            count = questions_reassign(
                actor=actor,
                question_ids=sorted(ticked),
                to=form.cleaned_data["to"],
                reason=form.cleaned_data["reason"],
                due_on=form.cleaned_data["due_on"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            place(refusal, form)
        else:
            messages.success(
                request, _("%(count)s questions are asked of somebody else now.") % {"count": count}
            )
            return redirect("questions")
    title = _("Ask somebody else")
    return render(
        request,
        "customers/reassign.html",
        {
            "form": form,
            "form_title": title,
            "fieldsets": [{"title": "", "fields": [form["to"], form["due_on"], form["reason"]]}],
            "save_label": title,
            "cancel_url": reverse("questions"),
            "offered": [
                {
                    "pk": one.pk,
                    "ticked": one.pk in ticked,
                    "customer": str(one.customer),
                    "field": field_title(one.field),
                    "text": question_text(one, plainly=sees_plainly(actor, one.customer)),
                    "who": addressee(one),
                    "due": day_text(one.due_on),
                }
                for one in offered
            ],
            "most": _SHOWN if len(offered) == _SHOWN else 0,
            "breadcrumbs": crumbs((_("Data queries"), reverse("questions")), (title, "")),
        },
        status=422 if request.method == "POST" else 200,
    )


def _offered(request: HttpRequest, actor: Actor) -> list[Question]:
    """The first of the open questions the address filters, those of customers the actor may give away."""
    one = request.GET.get("one", "")
    if one:
        rows: QuerySet[Any] = all_questions(actor)
        rows = rows.filter(
            pk=int(one) if one.isascii() and one.isdecimal() and len(one) < 18 else 0
        )
    else:
        rows, _states, _chips, _q = _screen(actor).narrowed(request)
    rows = rows.filter(
        status=QuestionStatus.OPEN, customer__in=Customer.objects.for_user(actor, "assign")
    )
    return list(rows.order_by("due_on", "pk")[:_SHOWN])


def _ticked(request: HttpRequest) -> set[int]:
    given = request.POST.getlist("question")[: MOST_AT_ONCE + 1]
    if any(not (one.isascii() and one.isdecimal() and len(one) < 18) for one in given):
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return {int(one) for one in given}


nav(
    NavItem(
        url_name="questions",
        label=gettext_lazy("Data queries"),
        icon="help-circle",
        order=25,
        key="q",
        permission="customers.customer.view",
        badge=_open_count,
    )
)

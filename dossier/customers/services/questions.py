"""Answering questions on a profile, asking others, and showing a masked value (CUS-13, ORG-4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.fields import display_value
from dossier.core.models import ImportRow, Unmasking
from dossier.core.reasons import reason_text
from dossier.core.services import command
from dossier.customers.fields import spec_of
from dossier.customers.models import BankAccount, Contact, Customer, Note, Question
from dossier.customers.selectors import may_reveal, sees_plainly, sheet_value
from dossier.customers.services._rows import locked_customer, save_changes
from dossier.customers.states import SENSITIVE_NOTES, AnswerSource, QuestionStatus
from dossier.people.models import Account, Employee
from dossier.people.selectors import actor_for, employee_in_post_locked

ANSWER_LONGEST = 300
MOST_AT_ONCE = 500


def question_answer(
    *,
    actor: Actor,
    question_id: int,
    answer: str,
    source: str = "",
    close_as: str = QuestionStatus.ANSWERED,
) -> Question:
    """Close a question: answered with the source of the supplement, accepted as it stands, or withdrawn.

    The words say why; a closed one stays as it is. Refused without a source where it is answered, and
    where it was closed otherwise meanwhile; the same sent twice is done once.
    """
    said = reason_text(answer, field_name="answer", longest=ANSWER_LONGEST)
    if close_as not in (QuestionStatus.ANSWERED, QuestionStatus.ACCEPTED, QuestionStatus.VOID):
        raise ValueError(close_as)
    if close_as != QuestionStatus.ANSWERED:
        source = ""
    elif source not in AnswerSource.values:
        raise Refusal("no_source", _("Say where the answer comes from."), field="source")
    with command(actor, why=said):
        known = (
            Question.objects.filter(pk=question_id).values_list("customer_id", flat=True).first()
        )
        if known is None:
            raise _nothing()
        locked_customer(actor, known)
        question = Question.objects.select_for_update().get(pk=question_id)
        closing = {"status": close_as, "answer": said, "answer_source": source}
        if question.status != QuestionStatus.OPEN:
            if all(getattr(question, name) == value for name, value in closing.items()):
                return question  # sent twice
            raise Refusal(
                "closed",
                _("This question was closed meanwhile. Nothing of yours is saved."),
                field="answer",
            )
        save_changes(question, {**closing, "closed_at": timezone.now()})
        return question


def questions_reassign(
    *,
    actor: Actor,
    question_ids: Sequence[int],
    to: Employee,
    reason: str,
    due_on: date | None = None,
) -> int:
    """Ask somebody else, one or many questions at once; how many changed.

    The actor may give the customers to owners; the one asked is in post and may edit their files, or
    could not answer. Closed questions stay as they are.
    """
    said = reason_text(reason)
    ids = sorted(set(question_ids))
    if not ids:
        raise Refusal("none_chosen", _("Choose at least one question."))
    if len(ids) > MOST_AT_ONCE:
        raise Refusal(
            "too_many",
            _("At most %(most)s questions at a time. Narrow the list down."),
            params={"most": MOST_AT_ONCE},
        )
    if due_on is not None and due_on < timezone.localdate():
        raise Refusal("past_date", _("The day to answer by lies in the past."), field="due_on")
    with command(actor, why=said):
        employee = employee_in_post_locked(to.pk, field="to")
        customers = set(Question.objects.filter(pk__in=ids).values_list("customer_id", flat=True))
        _all_reached(actor, customers, ids)
        _could_answer(employee, customers)
        keys = list(
            Question.objects.filter(pk__in=ids, status=QuestionStatus.OPEN)
            .order_by("pk")
            .select_for_update()
            .values_list("pk", flat=True)
        )
        values: dict[str, Any] = {"asked_of": employee} | ({"due_on": due_on} if due_on else {})
        return Question.objects.filter(pk__in=keys).update(
            **values, version=F("version") + 1, updated_at=timezone.now()
        )


def _all_reached(actor: Actor, customers: set[int], ids: Sequence[int]) -> None:
    """Every question is there, seen, and on a customer whose questions the actor may give away."""
    seen = Question.objects.filter(pk__in=ids, customer__in=Customer.objects.for_user(actor))
    if seen.count() != len(ids):
        raise _nothing()
    may = Customer.objects.for_user(actor, "assign").filter(pk__in=customers)
    if may.count() != len(customers):
        raise NotAllowed(
            "not_allowed",
            _("Your role does not include this. Ask the system administrator for the right."),
        )


def _could_answer(employee: Employee, customers: set[int]) -> None:
    account = Account.objects.filter(employee=employee, is_active=True).first()
    able = (
        Customer.objects.for_user(actor_for(account), "change").filter(pk__in=customers).count()
        if account is not None
        else 0
    )
    if able < len(customers):
        raise Refusal(
            "cannot_answer",
            _(
                "%(name)s may not edit all of these files, so could not answer. Choose somebody else."
            ),
            field="to",
            params={"name": employee.name},
        )


def questions_hand_over(*, actor: Actor, from_employee: Employee, to_employee: Employee) -> int:
    """Open questions asked of a leaver by name go to who takes over (ORG-1); how many."""
    with command(actor, why=gettext("Handover of %(name)s") % {"name": from_employee.name}):
        return Question.objects.filter(asked_of=from_employee, status=QuestionStatus.OPEN).update(
            asked_of=to_employee, version=F("version") + 1, updated_at=timezone.now()
        )


def _nothing() -> NotFound:
    return NotFound("not_found", _("There is no such record, or it is not yours to see."))


_TABLES: dict[str, type[Contact] | type[BankAccount] | type[Note]] = {
    "customers_contact": Contact,
    "customers_bankaccount": BankAccount,
    "customers_note": Note,
}


def value_reveal(*, actor: Actor, table: str, row_id: int, field: str, reason: str = "") -> str:
    """The plain text of a masked value; that it was shown is recorded, except to the owner (ORG-4)."""
    model = _TABLES.get(table)
    spec = spec_of(table, field)
    nothing = NotFound("not_found", _("There is no such record, or it is not yours to see."))
    if model is None or spec is None or spec.mask is None:
        raise nothing
    row: Any = model.objects.select_related("customer").filter(pk=row_id).first()
    if isinstance(row, Note) and row.kind not in SENSITIVE_NOTES:
        raise nothing
    if row is None or not Customer.objects.for_user(actor).filter(pk=row.customer_id).exists():
        raise nothing
    value = display_value(spec.kind, getattr(row, field))
    if sees_plainly(actor, row.customer):
        return value
    _record_showing(actor, row.customer, table, row_id, field, reason)
    return value


def sheet_value_reveal(*, actor: Actor, row_id: int, column: int, reason: str = "") -> str:
    """The plain text of a covered cell of an imported sheet, shown and recorded like a field's."""
    found = sheet_value(row_id, column)
    if found is None or not Customer.objects.for_user(actor).filter(pk=found[0].pk).exists():
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    customer, value = found
    if value.mask is not None and not sees_plainly(actor, customer):
        table = ImportRow._meta.db_table
        _record_showing(actor, customer, table, row_id, value.title[:60], reason)
    return value.text


def _record_showing(
    actor: Actor, customer: Customer, table: str, row_id: int, field: str, reason: str
) -> None:
    """Note that a covered value of a customer is shown; refused where the actor may not ask for it."""
    if not may_reveal(actor, customer):
        raise NotAllowed(
            "not_allowed",
            _("Your role does not include this. Ask the system administrator for the right."),
        )
    if len(reason) > 200:
        raise Refusal("too_long", _("Give the reason in at most 200 characters."), field="reason")
    with command(actor):
        Unmasking.objects.create(
            account_id=actor.account_id,
            login=actor.login,
            ip=actor.ip,
            table=table,
            row_id=str(row_id),
            field=field,
            reason=reason_text(reason, needed=False),
        )

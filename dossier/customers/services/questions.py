"""Answering questions on a profile, and showing a masked value (CUS-13, ORG-4)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.fields import display_value
from dossier.core.models import ImportRow, Unmasking
from dossier.core.reasons import reason_text
from dossier.core.services import command
from dossier.customers.fields import spec_of
from dossier.customers.models import BankAccount, Contact, Customer, Question
from dossier.customers.selectors import may_reveal, sees_plainly, sheet_value
from dossier.customers.services._rows import locked_customer, save_changes
from dossier.customers.states import QuestionStatus

ANSWER_LONGEST = 300


def question_answer(
    *, actor: Actor, question_id: int, answer: str, withdraw: bool = False
) -> Question:
    """Close a question with its answer, or withdraw it as none and say why; a closed one stays as it is.

    Refused where it was closed otherwise meanwhile; the same sent twice is done once.
    """
    said = reason_text(answer, field_name="answer", longest=ANSWER_LONGEST)
    with command(actor, why=said):
        nothing = NotFound("not_found", _("There is no such record, or it is not yours to see."))
        known = (
            Question.objects.filter(pk=question_id).values_list("customer_id", flat=True).first()
        )
        if known is None:
            raise nothing
        locked_customer(actor, known)
        question = Question.objects.select_for_update().get(pk=question_id)
        status = QuestionStatus.VOID if withdraw else QuestionStatus.ANSWERED
        if question.status != QuestionStatus.OPEN:
            if (question.status, question.answer) == (status, said):
                return question  # sent twice
            raise Refusal(
                "closed",
                _("This question was closed meanwhile. Nothing of yours is saved."),
                field="answer",
            )
        save_changes(question, {"status": status, "answer": said, "closed_at": timezone.now()})
        return question


_TABLES: dict[str, type[Contact] | type[BankAccount]] = {
    "customers_contact": Contact,
    "customers_bankaccount": BankAccount,
}


def value_reveal(*, actor: Actor, table: str, row_id: int, field: str, reason: str = "") -> str:
    """The plain text of a masked value; that it was shown is recorded, except to the owner (ORG-4)."""
    model = _TABLES.get(table)
    spec = spec_of(table, field)
    nothing = NotFound("not_found", _("There is no such record, or it is not yours to see."))
    if model is None or spec is None or spec.mask is None:
        raise nothing
    row: Any = model.objects.select_related("customer").filter(pk=row_id).first()
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

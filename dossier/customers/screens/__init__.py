"""Pages of customer files. Importing this registers the menu, the look-ups, search and first steps."""

from django.utils.translation import gettext_lazy

from dossier.customers.models import Customer, Question
from dossier.customers.screens import (
    bulk,
    categories,
    detail,
    edit,
    exports,
    home,
    inline,
    lists,
    lookups,
    notes,
    parts,
    pasts,
    questions,
    rules,
    search,
    steps,
    who_sees,
)
from dossier.customers.services import customers_hand_over, questions_hand_over
from dossier.customers.states import QuestionStatus
from dossier.people.holdings import HoldingKind, register_holding

register_holding(
    HoldingKind(
        key="customers",
        label=gettext_lazy("customers"),
        count=lambda employee: Customer.objects.filter(owner=employee).count(),
        hand_over=lambda actor, leaver, taker: customers_hand_over(
            actor=actor, from_employee=leaver, to_employee=taker
        ),
    )
)

register_holding(
    HoldingKind(
        key="questions",
        label=gettext_lazy("data queries asked of the person"),
        count=lambda employee: Question.objects.filter(
            asked_of=employee, status=QuestionStatus.OPEN
        ).count(),
        hand_over=lambda actor, leaver, taker: questions_hand_over(
            actor=actor, from_employee=leaver, to_employee=taker
        ),
    )
)

__all__ = [
    "bulk",
    "categories",
    "detail",
    "edit",
    "exports",
    "home",
    "inline",
    "lists",
    "lookups",
    "notes",
    "parts",
    "pasts",
    "questions",
    "rules",
    "search",
    "steps",
    "who_sees",
]

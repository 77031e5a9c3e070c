"""What an open question on a profile says, and what to do about it (CUS-13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.core.access import Actor
from dossier.core.fields import Mask, masked
from dossier.core.history.reading import Change
from dossier.core.imports.messages import IMPORT_MESSAGES, allowed_words
from dossier.core.values import PROBLEM_MESSAGES
from dossier.customers.fields import (
    BANK_ACCOUNT_FIELDS,
    CONTACT_FIELDS,
    CUSTOMER_FIELDS,
    CUSTOMER_SHEET_ONLY,
    by_name,
)
from dossier.customers.models import BankAccount, Contact, Customer, Question
from dossier.customers.registries import check_of
from dossier.customers.rules import TAX_PROBLEMS
from dossier.customers.states import QuestionStatus

_OWN_MESSAGES: Final[dict[str, str | Promise]] = {
    "not_in_post": gettext_lazy("“%(value)s” has left. Give the customer to somebody in post."),
    "unknown_owner": gettext_lazy("Nobody here is called “%(value)s”. Choose the owner."),
    "ambiguous_owner": gettext_lazy("Several employees are called “%(value)s”. Choose the owner."),
    # Who reads this need not see the other file, so it is not named here.
    "possible_duplicate": gettext_lazy(
        "Another file looks like the same company. Compare them, or ask the customer-information administrator."
    ),
    "unknown_region": gettext_lazy(
        "“%(value)s” names no administrative division. Choose the region."
    ),
    "unknown_industry": gettext_lazy(
        "No edition of the standard knows the industry “%(value)s”. Choose the nearest."
    ),
    "unknown_head_office": gettext_lazy(
        "There is no customer “%(value)s”. Choose the head office."
    ),
    "duplicate_code": gettext_lazy(
        "The code “%(value)s” stood in the sheet twice; a new one was given."
    ),
    "no_mobile": gettext_lazy(
        "“%(value)s” does not look like a mobile number. Write all its 11 digits."
    ),
    "too_long": gettext_lazy("“%(value)s” is too long for this field. Enter it shortened."),
}

_LISTS: Final = (
    (Customer, by_name(CUSTOMER_FIELDS)),
    (Contact, by_name(CONTACT_FIELDS)),
    (BankAccount, by_name(BANK_ACCOUNT_FIELDS)),
)
_BY_SHEET: Final = {
    spec.sheet_key: (model, spec)
    for model, specs in (
        *((model, tuple(specs.values())) for model, specs in _LISTS),
        (Customer, CUSTOMER_SHEET_ONLY),
    )
    for spec in specs
    if spec.sheet
}
_SENSITIVE: Final[dict[str, Mask]] = {
    spec.name: spec.mask
    for spec in (*CONTACT_FIELDS, *BANK_ACCOUNT_FIELDS)
    if spec.mask is not None
} | {
    "bank_account": Mask.TAIL,
    "bank_number": Mask.TAIL,
    "account_number": Mask.TAIL,
    "contact_mobile": Mask.PHONE,
}

_WHOLE: Final = {"profile": gettext_lazy("The whole profile"), "orders": gettext_lazy("Orders")}
"""What a question concerns that is no single field."""


def field_title(name: str) -> str:
    """The label of the field a question concerns, by the word imports know it by or by its own name."""
    name = {"filed": "filed_on"}.get(name, name)
    if name in _WHOLE:
        return str(_WHOLE[name])
    if name in _BY_SHEET:
        model, spec = _BY_SHEET[name]
        return spec.sheet_title(model)
    for model, specs in _LISTS:
        if name in specs:
            return specs[name].title(model)
    return name.replace("_", " ")


def asked_field(name: str) -> tuple[type[Customer | Contact | BankAccount], str] | None:
    """The record and the field a question concerns; None where the file has no such field."""
    name = {"filed": "filed_on"}.get(name, name)
    if name in _BY_SHEET:
        model, spec = _BY_SHEET[name]
        return model, spec.name
    return next(((model, name) for model, specs in _LISTS if name in specs), None)


def given_text(question: Question, *, plainly: bool) -> str:
    """What was given, covered where the field is sensitive and the reader does not see it plainly."""
    mask = _SENSITIVE.get(question.field)
    return question.given if mask is None or plainly else masked(question.given, mask)


def answer_text(question: Question, *, plainly: bool) -> str:
    """What was answered; an answer about a sensitive field is as sensitive as the field."""
    if plainly or not is_sensitive(question):
        return question.answer
    return masked(question.answer, Mask.ALL)


def closed_text(question: Question, *, plainly: bool) -> str:
    """What a closed question came to."""
    words = {
        "field": field_title(question.field),
        "text": answer_text(question, plainly=plainly) or "✓",
    }
    if question.status == QuestionStatus.ACCEPTED:
        return _("Accepted as it is, %(field)s: %(text)s") % words
    if question.answer_source:
        words["text"] = f"{words['text']} ({question.get_answer_source_display()})"
    if question.status == QuestionStatus.VOID:
        return _("Question withdrawn, %(field)s: %(text)s") % words
    return _("Answered, %(field)s: %(text)s") % words


def is_sensitive(question: Question) -> bool:
    """Whether the question is on a field that is covered for most readers (ORG-4)."""
    return question.field in _SENSITIVE


def covered_change(change: Change, actor: Actor) -> Change:
    """A change of a question as the history shows it: what was given and answered about a sensitive
    field is covered for those who may not unmask (ORG-4)."""
    if actor.is_system or actor.can("customers.customer", "unmask"):
        return change
    row = Question.objects.filter(pk=change.row).first()
    if row is not None and not is_sensitive(row):
        return change
    told = ("given", "answer", "params")

    def cover(columns: dict[str, Any]) -> dict[str, Any]:
        return {
            name: masked(str(value), Mask.ALL) if name in told and value else value
            for name, value in columns.items()
        }

    return replace(
        change,
        before=cover(change.before),
        after=cover(change.after),
        why=masked(change.why, Mask.ALL) if "answer" in change.after else change.why,
    )


def question_text(question: Question, *, plainly: bool) -> str:
    """The sentence that says what is doubtful and what to do, in the reader's language."""
    given = given_text(question, plainly=plainly)
    code = question.code
    if code == "bad_phone" and question.field in ("mobile", "contact_mobile"):
        code = "no_mobile"  # an area code is no advice there
    template = PROBLEM_MESSAGES.get(code) or _OWN_MESSAGES.get(code)
    if template is None:
        template = TAX_PROBLEMS.get(question.code)  # type: ignore[call-overload] # any code may be asked for
    if template is None:
        template = IMPORT_MESSAGES.get(question.code)
    if template is None and (check := check_of(question.code)) is not None:
        template = check.message
    if template is None:
        return _("“%(value)s” could not be taken as it was given. Enter the right value.") % {
            "value": given
        }
    params = dict(question.params) if isinstance(question.params, dict) else {}
    if "allowed" in params and (words := allowed_words(question.field, "customers")):
        params["allowed"] = words
    try:
        return str(template) % (params | {"value": given})
    except (KeyError, ValueError, TypeError):
        return _("“%(value)s” could not be taken as it was given. Enter the right value.") % {
            "value": given
        }

"""What an open question on a profile says, and what to do about it (CUS-13)."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.core.fields import Mask, masked
from dossier.core.imports.messages import IMPORT_MESSAGES
from dossier.core.values import PROBLEM_MESSAGES
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, CUSTOMER_FIELDS, by_name
from dossier.customers.models import BankAccount, Contact, Customer, Question
from dossier.customers.rules import TAX_PROBLEMS

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
    "unknown_customer": gettext_lazy("There is no customer “%(value)s”. Choose the head office."),
    "duplicate_code": gettext_lazy(
        "The code “%(value)s” stood in the sheet twice; a new one was given."
    ),
    "too_long": gettext_lazy("“%(value)s” is too long for this field. Enter it shortened."),
}

_LISTS: Final = (
    (Customer, by_name(CUSTOMER_FIELDS)),
    (Contact, by_name(CONTACT_FIELDS)),
    (BankAccount, by_name(BANK_ACCOUNT_FIELDS)),
)
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


def field_title(name: str) -> str:
    """The label of the field a question concerns; import names that are no field show as they are."""
    name = {"contact": "main_contact", "filed": "filed_on"}.get(name, name)
    for model, specs in _LISTS:
        if name in specs:
            return specs[name].title(model)
    return {"main_contact": _("Contact")}.get(name, name.replace("_", " "))


def given_text(question: Question, *, plainly: bool) -> str:
    """What was given, covered where the field is sensitive and the reader does not see it plainly."""
    mask = _SENSITIVE.get(question.field)
    return question.given if mask is None or plainly else masked(question.given, mask)


def question_text(question: Question, *, plainly: bool) -> str:
    """The sentence that says what is doubtful and what to do, in the reader's language."""
    given = given_text(question, plainly=plainly)
    template = PROBLEM_MESSAGES.get(question.code) or _OWN_MESSAGES.get(question.code)
    if template is None:
        template = TAX_PROBLEMS.get(question.code)  # type: ignore[call-overload] # any code may be asked for
    if template is None:
        template = IMPORT_MESSAGES.get(question.code)
    if template is None:
        return _("“%(value)s” could not be taken as it was given. Enter the right value.") % {
            "value": given
        }
    params = dict(question.params) if isinstance(question.params, dict) else {}
    try:
        return str(template) % (params | {"value": given})
    except (KeyError, ValueError, TypeError):
        return _("“%(value)s” could not be taken as it was given. Enter the right value.") % {
            "value": given
        }

"""What an import says about a row, by stable code (AUD-4).

All kinds of import share these texts, so that the same mistake is named alike everywhere. A problem
keeps its code and parameters; the sentence is made when it is shown, in the reader's language. What a
field is called is said by its entry in the department's field list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dossier.core.values import PROBLEM_MESSAGES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from dossier.core.imports.columns import KindColumns

IMPORT_MESSAGES: Final[dict[str, _StrPromise]] = {
    "missing": _("%(label)s is missing and must be there. Fill in this cell."),
    "missing_contact": _("No contact is named. Write the name of a person to ask for."),
    "missing_phone": _("No telephone number is given. Write a landline or a mobile number."),
    "check_digit": _(
        "The check digit of “%(value)s” is wrong. Compare the number with the business licence."
    ),
    "bad_length": _(
        "“%(value)s” has the wrong length for a tax number. Compare it with the business licence."
    ),
    "bad_characters": _(
        "“%(value)s” holds characters a tax number cannot have. Compare it with the business licence."
    ),
    "doubtful_length": _(
        "“%(value)s” has the length of a tax number no longer issued. Ask for the code of 18 characters."
    ),
    "digits_lost": _(
        "“%(value)s” was kept as a number by the spreadsheet and lost its last digits. Enter it again as text."
    ),
    "not_in_post": _(
        "%(value)s has left the company. The customer is brought in without an owner; name another."
    ),
    "unknown_owner": _(
        "There is no employee “%(value)s”. The customer is brought in without an owner; correct the name."
    ),
    "ambiguous_owner": _(
        "Several employees are called “%(value)s”. Write the employee number instead."
    ),
    "unknown_salesperson": _(
        "There is no employee “%(value)s”. The line is brought in without a salesperson."
    ),
    "ambiguous_salesperson": _(
        "Several employees are called “%(value)s”. Write the employee number instead."
    ),
    "unknown_supervisor": _("There is no employee “%(value)s”. The supervisor stays empty."),
    "unknown_industry": _(
        "“%(value)s” is no industry of GB/T 4754. It is kept as given; choose one on the profile."
    ),
    "unknown_category": _("There is no customer category “%(value)s” in use."),
    "unknown_head_office": _("There is no customer “%(value)s” that could be the head office."),
    "unknown_customer": _(
        "There is no customer “%(value)s”. Bring in the customer first, or let drafts be created."
    ),
    "ambiguous_customer": _("Several customers are called “%(value)s”. Write the customer code."),
    "unknown_product": _(
        "There is no product “%(value)s”. Bring in the product first, or let products be created."
    ),
    "ambiguous_product": _("Several products are called “%(value)s”. Write the product code."),
    "unknown_currency": _(
        "“%(value)s” is not a currency. Write its three letters, for example CNY."
    ),
    "currency_mismatch": _(
        "The order is in %(other)s and this line in %(value)s. An order has one currency."
    ),
    "order_void": _(
        "The order “%(value)s” is void. Restore it first, or give the line another order number."
    ),
    "duplicate_code": _(
        "The code %(value)s is already used by “%(other)s”. This row gets a new code."
    ),
    "duplicate_number": _(
        "The number %(value)s stands in this file more than once. Give each employee one number."
    ),
    "duplicate_product": _(
        "The product code %(value)s stands in this file more than once. The first row counts."
    ),
    "possible_duplicate": _(
        "Looks like %(other)s. Both are brought in; merge or correct them afterwards."
    ),
    "left_out_duplicate": _("Looks like %(other)s. It is left out, as was asked for."),
    "exists_elsewhere": _(
        "Such a customer is on file outside your reach. Ask the customer-information administrator."
    ),
    "amount_mismatch": _(
        "The amount %(value)s is not quantity × price × discount, which is %(expected)s. Correct one of them."
    ),
    "bad_discount": _(
        "“%(value)s” can be read as different discounts. Write the factor, for example 0.95."
    ),
    "bad_rate": _("“%(value)s” is no rate between 0 and 100 percent. Write 13% or 0.13."),
    "missing_cost": _("The cost is not known. The line counts in revenue, not in profit."),
    "too_long": _("This is longer than %(limit)s characters. Shorten it."),
    "negative": _("“%(value)s” is less than zero, which this column cannot be."),
    "left_before_hired": _(
        "The day of leaving lies before the day of hiring. Correct one of them."
    ),
    "leaves_later": _(
        "%(value)s has not come yet, so the person stays in post. Mark the leaving on the day itself."
    ),
    "holds_records": _(
        "%(value)s still holds customers or other records. Hand them over first; the status stays as it is."
    ),
    "not_yours": _(
        "This row is outside what you may enter or change. Ask somebody whose role reaches it."
    ),
    "total_row": _("This looks like a line of sums, not a record. Remove it from the table."),
    "unmatched_lookup": _("The key “%(value)s” is not in the look-up file %(other)s."),
}

SHORT: Final[dict[str, _StrPromise]] = {
    "missing": _("Something that must be there is missing"),
    "check_digit": _("Wrong check digit in the tax number"),
    "bad_length": _("Tax number of the wrong length"),
    "bad_characters": _("Tax number with impossible characters"),
    "doubtful_length": _("Tax number of an old length"),
    "digits_lost": _("Digits lost by the spreadsheet"),
    "not_in_post": _("The owner has left"),
    "unknown_owner": _("Unknown owner"),
    "ambiguous_owner": _("Several employees of this name"),
    "unknown_salesperson": _("Unknown salesperson"),
    "ambiguous_salesperson": _("Several employees of this name"),
    "unknown_supervisor": _("Unknown supervisor"),
    "unknown_industry": _("Unknown industry"),
    "unknown_category": _("Unknown category code"),
    "unknown_head_office": _("Unknown head office"),
    "unknown_customer": _("Unknown customer"),
    "ambiguous_customer": _("Several customers of this name"),
    "unknown_product": _("Unknown product"),
    "ambiguous_product": _("Several products of this name"),
    "unknown_currency": _("Unknown currency"),
    "currency_mismatch": _("Two currencies in one order"),
    "order_void": _("The order is void"),
    "duplicate_code": _("Customer code used twice"),
    "duplicate_number": _("Employee number used twice"),
    "duplicate_product": _("Product code used twice"),
    "possible_duplicate": _("Perhaps the same company"),
    "left_out_duplicate": _("Left out as perhaps the same company"),
    "exists_elsewhere": _("On file outside your reach"),
    "amount_mismatch": _("The amount does not match"),
    "bad_discount": _("Unclear discount"),
    "bad_rate": _("Impossible rate"),
    "missing_cost": _("Cost not known"),
    "too_long": _("Too long"),
    "negative": _("Less than zero"),
    "left_before_hired": _("Left before hired"),
    "leaves_later": _("Leaves later"),
    "holds_records": _("Still holds records"),
    "not_yours": _("Outside your reach"),
    "total_row": _("A line of sums"),
    "unmatched_lookup": _("Not in the look-up file"),
    "bad_date": _("Not a date"),
    "impossible_date": _("A day that does not exist"),
    "ambiguous_date": _("A date that can be read in two ways"),
    "bad_number": _("Not a number"),
    "too_large": _("Number too large"),
    "too_many_places": _("Too many decimals"),
    "bad_count": _("Not a whole number"),
    "bad_phone": _("Doubtful telephone number"),
    "bad_mobile": _("Doubtful mobile number"),
    "bad_email": _("Doubtful e-mail address"),
    "bad_code": _("Not a valid code"),
    "bad_yes_no": _("Neither yes nor no"),
    "bad_choice": _("Not one of the allowed values"),
}
"""Heading of a group of equal problems."""

_WHOLE_ROW: Final = pgettext_lazy("the whole row of a table", "Row")


def problem_text(code: str, field: str, params: Mapping[str, Any], kind: str = "") -> str:
    """The sentence about a problem in the language active now; see `field_label` for ``kind``."""
    message = (
        IMPORT_MESSAGES.get(f"{code}_{field}")
        or IMPORT_MESSAGES.get(code)
        or PROBLEM_MESSAGES.get(code)
    )
    if message is None:
        return code
    filled = {
        "value": "",
        "other": "",
        "expected": "",
        "limit": "",
        "label": field_label(field, kind),
        **params,
    }
    if "allowed" in filled and (words := allowed_words(field, kind)):
        filled["allowed"] = words
    return str(message) % filled


def field_label(field: str, kind: str = "") -> str:
    """What the field list of this kind calls a field, in the language active now.

    Without a kind the first that knows the field speaks; an unknown field is its own name.
    """
    if field == "row":
        return str(_WHOLE_ROW)
    found = (columns.label_of(field) for columns in _columns(kind))
    return next((label for label in found if label), field)


def allowed_words(field: str, kind: str = "") -> str:
    """The values a choice can have, as people read them; empty where the field is none."""
    found = (columns.choices_of(field) for columns in _columns(kind))
    return gettext(", ").join(next((words for words in found if words), []))


def _columns(kind: str) -> list[KindColumns]:
    # The registry's own modules speak through this one, so it is asked for only when needed.
    from dossier.core.imports.registry import kinds

    return [one.columns for one in kinds() if kind in ("", one.key)]


def short_text(code: str) -> str:
    """The heading of a group of problems with this code."""
    short = SHORT.get(code)
    return code if short is None else str(short)

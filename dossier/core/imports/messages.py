"""What an import says about a row, by stable code, and the names of the fields it speaks of (AUD-4).

All kinds of import share these texts, so that the same mistake is named alike everywhere. A problem
keeps its code and parameters; the sentence is made when it is shown, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossier.core.values import PROBLEM_MESSAGES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

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
    "unknown_category": _("There is no customer category with the code “%(value)s”."),
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
    "holds_records": _(
        "%(value)s still holds customers or other records. Hand them over first; the status stays as it is."
    ),
    "not_yours": _(
        "This row is outside what you may enter or change. Ask somebody whose role reaches it."
    ),
    "total_row": _("This looks like a line of sums, not a record. Remove it from the table."),
    "unmatched_lookup": _("The key “%(value)s” is not in the look-up file %(other)s."),
    "leading_zero": _("The code %(value)s stands for %(other)s."),
    "unreadable": _("This row cannot be read."),
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
    "amount_mismatch": _("The amount does not match"),
    "bad_discount": _("Unclear discount"),
    "bad_rate": _("Impossible rate"),
    "missing_cost": _("Cost not known"),
    "too_long": _("Too long"),
    "negative": _("Less than zero"),
    "left_before_hired": _("Left before hired"),
    "holds_records": _("Still holds records"),
    "not_yours": _("Outside your reach"),
    "total_row": _("A line of sums"),
    "unmatched_lookup": _("Not in the look-up file"),
    "unreadable": _("Cannot be read"),
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

FIELD_LABELS: Final[dict[str, _StrPromise]] = {
    "number": _("Employee number"),
    "last_name": _("Family name"),
    "first_name": _("Given name"),
    "team": _("Team"),
    "position": _("Position"),
    "supervisor": _("Supervisor"),
    "status": _("Status"),
    "hired_on": _("Hired on"),
    "left_on": _("Left on"),
    "login": _("Login"),
    "code": _("Code"),
    "name": _("Name"),
    "short_name": _("Short name"),
    "invoice_name": _("Name on invoices"),
    "category_code": _("Category code"),
    "category": _("Category"),
    "address": _("Address"),
    "city": _("City"),
    "region": _("Region"),
    "country": _("Country"),
    "postal_code": _("Postal code"),
    "contact": _("Contact"),
    "contact_post": _("Post of the contact"),
    "phone": _("Telephone"),
    "mobile": _("Mobile"),
    "fax": _("Fax"),
    "email": _("E-mail"),
    "im": _("Chat account"),
    "website": _("Web site"),
    "industry": _("Industry"),
    "enterprise_form": _("Form of enterprise"),
    "organisation_form": _("Organisation form"),
    "grade": _("Grade"),
    "credit_class": _("Credit class"),
    "credit_limit": _("Credit limit"),
    "payment_term_days": _("Payment term (days)"),
    "settlement": _("Way of settlement"),
    "tax_number": _("Tax number"),
    "legal_representative": _("Legal representative"),
    "manager": _("Manager"),
    "bank": _("Bank of deposit"),
    "bank_account": _("Account number"),
    "owner": _("Owner"),
    "filed_on": _("Filed on"),
    "first_contact_on": _("First contact"),
    "first_deal_on": _("First deal"),
    "source": _("Source"),
    "registered_capital": _("Registered capital"),
    "assets": _("Assets"),
    "annual_revenue": _("Annual revenue"),
    "founded_on": _("Founding date"),
    "employee_count": _("Employee count"),
    "scale": _("Scale"),
    "business_scope": _("Business scope"),
    "delivery_address": _("Delivery address"),
    "invoice_address": _("Invoice address"),
    "head_office_code": _("Head office code"),
    "head_office": _("Head office"),
    "currency": _("Currency"),
    "remark": _("Remark"),
    "specification": _("Specification"),
    "unit": _("Unit"),
    "product_class": _("Class"),
    "family": _("Product family"),
    "cost": _("Cost"),
    "list_price": _("List price"),
    "tax_rate": _("Tax rate"),
    "discontinued": _("Discontinued"),
    "safety_stock": _("Safety stock"),
    "barcode": _("Bar code"),
    "brand": _("Brand"),
    "order_number": _("Order number"),
    "line_number": _("Line number"),
    "date": _("Date"),
    "customer_code": _("Customer code"),
    "customer_name": _("Customer name"),
    "product_code": _("Product code"),
    "product_name": _("Product name"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "discount": _("Discount"),
    "amount": _("Amount"),
    "unit_cost": _("Unit cost"),
    "other_cost": _("Other cost"),
    "salesperson": _("Salesperson"),
    "row": pgettext_lazy("the whole row of a table", "Row"),
}
"""What a field is called; every field of every kind's columns is a key."""


KINDS: Final[dict[str, tuple[_StrPromise, _StrPromise]]] = {
    "employees": (
        _("Employees"),
        _("People with their team, position, supervisor; nobody gets a sign-in by this"),
    ),
    "customers": (_("Customers"), _("Companies with their contact, telephone, address, owner")),
    "products": (_("Products"), _("What is sold: code, name, family, cost, price, tax rate")),
    "sales": (
        _("Sales lines"),
        _("Orders with customer, product, quantity, price, cost, salesperson"),
    ),
}
"""What a kind of import is called, and what its files hold."""

CREATES: Final[dict[str, tuple[_StrPromise, _StrPromise]]] = {
    "products": (_("Create products that are missing"), _("With the code and name in the lines.")),
    "customers": (
        _("Create customers that are missing"),
        _("As drafts to be completed: code and name, nothing more."),
    ),
}
"""What lines may create, and how."""


def problem_text(code: str, field: str, params: Mapping[str, Any]) -> str:
    """The sentence about a problem in the language active now."""
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
        "label": field_label(field),
        **params,
    }
    return str(message) % filled


def field_label(field: str) -> str:
    """The name of a field in the language active now; an unknown one is its own name."""
    label = FIELD_LABELS.get(field)
    return field if label is None else str(label)


def short_text(code: str) -> str:
    """The heading of a group of problems with this code."""
    short = SHORT.get(code)
    return code if short is None else str(short)

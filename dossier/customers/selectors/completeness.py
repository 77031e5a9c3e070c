"""The items of completeness: what each asks for, when it is unanswered, where it is filled in (CUS-9, CUS-13)."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.fields import Surface
from dossier.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS, by_name
from dossier.customers.models import BankAccount, Contact, Customer


class Place(NamedTuple):
    """Where an item is filled in: a form (profile, contact, account, notes) and its input."""

    form: str
    name: str = ""


_PROFILE: Final = by_name(CUSTOMER_FIELDS)
_CONTACT: Final = by_name(CONTACT_FIELDS)

_ON_PROFILE: Final = (
    "address", "region", "grade", "category", "industry", "nature", "direct", "enterprise_form",
    "tax_number", "legal_representative", "registered_capital", "founded_on", "employee_count", "scale",
    "organisation_form", "assets", "business_line", "business_scope", "registered_address",
    "delivery_address", "invoice_address", "phone", "email", "website", "credit_limit",
    "payment_term_days", "owner", "source", "first_contact_on",
)  # fmt: skip
_ON_CONTACT: Final = ("post", "mobile", "email", "decision_role", "gender", "birthday", "interests")

_REGION_TEST: Final = (
    "c.region_id IS NULL OR EXISTS (SELECT 1 FROM core_region x WHERE x.parent_id = c.region_id)"
)


def _blank(model: type[Customer | Contact], alias: str, name: str) -> str:
    column = model._meta.get_field(name)
    at = f"{alias}.{column.column}"  # type: ignore[union-attr] # a real field
    return f"{at} IS NULL" if column.null else f"coalesce({at}, '') = ''"


def _notes(kinds: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        "NOT EXISTS (SELECT 1 FROM customers_note n WHERE n.customer_id = c.id"  # noqa: S608 - own words
        f" AND n.kind IN ({listed}))"
    )


BLANKS: Final[dict[str, str]] = {
    **{name: _blank(Customer, "c", name) for name in _ON_PROFILE},
    "region": _REGION_TEST,
    **{f"contact.{name}": _blank(Contact, "k", name) for name in _ON_CONTACT},
    "account": "NOT EXISTS (SELECT 1 FROM customers_bankaccount b WHERE b.customer_id = c.id AND b.is_active)",
    "needs": _notes(("need", "preference", "tendency", "wish", "intention")),
    "characteristics": _notes(
        ("market", "ideas", "methods", "policy", "staff", "sales", "potential", "local")
    ),
    "competitors": _notes(("competitor",)),
}
"""When an item holds nothing, as SQL over ``c`` (customer) and ``k`` (its main contact)."""

_TITLES: Final[dict[str, str | Promise]] = {
    "address": _("Full street address"),
    "region": _("Region, at least the district"),
    "account": BankAccount._meta.get_field("bank").verbose_name,
    "needs": _("Needs and preferences"),
    "characteristics": _("Characteristics"),
    "competitors": _("Competitors they buy from"),
}


def item_title(key: str) -> str:
    """What an item asks for, in the reader's language."""
    if key in _TITLES:
        text = str(_TITLES[key])
        return text[:1].upper() + text[1:]
    if key.startswith("contact."):
        name = key.partition(".")[2]
        return str(_("Primary contact: %(field)s") % {"field": _CONTACT[name].title(Contact)})
    return _PROFILE[key].title(Customer)


def item_place(key: str) -> Place:
    """Where an item is filled in."""
    if key.startswith("contact."):
        return Place("contact", key.partition(".")[2])
    if key in _PROFILE:
        return Place("profile", key if _PROFILE[key].on(Surface.FORM) else "")
    return Place("account" if key == "account" else "notes")

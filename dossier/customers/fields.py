"""The field lists of customers, contacts and bank accounts: one entry per field for every surface."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossier.core.fields import FieldSpec, Kind, Mask, Surface, field

_LIST, _FILTER, _FORM = Surface.LIST, Surface.FILTER, Surface.FORM
_IMPORT, _EXPORT, _DETAIL = Surface.IMPORT, Surface.EXPORT, Surface.DETAIL
_PLAIN: Final = (_FILTER,)  # searched rather than filtered
_ASIDE: Final = (_LIST, _FILTER)  # on the profile and the form only

GROUPS: Final = MappingProxyType(
    {
        "identity": _("Name and number"),
        "classification": _("Classification"),
        "reach": _("Addresses and telephone"),
        "enterprise": _("The enterprise"),
        "terms": _("Terms"),
        "ours": _("Our side"),
    }
)

CUSTOMER_FIELDS: Final[tuple[FieldSpec, ...]] = (
    # identity
    field(
        "name", Kind.TEXT, off=_PLAIN, group="identity", must=True, sort=True, default_column=True
    ),
    field("short_name", Kind.TEXT, off=_PLAIN, group="identity"),
    field(
        "code",
        Kind.TEXT,
        off=_PLAIN,
        group="identity",
        sort=True,
        default_column=True,
        help=_("Left blank, the next number is given."),
    ),
    field(
        "invoice_name",
        Kind.TEXT,
        off=_ASIDE,
        group="identity",
        help=_("Left blank, the customer name."),
    ),
    field(
        "tax_number",
        Kind.TEXT,
        off=_PLAIN,
        group="identity",
        na=True,
        label=_("Unified social credit code / tax number"),
    ),
    field("status", Kind.CHOICE, off=(_FORM, _IMPORT), group="identity"),
    field("kind", Kind.CHOICE, off=(_LIST, _FILTER, _FORM, _IMPORT), group="identity"),
    # classification
    field("grade", Kind.CHOICE, group="classification", default_column=True),
    field("category", Kind.CHOICE, group="classification", default_column=True),
    field("category_node", Kind.REF, lookup="category", group="classification", na=True),
    field("region", Kind.REF, lookup="region", group="classification", default_column=True),
    field("industry", Kind.REF, lookup="industry", group="classification", na=True),
    field(
        "industry_given", Kind.TEXT, off=(_LIST, _FILTER, _FORM, _IMPORT), group="classification"
    ),
    field("credit_class_stated", Kind.CHOICE, group="classification"),
    field("direct", Kind.CHOICE, group="classification"),
    field("nature", Kind.CHOICE, group="classification"),
    field("head_office", Kind.REF, off=_ASIDE, lookup="customer", group="classification", na=True),
    # reach
    field("address", Kind.TEXT, off=_PLAIN, group="reach", wide=True),
    field("registered_address", Kind.TEXT, off=_ASIDE, group="reach", na=True, wide=True),
    field("delivery_address", Kind.TEXT, off=_ASIDE, group="reach", na=True, wide=True),
    field("invoice_address", Kind.TEXT, off=_ASIDE, group="reach", na=True, wide=True),
    field("postal_code", Kind.TEXT, off=_ASIDE, group="reach"),
    field("phone", Kind.PHONE, off=_PLAIN, group="reach", must=True, default_column=True),
    field("fax", Kind.PHONE, off=_ASIDE, group="reach", na=True),
    field("email", Kind.EMAIL, off=_PLAIN, group="reach", na=True),
    field("website", Kind.WEB, off=_ASIDE, group="reach", na=True),
    # enterprise
    field("enterprise_form", Kind.CHOICE, group="enterprise"),
    field("organisation_form", Kind.TEXT, off=_ASIDE, group="enterprise", na=True),
    field("legal_representative", Kind.TEXT, off=_PLAIN, group="enterprise", na=True),
    field("registered_capital", Kind.MONEY, group="enterprise", na=True, unit=_("CNY"), sort=True),
    field("assets", Kind.MONEY, off=_ASIDE, group="enterprise", na=True, unit=_("CNY")),
    field("founded_on", Kind.DATE, group="enterprise", na=True, sort=True),
    field("employee_count", Kind.COUNT, group="enterprise", na=True, sort=True),
    field("scale", Kind.TEXT, off=_PLAIN, group="enterprise", na=True),
    field("business_line", Kind.TEXT, off=_PLAIN, group="enterprise", na=True, wide=True),
    field("business_scope", Kind.LONG, off=_ASIDE, group="enterprise", na=True, wide=True),
    # terms
    field("credit_limit", Kind.MONEY, group="terms", na=True, unit=_("CNY"), sort=True),
    field("payment_term_days", Kind.COUNT, off=_PLAIN, group="terms", na=True, unit=_("days")),
    # ours
    field("owner", Kind.REF, lookup="employee", group="ours", default_column=True),
    field("source", Kind.CHOICE, group="ours"),
    field("filed_on", Kind.DATE, group="ours", sort=True, default_column=True),
    field("first_contact_on", Kind.DATE, group="ours", na=True, sort=True),
    field("first_deal_on", Kind.DATE, group="ours", na=True, sort=True),
    field("remark", Kind.LONG, off=_ASIDE, group="ours", wide=True),
    field(
        "archive_reason",
        Kind.TEXT,
        off=(_LIST, _FILTER, _FORM, _IMPORT),
        group="ours",
        label=_("Reason of archiving"),
    ),
    field(
        "updated_at",
        Kind.DATE,
        off=(_DETAIL, _FILTER, _FORM, _IMPORT),
        group="ours",
        sort=True,
        label=_("Last changed"),
    ),
)

_OWN_PART: Final = (_LIST, _FILTER)
_NOT_IN_FILES: Final = (_LIST, _FILTER, _IMPORT)

CONTACT_FIELDS: Final[tuple[FieldSpec, ...]] = (
    field("name", Kind.TEXT, off=(_FILTER,), must=True, label=pgettext_lazy("of a person", "Name")),
    field("is_main", Kind.BOOL, off=(_FILTER, _IMPORT)),
    field("is_active", Kind.BOOL, off=_NOT_IN_FILES),
    field("kind", Kind.CHOICE, off=_NOT_IN_FILES, must=True),
    field("post", Kind.TEXT, off=(_FILTER,)),
    field("phone", Kind.PHONE, off=(_FILTER,)),
    field("mobile", Kind.PHONE, off=(_FILTER,), mask=Mask.PHONE),
    field("email", Kind.EMAIL, off=(_FILTER,), na=True),
    field("decision_role", Kind.TEXT, off=_OWN_PART, na=True),
    field("gender", Kind.CHOICE, off=_OWN_PART),
    field("birthday", Kind.DATE, off=_OWN_PART, mask=Mask.ALL, na=True),
    field("education", Kind.TEXT, off=_OWN_PART, mask=Mask.ALL, na=True),
    field("work_background", Kind.LONG, off=_OWN_PART, mask=Mask.ALL, na=True, wide=True),
    field("personality", Kind.TEXT, off=_OWN_PART, mask=Mask.ALL, na=True),
    field("interests", Kind.TEXT, off=_OWN_PART, mask=Mask.ALL, na=True),
    field("family", Kind.TEXT, off=_OWN_PART, mask=Mask.ALL, na=True),
    field("ability", Kind.TEXT, off=_OWN_PART, mask=Mask.ALL, na=True),
    field("remark", Kind.LONG, off=_OWN_PART, wide=True),
)

BANK_ACCOUNT_FIELDS: Final[tuple[FieldSpec, ...]] = (
    field("bank", Kind.TEXT, off=(_FILTER,)),
    field("number", Kind.TEXT, off=(_FILTER,), mask=Mask.TAIL),
    field("is_usual", Kind.BOOL, off=(_FILTER, _IMPORT)),
    field("is_active", Kind.BOOL, off=_NOT_IN_FILES),
    field("remark", Kind.TEXT, off=_NOT_IN_FILES),
)

_RECORD: Final = {
    "id": "the database's own key",
    "version": "guards against stale edits",
    "created_at": "shown by the time line",
}
UNLISTED: Final[dict[str, dict[str, str]]] = {
    "Customer": _RECORD
    | {
        "not_applicable": "shown at each field it names",
        "archived_at": "shown by the time line",
        "main_contact": "repeats the primary contact",
        "main_phone": "repeats a telephone",
        "name_key": "derived, for comparing",
        "sort_key": "derived, orders the list",
        "pinyin": "derived, for searching",
        "search_text": "derived, for searching",
    },
    "Contact": _RECORD
    | {
        "customer": "the profile it stands on",
        "not_applicable": "shown at each field it names",
        "updated_at": "shown by the time line",
    },
    "BankAccount": _RECORD
    | {"customer": "the profile it stands on", "updated_at": "shown by the time line"},
}
"""Model fields on no surface, and why."""

_BY_TABLE: Final = {
    "customers_customer": {spec.name: spec for spec in CUSTOMER_FIELDS},
    "customers_contact": {spec.name: spec for spec in CONTACT_FIELDS},
    "customers_bankaccount": {spec.name: spec for spec in BANK_ACCOUNT_FIELDS},
}


def spec_of(table: str, name: str) -> FieldSpec | None:
    """The entry of a field by database table; None where the field is on no surface."""
    return _BY_TABLE.get(table, {}).get(name)


def by_name(specs: tuple[FieldSpec, ...]) -> dict[str, FieldSpec]:
    """Entries by the name of their field."""
    return {spec.name: spec for spec in specs}

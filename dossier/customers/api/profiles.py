"""Customer files."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, Body, body
from dossier.core.api.records import (
    REFERS,
    Narrow,
    Record,
    Refers,
    Shown,
    filters_of,
    shown_fields,
    sorts_of,
)
from dossier.core.api.routes import Call, Json, Routes
from dossier.core.api.scopes import ObjectType
from dossier.core.fields import Mask, masked
from dossier.core.models import Region
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, CUSTOMER_FIELDS
from dossier.customers.models import (
    BankAccount,
    Contact,
    Customer,
    CustomerAlias,
    CustomerCategory,
)
from dossier.customers.selectors import (
    has_open_question,
    same_category,
    same_industry,
    same_region,
    search,
)
from dossier.customers.services import (
    customer_archive,
    customer_assign,
    customer_create,
    customer_restore,
    customer_update,
)

REFERS["customer"] = Refers((("id", "pk"), ("code", "code"), ("name", "name")))
REFERS["category"] = Refers((("id", "pk"), ("code", "code"), ("name", "name")))

CUSTOMERS = Routes(
    ObjectType("customers", _("Customers, contacts, bank accounts"), ("customers.customer",)),
    "customers.customer",
)
VERSION = (kinds.VERSION, REQUIRED, _("The version you read"))
WHY = (kinds.text(200), "", _("Reason, kept in the history"))
NONE_TITLE = _("Fields answered “not applicable”")
REASON = body(
    "Reason",
    reason=(kinds.text(200, shortest=1), REQUIRED, _("Reason, kept in the history")),
    version=VERSION,
)


def rows(actor: Actor) -> Any:
    """The customers the actor may see; a head office outside the reach does not exist (law 3)."""
    return Customer.objects.for_user(actor)


# Towns ---------------------------------------------------------------------------------------------------

_NO_TOWN = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")


@cache
def _divisions() -> dict[str, tuple[str, int]]:
    return {
        code: (name, level)
        for code, name, level in Region.objects.values_list("code", "name", "level")
    }


def town(code: str | None) -> str:
    """The town of a division: its prefecture, or the municipality; empty for a whole province."""
    if not code:
        return ""
    known = _divisions()
    name, level = known.get(f"{code[:4]}00", ("", 0))
    if level == 2 and name not in _NO_TOWN:
        return name
    province = known.get(f"{code[:2]}0000", ("", 0))[0]
    if province.endswith("市"):
        return province
    return known[code][0] if code in known and known[code][1] == 3 else ""


# What is shown -------------------------------------------------------------------------------------------


def none_of(specs: Any) -> Shown:
    """Which fields are answered 'not applicable' (CUS-7)."""
    names = [spec.name for spec in specs if spec.na]
    return Shown(
        "not_applicable",
        ("not_applicable",),
        lambda: {"type": "array", "items": {"type": "string"}, "examples": [names[:1]]},
        title=NONE_TITLE,
    )


_TEXT: kinds.Schema = {"type": "string"}


class _Customers(Record):
    """Customers; the head office is shown only where the reader may see it."""

    def _objects(self, actor: Actor, rows: Any, chosen: Any, extra: Any) -> Any:
        items, keys = super()._objects(actor, rows, chosen, extra)
        heads = {made["head_office"]["id"] for made in items if made.get("head_office")}
        if heads:
            seen = set(
                Customer.objects.for_user(actor).filter(pk__in=heads).values_list("pk", flat=True)
            )
            for made in items:
                if made.get("head_office") and made["head_office"]["id"] not in seen:
                    made["head_office"] = None
        return items, keys


def _in_category(found: Any, value: int, actor: Actor) -> Any:
    row = CustomerCategory.objects.filter(pk=value).first()
    return same_category(found, row) if row is not None else found.none()


_narrow: dict[str, Callable[[Any, Any, Actor], Any]] = {
    "region": lambda found, value, actor: same_region(found, value),
    "industry": lambda found, value, actor: same_industry(found, value),
    "category_node": _in_category,
}

CUSTOMER = _Customers(
    name="Customer",
    rows=rows,
    shown=[
        *shown_fields(Customer, CUSTOMER_FIELDS),
        none_of(CUSTOMER_FIELDS),
        Shown(
            "main_contact",
            ("main_contact",),
            lambda: _TEXT,
            title=_("Primary contact"),
        ),
        Shown(
            "main_phone",
            ("phone", "main_phone"),
            lambda: _TEXT,
            lambda phone, main: phone or masked(main, Mask.PHONE),
            title=_("Telephone"),
            description=_("The customer's own, else the first of a contact, covered."),
        ),
        Shown(
            "city",
            ("region_id",),
            lambda: _TEXT,
            town,
            title=_("City"),
            description=_("The prefecture or municipality of the region."),
        ),
    ],
    sorts=sorts_of(Customer, CUSTOMER_FIELDS, name="sort_key"),
    default_sort="name",
    filters=[
        *filters_of(Customer, CUSTOMER_FIELDS, **_narrow),
        Narrow("code", kinds.text(20, shortest=1), lambda found, value, actor: found.filter(Q(code=value) | Q(pk__in=CustomerAlias.objects.filter(code=value).values("customer_id"))), _("Customer code, also a former one")),
        Narrow("head_office", kinds.ID_PARAMETER, lambda found, value, actor: found.filter(head_office__in=rows(actor).filter(pk=value)), _("Head office")),
        Narrow("questions", kinds.YES_PARAMETER, lambda found, value, actor: has_open_question(found, value), _("Has open questions")),
        Narrow("unassigned", kinds.YES_PARAMETER, lambda found, value, actor: found.filter(owner__isnull=value), _("Without owner")),
    ],
    search=lambda found, text, actor: search(actor, found, text),
    listed=(
        "id", "version", "code", "name", "short_name", "status", "grade", "category", "region",
        "city", "owner", "phone", "main_phone", "main_contact", "email", "filed_on", "updated_at",
    ),
)  # fmt: skip
CUSTOMERS.records(
    "/customers",
    CUSTOMER,
    plural="customers",
    summary=(_("List customers"), _("Read a customer")),
)

# What is written -----------------------------------------------------------------------------------------

NONE = kinds.several(kinds.text(40))
CONTACT_PART = body(
    "CustomerContact",
    Contact,
    CONTACT_FIELDS,
    must=("name",),
    not_applicable=(NONE, None, NONE_TITLE),
)
ACCOUNT_PART = body("CustomerBankAccount", BankAccount, BANK_ACCOUNT_FIELDS)
_NEW = body(
    "CustomerNew",
    Customer,
    CUSTOMER_FIELDS,
    must=("name",),
    contacts=(kinds.several(CONTACT_PART), REQUIRED, _("Contacts; the first is the primary one")),
    bank_accounts=(kinds.several(ACCOUNT_PART), None, _("Bank accounts")),
    not_applicable=(NONE, None, NONE_TITLE),
    why=WHY,
)
_CHANGE = body(
    "CustomerChange",
    Customer,
    CUSTOMER_FIELDS,
    not_applicable=(NONE, None, NONE_TITLE),
    why=WHY,
    version=VERSION,
)


@CUSTOMERS.write(
    "POST", "/customers", summary=_("Open a customer's file"), needs="add", body=_NEW,
    record=CUSTOMER, status=201,
    description=_("Needs a name, a contact and a telephone number. Without a code the next is given; without an owner it is yours."),
)  # fmt: skip
def create_customer(call: Call, body: Body) -> Json:
    """Open a file with its contacts and accounts."""
    contacts, accounts = body.pop("contacts"), body.pop("bank_accounts", None) or []
    made = customer_create(
        actor=call.actor,
        contacts=contacts,
        bank_accounts=accounts,
        not_applicable=body.pop("not_applicable", None) or [],
        why=body.pop("why", ""),
        data=body,
    )
    return CUSTOMER.one(call.actor, made.pk)


@CUSTOMERS.write(
    "PATCH", "/customers/{id}", summary=_("Change a customer"), needs="change", body=_CHANGE,
    record=CUSTOMER, shows=True,
    description=_("Only the fields sent are changed; null or an empty text clears one."),
)  # fmt: skip
def update_customer(call: Call, id: int, body: Body) -> Json:
    """Edit a profile."""
    customer_update(
        actor=call.actor,
        customer_id=id,
        expected_version=body.pop("version"),
        not_applicable=body.pop("not_applicable", None),
        why=body.pop("why", ""),
        changes=body,
    )
    return CUSTOMER.one(call.actor, id)


@CUSTOMERS.write(
    "POST", "/customers/{id}/assign", summary=_("Give a customer to an owner"), needs="assign",
    body=body(
        "CustomerAssign", owner=(kinds.ID, REQUIRED, _("Owner")), reason=WHY, version=VERSION
    ),
    record=CUSTOMER, shows=True,
)  # fmt: skip
def assign_customer(call: Call, id: int, body: Body) -> Json:
    """Give a customer to an owner in post."""
    customer_assign(
        actor=call.actor,
        customer_id=id,
        owner=body["owner"],
        reason=body.get("reason") or "",
        expected_version=body["version"],
    )
    return CUSTOMER.one(call.actor, id)


@CUSTOMERS.write(
    "POST", "/customers/{id}/archive", summary=_("Archive a customer"), needs="archive",
    body=REASON, record=CUSTOMER, shows=True,
)  # fmt: skip
def archive_customer(call: Call, id: int, body: Body) -> Json:
    """End the relationship; the file stays."""
    customer_archive(
        actor=call.actor,
        customer_id=id,
        reason=body["reason"],
        expected_version=body["version"],
    )
    return CUSTOMER.one(call.actor, id)


@CUSTOMERS.write(
    "POST", "/customers/{id}/restore", summary=_("Take an archived customer up again"),
    needs="archive", body=REASON, record=CUSTOMER, shows=True,
)  # fmt: skip
def restore_customer(call: Call, id: int, body: Body) -> Json:
    """Take an ended relationship up again."""
    customer_restore(
        actor=call.actor,
        customer_id=id,
        reason=body["reason"],
        expected_version=body["version"],
    )
    return CUSTOMER.one(call.actor, id)

"""Products and their families through the API (ORD-1, SYS-3). Cost is for those who may see cost."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.catalog.fields import PRODUCT_FIELDS
from dossier.catalog.models import Product, ProductFamily
from dossier.catalog.selectors import search_products
from dossier.catalog.services import (
    family_get_or_create,
    product_create,
    product_discontinue,
    product_resume,
    product_update,
)
from dossier.core.access import Actor
from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, Body, body, record, with_records
from dossier.core.api.records import (
    REFERS,
    Narrow,
    Record,
    Refers,
    Shown,
    Sort,
    filters_of,
    shown_fields,
    sorts_of,
)
from dossier.core.api.routes import Call, Json, Routes
from dossier.core.api.scopes import ObjectType
from dossier.core.errors import NotAllowed

REFERS["family"] = Refers((("id", "pk"), ("name", "name")))
REFERS["product"] = Refers((("id", "pk"), ("code", "code"), ("name", "name")))
_COST = "catalog.product.cost"
_VERSION = (kinds.VERSION, REQUIRED, _("The version you read"))
_TEXT: kinds.Schema = {"type": "string"}


class _Products(Record):
    """Products; nobody learns of costs by putting products in their order."""

    def page(self, actor: Actor, rows: Any, **more: Any) -> Json:
        """One page."""
        if more["sort"].removeprefix("-") == "cost" and not actor.can(*_COST.rsplit(".", 1)):
            raise NotAllowed(
                "not_allowed", _("Your role does not include seeing cost."), field="sort"
            )
        return super().page(actor, rows, **more)


PRODUCTS = Routes(
    ObjectType("products", _("Products and families"), ("catalog.product", "catalog.family")),
    "catalog.product",
)
PRODUCT = _Products(
    name="Product",
    rows=Product.objects.for_user,
    shown=shown_fields(Product, PRODUCT_FIELDS, rights={"cost": _COST}),
    sorts=sorts_of(Product, PRODUCT_FIELDS) | {"name": Sort("sort_key")},
    default_sort="name",
    filters=[
        *filters_of(Product, PRODUCT_FIELDS),
        Narrow(
            "code",
            kinds.text(50, shortest=1),
            lambda rows, value, actor: rows.filter(code=value),
            _("Product code"),
        ),
    ],
    search=lambda rows, text, actor: search_products(rows, text),
)
PRODUCTS.records(
    "/products", PRODUCT, plural="products", summary=(_("List products"), _("Read a product"))
)


@PRODUCTS.write(
    "POST", "/products", summary=_("Enter a product"), needs="add",
    body=body("ProductNew", Product, PRODUCT_FIELDS, must=("code",)), record=PRODUCT, status=201,
)  # fmt: skip
def create_product(call: Call, body: Body) -> Json:
    """Enter a product."""
    values = with_records(call.actor, PRODUCT_FIELDS, body)
    return PRODUCT.one(call.actor, product_create(actor=call.actor, values=values).pk)


@PRODUCTS.write(
    "PATCH", "/products/{id}", summary=_("Change a product"), needs="change",
    body=body("ProductChange", Product, PRODUCT_FIELDS, version=_VERSION),
    record=PRODUCT, shows=True,
)  # fmt: skip
def update_product(call: Call, id: int, body: Body) -> Json:
    """Only the fields sent are changed."""
    version = body.pop("version")
    Product.objects.reachable(call.actor, id, "change")
    product_update(
        actor=call.actor,
        product_id=id,
        expected_version=version,
        values=with_records(call.actor, PRODUCT_FIELDS, body),
    )
    return PRODUCT.one(call.actor, id)


_VERSIONED = body("ProductVersion", version=_VERSION)


@PRODUCTS.write(
    "POST", "/products/{id}/discontinue", summary=_("Take a product off sale"), needs="change",
    body=_VERSIONED, record=PRODUCT, shows=True,
)  # fmt: skip
def discontinue_product(call: Call, id: int, body: Body) -> Json:
    """What was sold stays as it is."""
    product_discontinue(actor=call.actor, product_id=id, expected_version=body["version"])
    return PRODUCT.one(call.actor, id)


@PRODUCTS.write(
    "POST", "/products/{id}/resume", summary=_("Put a product on sale again"), needs="change",
    body=_VERSIONED, record=PRODUCT, shows=True,
)  # fmt: skip
def resume_product(call: Call, id: int, body: Body) -> Json:
    """It can be ordered again."""
    product_resume(actor=call.actor, product_id=id, expected_version=body["version"])
    return PRODUCT.one(call.actor, id)


# Families ------------------------------------------------------------------------------------------------

_PATHS, _MAKE = REFERS["family"].shown("parent")
FAMILY = Record(
    name="ProductFamily",
    rows=ProductFamily.objects.for_user,
    shown=[
        *shown_fields(ProductFamily, ()),
        Shown("name", ("name",), lambda: _TEXT, title=_("Name")),
        Shown(
            "parent",
            _PATHS,
            lambda: kinds.nullable(REFERS["family"].document(coded=False)),
            _MAKE,
            title=_("Belongs to"),
        ),
    ],
    sorts={"name": Sort("name")},
    default_sort="name",
    search=lambda rows, text, actor: rows.filter(name__icontains=text),
)
PRODUCTS.records(
    "/product-families",
    FAMILY,
    plural="product_families",
    summary=(_("List product families"), _("Read a product family")),
    needs=("catalog.family.view",),
)


@PRODUCTS.write(
    "POST", "/product-families", summary=_("Make a product family, or find it by name"),
    needs="catalog.family.change",
    body=body(
        "ProductFamilyNew",
        name=(kinds.text(100, shortest=1), REQUIRED, _("Name")),
        parent=(kinds.ID | None, None, _("Belongs to")),
    ),
    record=FAMILY, status=201,
)  # fmt: skip
def create_product_family(call: Call, body: Body) -> Json:
    """The family of this name; made when there is none yet."""
    above = body.get("parent")
    if above is not None:
        record(call.actor, "family", above, field="parent")
    made = family_get_or_create(actor=call.actor, name=body["name"], parent_id=above)
    return FAMILY.one(call.actor, made.pk)

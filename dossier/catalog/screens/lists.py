"""The list of products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from dossier.catalog.access import PRODUCT
from dossier.catalog.fields import fields_for
from dossier.catalog.models import Product
from dossier.catalog.selectors import family_names, search_products
from dossier.catalog.services import product_update
from dossier.catalog.states import ProductClass, ProductStatus
from dossier.core.access import Actor
from dossier.core.exporting.declarations import (
    Exportable,
    SheetColumn,
    exportable,
    field_columns,
    stored_value,
)
from dossier.core.fields import FieldSpec, Kind, Surface, display
from dossier.core.inline import InlineEditable, inline_editable
from dossier.core.money import CURRENCIES
from dossier.core.screens.lists import (
    Cell,
    Column,
    Filter,
    ListScreen,
    by_choice,
    by_record,
    with_columns,
)
from dossier.core.screens.requests import actor_of, page

STATUS_COLORS = {
    ProductStatus.ON_SALE: "green",
    ProductStatus.DRAFT: "yellow",
    ProductStatus.DISCONTINUED: "secondary",
}
_NUMBERS = (Kind.MONEY, Kind.NUMBER, Kind.COUNT)
_BELOW_ALL = Decimal(-(10**17))


def product_rows(actor: Actor) -> QuerySet[Any]:
    """The products the actor sees, with their families."""
    return Product.objects.for_user(actor).select_related("family")


def product_url(product: Any) -> str:
    """Where a product is."""
    return reverse("product", args=[product.pk])


def _cell(spec: FieldSpec, product: Any) -> str | Cell:
    text = display(spec, product)
    if spec.name == "status":
        return {"text": text, "badge": STATUS_COLORS[product.status]}
    if spec.name == "name":
        return {"text": text or product.code, "url": product_url(product)}
    if spec.kind is Kind.MONEY and text and product.currency != "CNY":
        return f"{product.currency} {text}"
    return text


def _columns(actor: Actor) -> list[Column]:
    made = []
    for spec in fields_for(actor):
        if not spec.on(Surface.LIST):
            continue
        number = spec.kind in _NUMBERS
        made.append(
            Column(
                key=spec.name,
                label=spec.title(Product),
                cell=lambda row, spec=spec: _cell(spec, row),  # type: ignore[misc] # the loop's own spec
                align="end" if number else "start",
                sort="sort_key" if spec.name == "name" else spec.name if spec.sort else "",
                nulls=_BELOW_ALL if number else None,
                default=spec.default_column,
                css="row-title" if spec.name == "name" else "",
                out=(lambda row, spec=spec: stored_value(spec, row)) if number else None,  # type: ignore[misc] # the loop's own spec
            )
        )
    return made


def _head(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "create_url": reverse("product-new") if actor.can(PRODUCT.key, "add") else "",
        "create_label": _("New product"),
        "empty_text": _("Products come in with an import, or are entered one by one."),
    }


LIST = ListScreen(
    key="products",
    title=gettext_lazy("Products"),
    icon="package",
    rows=product_rows,
    columns=(),
    row_url=product_url,
    default_sort="code",
    search=search_products,
    search_placeholder=gettext_lazy("Name, code, specification, pinyin"),
    head=_head,
    groupings=(
        by_record(
            "family_id",
            gettext_lazy("Product family"),
            lambda actor: [(str(pk), name) for pk, name in family_names(actor).items()],
            key="family",
            blank=gettext_lazy("Without family"),
        ),
        by_choice(
            "product_class",
            gettext_lazy("Product class"),
            ProductClass.choices,
            blank=gettext_lazy("Not known yet"),
        ),
        by_choice("status", gettext_lazy("Status"), ProductStatus.choices),
    ),
    filters=(
        Filter(
            "product_class",
            gettext_lazy("Product class"),
            "choice",
            options=lambda actor: ProductClass.choices,
            quick=True,
        ),
        Filter(
            "status",
            gettext_lazy("Status"),
            "choice",
            options=lambda actor: ProductStatus.choices,
            quick=True,
        ),
        Filter(
            "family",
            gettext_lazy("Product family"),
            "multi",
            options=lambda actor: [(str(pk), name) for pk, name in family_names(actor).items()],
            apply=lambda rows, ids: rows.filter(family_id__in=[int(i) for i in ids]),
        ),
        Filter(
            "currency",
            gettext_lazy("Currency"),
            "choice",
            options=lambda actor: [(c.code, f"{c.code} {c.name}") for c in CURRENCIES.values()],
        ),
    ),
)


@page("catalog.product.view")
@require_http_methods(["GET", "HEAD"])
def product_list(request: HttpRequest) -> HttpResponse:
    """All products."""
    return with_columns(LIST, _columns(actor_of(request))).view(request)


def _complete(actor: Actor) -> list[SheetColumn]:
    """Every field that an import of products reads, without cost for those who may not see it."""
    return field_columns(
        Product,
        fields_for(actor),
        own={"family": lambda product: product.family.name if product.family else None},
    )


exportable(
    Exportable(
        key=LIST.key,
        kind=PRODUCT.key,
        needs=f"{PRODUCT.key}.view",
        screen=lambda actor: with_columns(LIST, _columns(actor)),
        complete=_complete,
    )
)


# Edited where they stand; the code and the name are edited in the form.
_IN_PLACE = (
    "specification",
    "unit",
    "product_class",
    "family",
    "status",
    "list_price",
    "safety_stock",
)


inline_editable(
    InlineEditable(
        key=LIST.key,
        kind=PRODUCT.key,
        needs=f"{PRODUCT.key}.view",
        model=Product,
        screen=lambda actor: with_columns(LIST, _columns(actor)),
        specs=lambda actor: [spec for spec in fields_for(actor) if spec.name in _IN_PLACE],
        update=lambda actor, product, version, changes, none: product_update(
            actor=actor, product_id=product.pk, expected_version=version, values=changes
        ),
    )
)

"""How other pages find products: look-ups, the search of everything, navigation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy

from dossier.catalog.fields import may_see_cost
from dossier.catalog.models import Product, ProductFamily
from dossier.catalog.screens.lists import product_url
from dossier.catalog.selectors import families, product_by_code, search_products, sellable
from dossier.core.access import Actor
from dossier.core.navigation import CreateLink, NavItem, create_link, nav
from dossier.core.screens.lookups import coded, keyed
from dossier.customers.registries import SearchSource, register_search


def _fill(actor: Actor, product: Any) -> dict[str, str]:
    """A chosen product brings its price, and for those who may see it its cost, in its currency."""
    brought = {
        "price": product.list_price,
        "unit_cost": product.cost if may_see_cost(actor) else None,
    }
    filled = {name: _typed(value) for name, value in brought.items() if value is not None}
    return filled | {"currency": product.currency} if filled else {}


def _typed(value: Decimal) -> str:
    """A number as it is typed into a field."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


coded(
    "product",
    "catalog.product.view",
    lambda actor, q: search_products(sellable(actor), q).order_by("sort_key", "pk"),
    product_by_code,
    text=lambda p: " ".join(part for part in (p.name, p.specification) if part),
    fill=_fill,
)


def _family_by_name(actor: Actor, name: str) -> ProductFamily | None:
    found: ProductFamily | None = (
        ProductFamily.objects.for_user(actor).filter(name=name).first()
        if "\x00" not in name
        else None
    )
    return found


keyed(
    "family",
    "catalog.family.view",
    families,
    ProductFamily.objects.for_user,
    _family_by_name,
)


def _found(actor: Actor, text: str, most: int) -> list[dict[str, Any]]:
    """Products for the search of everything."""
    rows = search_products(Product.objects.for_user(actor), text).order_by("sort_key", "pk")
    return [
        {
            "url": product_url(p),
            "title": p.name or p.code,
            "hint": " · ".join(part for part in (p.code, p.specification) if part),
        }
        for p in rows.only("name", "code", "specification")[:most]
    ]


register_search(
    SearchSource(
        "products",
        gettext_lazy("Products"),
        40,
        _found,
        permission="catalog.product.view",
        all_url=lambda text: f"{reverse('products')}?{urlencode({'q': text})}",
    )
)

nav(
    NavItem(
        "products",
        gettext_lazy("Products"),
        "package",
        order=40,
        key="p",
        permission="catalog.product.view",
        prefix="/products/",
    )
)
create_link(
    CreateLink(
        "product-new",
        gettext_lazy("Product"),
        "package",
        order=40,
        permission="catalog.product.add",
    )
)

"""Reads of products: found by any piece of code, name, pinyin or specification."""

from __future__ import annotations

from typing import Any

from dossier.catalog.derived import folded
from dossier.catalog.models import Product, ProductFamily
from dossier.catalog.states import ProductStatus
from dossier.core.access import Actor, ScopedQuerySet


def search_products(rows: Any, text: str) -> Any:
    """Rows that hold every word of the text, in any order."""
    for word in folded(text).split()[:8]:
        rows = rows.filter(search_text__contains=word)
    return rows


def sellable(actor: Actor) -> ScopedQuerySet[Any]:
    """Products the actor may put on an order."""
    return Product.objects.for_user(actor).exclude(status=ProductStatus.DISCONTINUED)


def product_by_code(actor: Actor, code: str) -> Product | None:
    """The product of a code (exact, else the only one that differs by case) or row id."""
    rows = Product.objects.for_user(actor).select_related("family")
    found: Product | None = rows.filter(code=code).first()
    if found is None:
        like = list(rows.filter(code__iexact=code)[:2])
        found = like[0] if len(like) == 1 else None
    return found


def families(actor: Actor, text: str = "") -> Any:
    """Families by name."""
    rows = ProductFamily.objects.for_user(actor)
    for word in text.split()[:8]:
        rows = rows.filter(name__icontains=word)
    return rows.order_by("name", "pk")


def family_names(actor: Actor) -> dict[int, str]:
    """Each family's name by id; of several with one name the parent stands in front."""
    rows = list(
        ProductFamily.objects.for_user(actor)
        .order_by("name", "pk")
        .values_list("pk", "name", "parent__name")
    )
    return distinct_names(rows)


def distinct_names(rows: list[tuple[int, str, str | None]]) -> dict[int, str]:
    """Names of a tree's nodes that tell them apart: (id, name, parent's name) → name, or parent / name."""
    seen: dict[str, int] = {}
    for _pk, name, _parent in rows:
        seen[name] = seen.get(name, 0) + 1
    return {
        pk: f"{parent} / {name}" if seen[name] > 1 and parent else name for pk, name, parent in rows
    }

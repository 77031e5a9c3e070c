"""Reads of products: found by any piece of code, name, pinyin or specification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from dossier.catalog.models import Product, ProductFamily
from dossier.catalog.states import ProductStatus
from dossier.core.access import Actor, ScopedQuerySet
from dossier.core.search import narrowed
from dossier.customers.rules.names import simplified


def search_products(rows: Any, text: str) -> Any:
    """Rows that hold every fragment of the text, in any order."""
    return narrowed(rows, simplified(text))


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
    """Each family's name by id, no two alike. Who sees products sees what families they are of."""
    if not actor.can("catalog.product", "view"):
        return {}
    families = ProductFamily.objects.order_by("name", "pk")
    return distinct_names(families.values_list("pk", "name", "parent_id"))


def distinct_names(rows: Iterable[tuple[int, str, int | None]]) -> dict[int, str]:
    """Names of a tree's nodes that tell them apart: (id, name, parent's id) → the name where it stands
    once, else the whole path; where even that is not enough (names may hold a slash) the id behind it."""
    tree = {pk: (name, parent) for pk, name, parent in rows}

    def path(pk: int) -> str:
        names: list[str] = []
        at: int | None = pk
        while at in tree and len(names) < len(tree):
            name, at = tree[at]
            names.insert(0, name)
        return " / ".join(names)

    often = Counter(name for name, _parent in tree.values())
    found = {pk: name if often[name] == 1 else path(pk) for pk, (name, _parent) in tree.items()}
    again = Counter(found.values())
    return {pk: name if again[name] == 1 else f"{name} #{pk}" for pk, name in found.items()}

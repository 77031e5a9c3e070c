"""The tree of customer categories as the settings page and the filters need it (CUS-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.customers.models import Customer, CustomerCategory
from dossier.customers.rules.categories import below, suggest_code
from dossier.people.rules import tree_order

KIND = "customers.category"


@dataclass(frozen=True)
class Branch:
    """A category in its place: customers within the reader's reach, its own and with those below it."""

    row: CustomerCategory
    depth: int
    own: int
    total: int


def category_tree(actor: Actor) -> list[Branch]:
    """All categories, parents before children, siblings by code."""
    actor.require(KIND, "view")
    rows = {row.pk: row for row in CustomerCategory.objects.all()}
    parents = {pk: row.parent_id for pk, row in rows.items()}
    order = tree_order(parents, {pk: row.code for pk, row in rows.items()})
    own = _counts(actor)
    total = dict(own)
    for pk, _depth in reversed(order):  # children before their parents
        parent = parents[pk]
        if parent is not None:
            total[parent] = total.get(parent, 0) + total.get(pk, 0)
    return [Branch(rows[pk], depth, own.get(pk, 0), total.get(pk, 0)) for pk, depth in order]


def _counts(actor: Actor) -> Mapping[int, int]:
    rows = Customer.objects.for_user(actor).filter(category_node__isnull=False)
    return {
        found["category_node"]: found["count"]
        for found in rows.order_by().values("category_node").annotate(count=Count("pk"))
    }


def category_detail(actor: Actor, category_id: int, action: str = "view") -> CustomerCategory:
    """One category by its key."""
    actor.require(KIND, action)
    row = CustomerCategory.objects.select_related("parent").filter(pk=category_id).first()
    if row is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return row


def customers_in(actor: Actor, category: CustomerCategory) -> QuerySet[Any]:
    """The customers within reach that stand in a category itself."""
    return Customer.objects.for_user(actor).filter(category_node=category)


def same_category(rows: QuerySet[Any], category: CustomerCategory) -> QuerySet[Any]:
    """Rows of customers in a category or anywhere below it."""
    parents = dict(CustomerCategory.objects.values_list("pk", "parent_id"))
    return rows.filter(category_node_id__in=below(category.pk, parents))


def category_suggestion(parent: CustomerCategory | None) -> str:
    """The next free code below a category, or on top."""
    known = list(CustomerCategory.objects.values_list("code", "parent_id"))
    key = parent.pk if parent is not None else None
    return suggest_code(
        parent.code if parent is not None else "",
        [code for code, above in known if above == key],
        {code for code, _above in known},
    )

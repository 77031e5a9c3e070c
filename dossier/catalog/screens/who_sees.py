"""Who sees a product, and who its cost (ORG-4)."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.catalog.models import Product
from dossier.people.who_sees import Covered, Subject, subject

COSTS = Covered(
    what=gettext_lazy("Cost and profit are shown only to those whose role includes seeing them."),
    may=gettext_lazy("see cost and profit"),
    permission="catalog.product.cost",
    everywhere=True,
)

subject(
    Subject(
        key="product",
        model=Product,
        title=lambda row: f"{row.code} {row.name}".strip(),
        url=lambda row: reverse("product", args=[row.pk]),
        back=lambda: (_("Products"), reverse("products")),
        covered=COSTS,
    )
)

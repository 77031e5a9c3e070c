"""Fields of products tell what they held, and take an old value again (AUD-1)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from dossier.catalog.access import PRODUCT
from dossier.catalog.fields import fields_for
from dossier.catalog.models import Product
from dossier.catalog.services import product_update
from dossier.core.access import Actor
from dossier.core.fields import Surface
from dossier.core.history.subjects import Subject, subject


def _restore(
    *, actor: Actor, row: Any, version: int, field: str, value: object, why: str
) -> object:
    return product_update(
        actor=actor,
        product_id=row.pk,
        expected_version=version,
        values={field: value},
        why=why,
    )


subject(
    Subject(
        key="product",
        model=Product,
        reach=lambda actor, pk: Product.objects.reachable(actor, pk),
        fields=lambda actor: [spec for spec in fields_for(actor) if spec.on(Surface.DETAIL)],
        title=lambda row: f"{row.name} {row.code}".strip(),
        url=lambda row: reverse("product", args=[row.pk]),
        plainly=lambda actor, row: True,  # no field of a product is covered; cost is left out
        may_change=lambda actor, row: actor.can(PRODUCT.key, "change"),
        restore=_restore,
        writable=lambda spec: spec.on(Surface.FORM),
    )
)

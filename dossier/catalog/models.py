"""Products and their families (ORD-1)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from dossier.catalog.states import ProductClass, ProductStatus
from dossier.core.access import ScopedManager
from dossier.core.models import Record
from dossier.core.search import PENDING_KB


class ProductFamily(Record):
    """A family of products (产品系列), a tree."""

    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "parent", Lower("name"), name="family_name_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class Product(Record):
    """What is sold. Codes differ by case, as some companies' stock codes do."""

    history_skip = (*Record.history_skip, "sort_key", "search_text", "search_terms")

    code = models.CharField(_("product code"), max_length=50, unique=True)
    name = models.CharField(_("product name"), max_length=200, blank=True)
    specification = models.CharField(_("specification"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    product_class = models.CharField(_("class"), max_length=1, choices=ProductClass, blank=True)
    family = models.ForeignKey(
        ProductFamily,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("family"),
    )
    cost = models.DecimalField(_("cost"), max_digits=18, decimal_places=4, null=True, blank=True)
    list_price = models.DecimalField(
        _("list price"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY", db_default="CNY")
    tax_rate = models.DecimalField(
        _("tax rate"), max_digits=6, decimal_places=4, null=True, blank=True
    )
    safety_stock = models.DecimalField(
        _("safety stock"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    status = models.CharField(
        _("status"), max_length=12, choices=ProductStatus, default=ProductStatus.ON_SALE
    )
    remark = models.TextField(_("remark"), blank=True)
    sort_key = models.CharField(max_length=300, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    search_terms = ArrayField(
        models.IntegerField(), default=list, blank=True, editable=False
    )  # see core.search

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="product_code_given"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="product_currency_shape"
            ),
            models.CheckConstraint(
                condition=Q(tax_rate__isnull=True) | Q(tax_rate__gte=0, tax_rate__lt=1),
                name="product_tax_rate",
            ),
            models.CheckConstraint(
                condition=Q(safety_stock__isnull=True)
                | Q(safety_stock__gte=0, safety_stock__lt=10**14),
                name="product_safety_stock",
            ),
            # NaN is larger than every number to PostgreSQL, so an upper bound keeps it out.
            models.CheckConstraint(
                condition=(Q(cost__isnull=True) | Q(cost__lt=10**14))
                & (Q(list_price__isnull=True) | Q(list_price__lt=10**14)),
                name="product_numbers",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="product_sort"),
            GinIndex(
                fields=["search_terms"], name="product_terms", gin_pending_list_limit=PENDING_KB
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.code

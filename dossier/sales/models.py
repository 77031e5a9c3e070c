"""Sales orders and their lines as they were recorded (ORD-4, ORD-12).

The day of an order is a date of the company's time zone, never an instant. A line repeats its
order's customer, day and currency, so that the report reads one table.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from dossier.catalog.models import Product
from dossier.core.access import ScopedManager
from dossier.core.models import Record
from dossier.customers.models import Customer
from dossier.people.models import Employee
from dossier.sales.states import OrderSource, OrderStatus


class SalesOrder(Record):
    """An order of one customer. A number given from outside may stand with several customers."""

    number = models.CharField(_("order number"), max_length=50)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="orders",
        verbose_name=_("customer"),
        db_index=False,  # order_customer_day begins with it
    )
    ordered_on = models.DateField(_("order date"))
    currency = models.CharField(_("currency"), max_length=3, default="CNY", db_default="CNY")
    salesperson = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("salesperson"),
    )
    source = models.CharField(
        _("source"), max_length=10, choices=OrderSource, default=OrderSource.ENTERED
    )
    status = models.CharField(
        _("status"), max_length=10, choices=OrderStatus, default=OrderStatus.RECORDED
    )
    remark = models.TextField(_("remark"), blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number", "customer"], name="order_number_per_customer"
            ),
            models.CheckConstraint(condition=~Q(number=""), name="order_number_given"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="order_currency_shape"
            ),
        ]
        indexes = [
            models.Index(fields=["-ordered_on", "-id"], name="order_day"),
            # found by any three characters of its number
            GinIndex(OpClass(Upper("number"), name="gin_trgm_ops"), name="order_number_pieces"),
            models.Index(fields=["customer", "-ordered_on", "-id"], name="order_customer_day"),
            # What is void is left out of every sum; there are few, so the sums need not read the orders.
            models.Index(fields=["id"], name="order_void", condition=Q(status=OrderStatus.VOID)),
            models.Index(fields=["currency"], name="order_currency"),  # which ones there are
        ]

    def __str__(self) -> str:
        return self.number


class SalesOrderLine(Record):
    """A line: recorded amounts are kept exactly, to four decimals; returns are negative lines.

    ``cost`` and ``other_cost`` are of the whole line; an unknown cost is null and never taken as
    zero: ``profit`` is null then.
    """

    # Half a million lines come in one file: no index that another one begins with.
    order = models.ForeignKey(
        SalesOrder, models.CASCADE, related_name="lines", db_index=False
    )  # order_line_no_once
    line_no = models.PositiveIntegerField()
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="order_lines", db_index=False
    )  # line_customer_day
    ordered_on = models.DateField()
    currency = models.CharField(max_length=3, default="CNY", db_default="CNY")
    salesperson = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="order_lines",
        db_index=False,  # line_salesperson_day
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        related_name="order_lines",
        verbose_name=_("product"),
        db_index=False,  # line_product
    )
    product_text = models.CharField(max_length=200, blank=True)  # the name as it stood on the order
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    unit_price = models.DecimalField(_("unit price"), max_digits=18, decimal_places=4)
    discount_factor = models.DecimalField(
        _("discount factor"), max_digits=9, decimal_places=6, default=1, db_default=1
    )
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=4)
    cost = models.DecimalField(
        _("cost of goods"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    other_cost = models.DecimalField(
        _("other cost"), max_digits=20, decimal_places=4, default=0, db_default=0
    )
    remark = models.CharField(max_length=200, blank=True)
    profit = models.GeneratedField(
        expression=F("amount") - F("cost") - F("other_cost"),
        output_field=models.DecimalField(max_digits=21, decimal_places=4, null=True),
        db_persist=True,
    )

    history_skip = (*Record.history_skip, "profit")

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "line_no"], name="order_line_no_once"),
            models.CheckConstraint(
                condition=Q(discount_factor__gte=0, discount_factor__lte=10),
                name="order_line_discount",
            ),
            # NaN is larger than every number to PostgreSQL, so an upper bound keeps it out.
            models.CheckConstraint(
                condition=Q(
                    quantity__lt=10**14,
                    unit_price__lt=10**14,
                    amount__lt=10**16,
                    other_cost__lt=10**16,
                )
                & (Q(cost__isnull=True) | Q(cost__lt=10**16)),
                name="order_line_numbers",
            ),
        ]
        indexes = [
            # Beside the key what reports add up: a customer's lines are read from the index alone.
            models.Index(
                fields=["customer", "-ordered_on"],
                include=["amount", "quantity", "profit", "cost", "currency", "order"],
                name="line_customer_day",
            ),
            # with the key, or a page of the newest lines would read and sort every line of its days
            models.Index(fields=["ordered_on", "id"], name="line_day_key"),
            models.Index(fields=["salesperson", "ordered_on"], name="line_salesperson_day"),
            models.Index(fields=["product"], name="line_product"),
        ]

    @property
    def is_return(self) -> bool:
        """A negative quantity is a return."""
        return self.quantity < 0

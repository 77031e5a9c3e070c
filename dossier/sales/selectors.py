"""Reads of orders and lines. Everything starts at ``for_user``; what is void counts nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import (
    Case,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from dossier.core.access import Actor, Scope
from dossier.core.models import Region
from dossier.customers.models import Customer
from dossier.people.models import Territory
from dossier.sales.access import CREDITED, CREDITED_TEAM
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.states import OrderStatus


def counted_lines(actor: Actor, *, whole: bool = False) -> QuerySet[Any]:
    """The lines that count and that the actor sees; where every sum begins.

    ``whole``: all of them are read, or those of a period, and not the first few or one customer's.
    """
    void = SalesOrder.objects.filter(status=OrderStatus.VOID)
    return SalesOrderLine.objects.for_user(actor, whole=whole).exclude(
        order_id__in=void.values("pk")
    )


def credited(actor: Actor) -> Q | None:
    """Orders or lines credited to the actor or the actor's team; None for who sees all or none of these.

    Part of what the actor sees, and found along an index: where they alone are more than are counted,
    nothing else need be looked at (0.3 ms instead of 130 of 450,000 orders).
    """
    scopes = actor.scopes("sales.order", "view")
    if Scope.ALL in scopes:
        return None
    held = {
        one
        for ground in (CREDITED, CREDITED_TEAM)
        if ground.opens(actor, scopes, "view")
        for one in ground.held(actor)
    }
    return Q(salesperson_id__in=sorted(held)) if held else None


def orders_with_totals(actor: Actor) -> QuerySet[Any]:
    """The actor's orders, each with the sum and number of the lines the actor sees.

    Both are subqueries of the row, so only the rows of a page cost anything.
    """
    lines = (
        SalesOrderLine.objects.for_user(actor)
        .filter(order_id=OuterRef("pk"))
        .order_by()
        .values("order_id")
    )
    return (
        SalesOrder.objects.for_user(actor)
        .select_related("customer", "salesperson")
        .annotate(
            total=Subquery(lines.annotate(n=Sum("amount")).values("n")),
            line_count=Subquery(lines.annotate(n=Count("pk")).values("n")),
            customer_seen=customer_seen(actor),
        )
    )


def customer_seen(actor: Actor, column: str = "customer_id") -> Combinable:
    """Whether the actor may open the row's customer; else only its code and short name are shown.

    Asked customer by customer: of EXISTS PostgreSQL makes one set of all customers the actor sees, before
    the first row of a page (20 ms of 100,000 customers). Who sees every customer is asked nothing.
    """
    if Scope.ALL in actor.scopes("customers.customer", "view"):
        return Value(True)
    seen = Customer.objects.for_user(actor).filter(pk=OuterRef(column)).order_by()
    return Coalesce(Subquery(seen.values_list(Value(True))[:1]), Value(False))


def customer_label(customer: Any, seen: bool) -> str:
    """A customer's name where it may be seen, else its code and short name."""
    if seen:
        return str(customer.short_name or customer.name)
    return f"{customer.code} {customer.short_name}".strip()


def customer_labels(actor: Actor, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Code and name of customers of lines the actor sees; of those outside the scope the short name."""
    rows = Customer.objects.filter(pk__in=ids).annotate(seen=customer_seen(actor, "pk"))
    return {
        pk: (code, (short or name) if may else (short or code))
        for pk, code, short, name, may in rows.values_list(
            "pk", "code", "short_name", "name", "seen"
        )
    }


def customer_attribute(actor: Actor, path: str) -> Combinable:
    """A property of the line's customer, as an expression; unknown where the customer is not the
    actor's to see: a credited salesperson knows its code and short name, no more."""
    if Scope.ALL in actor.scopes("customers.customer", "view"):
        return F(f"customer__{path}")
    seen = Customer.objects.for_user(actor)
    return Case(When(customer_id__in=seen.values("pk"), then=F(f"customer__{path}")), default=None)


def currencies(actor: Actor) -> list[str]:
    """Currencies of the actor's orders, the most used first.

    Nearly everybody has one: then nothing is counted, for counting reads every order.
    """
    rows = SalesOrder.objects.for_user(actor).exclude(status=OrderStatus.VOID).order_by()
    used = [code for code in _currencies_of_all() if rows.filter(currency=code).exists()]
    if len(used) < 2:
        return used
    counts = rows.filter(currency__in=used).values("currency").annotate(n=Count("pk"))
    return [row["currency"] for row in counts.order_by("-n", "currency")]


def _currencies_of_all() -> list[str]:
    """Every currency an order has, by steps through the index: as many as there are currencies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE used AS ("
            " SELECT min(currency) AS code FROM sales_salesorder UNION ALL"
            " SELECT (SELECT min(currency) FROM sales_salesorder WHERE currency > code)"
            " FROM used WHERE code IS NOT NULL)"
            " SELECT code FROM used WHERE code IS NOT NULL"
        )
        return [code for (code,) in cursor.fetchall()]


# -- territories ---------------------------------------------------------------------------------------


def territory_of_regions() -> dict[str, int]:
    """Region code → territory: the territory that names the region or its nearest parent; the older
    territory where two name the same."""
    named: dict[str, int] = {}
    for region, territory in Territory.regions.through.objects.order_by("territory_id").values_list(
        "region_id", "territory_id"
    ):
        named.setdefault(region, territory)
    if not named:
        return {}
    parents = dict(Region.objects.values_list("pk", "parent_id"))
    found: dict[str, int] = {}
    for code in parents:
        at: str | None = code
        while at is not None and at not in named:
            at = parents.get(at)
        if at is not None:
            found[code] = named[at]
    return found


def in_territory(rows: QuerySet[Any], territory_id: int | None) -> Q:
    """The condition on ``region`` (an annotation) of lines of a territory; None: of no territory."""
    mapping = territory_of_regions()
    if territory_id is None:
        return Q(region__isnull=True) | ~Q(region__in=list(mapping))
    return Q(region__in=[code for code, held in mapping.items() if held == territory_id])


# -- one customer --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sums:
    """What a set of lines of one currency comes to; ``profit`` only over lines whose cost is known."""

    currency: str
    revenue: Decimal
    profit: Decimal
    covered: Decimal  # revenue of the lines whose cost is known
    lines: int
    totals: Mapping[str, Decimal | None] = field(default_factory=dict)  # of what else was asked for

    @property
    def coverage(self) -> Decimal | None:
        """Share of the revenue whose cost is known."""
        return self.covered / self.revenue if self.revenue else None


def sums_by_currency(
    rows: QuerySet[Any], also: Collection[str] = (), most: int | None = None
) -> list[Sums]:
    """Revenue, profit and coverage of lines per currency, the largest number of lines first.

    ``also`` names further columns to add up in the same pass, for summing reads every line. Beyond ``most``
    lines it stops: then the sums, of ``most`` + 1 lines in all, are those of no whole.
    """
    zero = Decimal(0)
    if most is not None:
        first = rows.order_by().values("pk")[: most + 1]
        rows = SalesOrderLine.objects.filter(pk__in=first)
    known = Q(cost__isnull=False)
    found = (
        rows.order_by()
        .values("currency")
        .annotate(
            revenue=Sum("amount"),
            gain=Sum("profit"),
            covered=Sum("amount", filter=known),
            number=Count("pk"),
            **{f"sum_{name}": Sum(name) for name in also},
        )
        .order_by("-number", "currency")
    )
    return [
        Sums(
            r["currency"],
            r["revenue"] or zero,
            r["gain"] or zero,
            r["covered"] or zero,
            r["number"],
            {name: r[f"sum_{name}"] for name in also},
        )
        for r in found
    ]


def revenue_by_currency(rows: QuerySet[Any]) -> list[tuple[str, Decimal]]:
    """Currencies of lines with their revenue alone, the largest number of lines first."""
    sums = rows.order_by().values("currency").annotate(revenue=Sum("amount"), number=Count("pk"))
    return list(sums.order_by("-number", "currency").values_list("currency", "revenue"))


def of_customer(actor: Actor, customer_id: int) -> QuerySet[Any]:
    """Orders of one customer, newest first."""
    return orders_with_totals(actor).filter(customer_id=customer_id).order_by("-ordered_on", "-pk")


def lines_of(actor: Actor, order_id: int) -> Iterable[Any]:
    """The lines of an order that the actor sees."""
    return (
        SalesOrderLine.objects.for_user(actor)
        .filter(order_id=order_id)
        .select_related("product", "salesperson")
        .order_by("line_no")
    )

"""The filters of order lines: one list for the page of lines and for every report, so that a figure
and the lines behind it are cut by the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.catalog.models import Product
from dossier.catalog.selectors import distinct_names, family_names
from dossier.catalog.states import ProductClass
from dossier.core.access import Actor, Scope
from dossier.core.errors import Refusal
from dossier.core.models import Industry
from dossier.core.money import CURRENCIES
from dossier.core.screens.lists import Filter
from dossier.core.screens.lookups import get_lookup
from dossier.customers.models import Customer
from dossier.people.models import Employee, Team, Territory
from dossier.sales.models import SalesOrderLine
from dossier.sales.selectors import (
    currencies,
    customer_attribute,
    in_territory,
    territory_of_regions,
)

Rows = QuerySet[Any]
Options = Callable[[Actor], Iterable[tuple[str, str | Promise]]]
NONE = "-"  # chooses what has no value: lines without salesperson, products without family


def none_label() -> str:
    """The name of the group of what has no value."""
    return _("(none)")


def _of_ids(names: Mapping[int, str]) -> Iterable[tuple[str, str | Promise]]:
    return ((str(pk), name) for pk, name in names.items())


def _with_none(pairs: Iterable[tuple[str, str | Promise]]) -> list[tuple[str, str | Promise]]:
    return [*pairs, (NONE, none_label())]


def chosen(actor: Actor, key: str, value: str) -> Any | None:
    """The record a look-up's value stands for, where the actor may choose it."""
    return get_lookup(key).chosen(actor, value)


def customer_chosen(actor: Actor, value: str) -> Customer | None:
    """The customer of a filter: one the actor sees, or one of the lines the actor sees."""
    customer: Customer | None = chosen(actor, "customer", value)
    if customer is None:
        customer = Customer.objects.filter(code=value).first()
        if (
            customer is not None
            and not SalesOrderLine.objects.for_user(actor).filter(customer=customer).exists()
        ):
            return None
    return customer


def customer_named(actor: Actor, value: str) -> str | None:
    """What a customer is called in the chip of its filter; None outside the scope."""
    customer = customer_chosen(actor, value)
    if customer is None:
        return None
    seen = Customer.objects.for_user(actor).filter(pk=customer.pk).exists()
    return f"{customer.code} {customer.short_name or (customer.name if seen else '')}".strip()


def salesperson_chosen(actor: Actor, value: str) -> Employee | None:
    """The same of a salesperson."""
    person: Employee | None = chosen(actor, "employee", value)
    if person is None and value.isascii() and value.isdecimal() and len(value) < 19:
        person = Employee.objects.filter(pk=int(value)).first()
        if (
            person is not None
            and not SalesOrderLine.objects.for_user(actor).filter(salesperson=person).exists()
        ):
            return None
    return person


def salesperson_named(actor: Actor, value: str) -> str | None:
    """The name of a salesperson in the chip of its filter."""
    person = salesperson_chosen(actor, value)
    return none_label() if value == NONE else person.name if person else None


def product_named(actor: Actor, code: str) -> str | None:
    """The same of a product."""
    product: Product | None = Product.objects.for_user(actor).filter(code=code).first()
    return f"{product.code} {product.name}".strip() if product else None


def currency_choices(actor: Actor) -> list[tuple[str, str]]:
    """Currencies to choose from: those we know, and others that came in with a file."""
    known = [(c.code, f"{c.code} {c.name}") for c in CURRENCIES.values()]
    return known + [(code, code) for code in currencies(actor) if code not in CURRENCIES]


def team_names(actor: Actor) -> dict[int, str]:
    """Teams the actor may see by id, no two names alike; of others that lines within reach fall to, for
    whom a report has a row, only the number."""
    teams = Team.objects.for_user(actor).order_by("name", "pk")
    names = distinct_names(teams.values_list("pk", "name", "parent_id"))
    if Scope.ALL in actor.scopes("people.team", "view"):
        return names
    lines = SalesOrderLine.objects.for_user(actor).filter(salesperson=OuterRef("pk"))
    credited = Employee.objects.filter(Exists(lines), team__isnull=False).order_by("team_id")
    return _numbered(credited.values_list("team_id", flat=True).distinct()) | names


def territory_names(actor: Actor) -> dict[int, str]:
    """Territories the actor may see by id; of others that hold customers within reach only the number."""
    seen = Territory.objects.for_user(actor).order_by("name")
    names: dict[int, str] = dict(seen.values_list("pk", "name"))
    if Scope.ALL in actor.scopes("people.territory", "view"):
        return names
    held = territory_of_regions()
    regions = Customer.objects.for_user(actor).order_by().values_list("region_id", flat=True)
    found = {held[code] for code in regions.distinct() if code in held}
    return _numbered(sorted(found)) | names


def _numbered(ids: Iterable[int]) -> dict[int, str]:
    return {pk: f"#{pk}" for pk in ids}


# Filters whose values are row numbers, and by what name each is known outside the program.
_NAMES: dict[str, Callable[[Actor], dict[int, str]]] = {
    "family": family_names,
    "team": team_names,
    "territory": territory_names,
}


def value_of_key(actor: Actor, name: str, key: str) -> str:
    """The value a filter takes for the key a report gives its groups, as ``--only`` is written: a code,
    an employee number, or the name of what has no code; nothing or "-" for what has no value."""
    if name in _NAMES:
        for pk, text in _NAMES[name](actor).items():
            if text == key:
                return str(pk)
    if key in ("", NONE):
        return NONE
    person = Employee.objects.filter(number=key).first() if name == "salesperson" else None
    if person is not None:
        value = get_lookup("employee").value(person)
        if salesperson_chosen(actor, value) is not None:
            return value
    if name in _NAMES or name == "salesperson":
        raise Refusal(
            "unknown_choice",
            gettext_lazy("“%(key)s” is not among the choices of “%(name)s”."),
            field=name,
            params={"key": key[:60], "name": name},
        )
    return key


def key_of_value(actor: Actor, name: str, value: str) -> str:
    """The other way round: by what key a filter's value is known outside the program."""
    if value == NONE:
        return NONE
    if name in _NAMES and value.isdecimal():
        return _NAMES[name](actor).get(int(value), value)
    if name == "salesperson":
        person = salesperson_chosen(actor, value)
        return person.number if person else value
    return value


def by_customer(actor: Actor) -> Any:
    """Narrows orders or lines to a chosen customer."""

    def narrow(rows: Rows, value: str) -> Rows:
        customer = customer_chosen(actor, value)
        return rows.filter(customer=customer) if customer else rows.none()

    return narrow


def by_salesperson(actor: Actor) -> Any:
    """Narrows orders or lines to a chosen salesperson, or to those credited to nobody."""

    def narrow(rows: Rows, value: str) -> Rows:
        if value == NONE:
            return rows.filter(salesperson__isnull=True)
        person = salesperson_chosen(actor, value)
        return rows.filter(salesperson=person) if person else rows.none()

    return narrow


def _by_product(rows: Rows, value: str) -> Rows:
    return rows.filter(product__code=value)


def _ids(values: list[str]) -> list[int]:
    return [int(value) for value in values if value != NONE]


def _any_of(column: str, values: list[str], *, blank: Q) -> Q:
    chosen: list[Any] = [v for v in values if v != NONE]
    condition = Q(**{f"{column}__in": chosen})
    return condition | blank if NONE in values else condition


def _by_team(rows: Rows, values: list[str]) -> Rows:
    return rows.filter(
        _any_of("salesperson__team_id", values, blank=Q(salesperson__team_id__isnull=True))
    )


def _by_family(rows: Rows, values: list[str]) -> Rows:
    return rows.filter(
        _any_of("product__family_id", values, blank=Q(product__family_id__isnull=True))
    )


def _by_class(rows: Rows, values: list[str]) -> Rows:
    return rows.filter(
        _any_of("product__product_class", values, blank=Q(product__product_class=""))
    )


def party_filters(actor: Actor) -> tuple[Filter, Filter]:
    """Whose an order or a line is: customer and credited salesperson."""
    return (
        Filter(
            "customer",
            gettext_lazy("Customer"),
            "ref",
            named=customer_named,
            lookup_url=lambda: get_lookup("customer").url(),
            apply=by_customer(actor),
        ),
        Filter(
            "salesperson",
            gettext_lazy("Salesperson"),
            "ref",
            named=salesperson_named,
            lookup_url=lambda: get_lookup("employee").url(),
            apply=by_salesperson(actor),
        ),
    )


def _once(options: Callable[[], Iterable[tuple[str, str | Promise]]]) -> Options:
    """Choices read once for all who narrow by the same filters: a list and the sums of its lines."""
    made: list[tuple[str, str | Promise]] = []

    def read(_actor: Actor) -> list[tuple[str, str | Promise]]:
        if not made:
            made.extend(options())
        return made

    return read


def line_filters(actor: Actor) -> tuple[Filter, ...]:
    """The filters of lines for this actor, for one request. What belongs to a customer outside the scope is
    unknown."""

    def by_territory(rows: Rows, values: list[str]) -> Rows:
        rows = rows.alias(region=customer_attribute(actor, "region_id"))
        condition = Q(pk__in=[])
        for value in values:
            condition |= in_territory(rows, None if value == NONE else int(value))
        return rows.filter(condition)

    def by_industry(rows: Rows, values: list[str]) -> Rows:
        rows = rows.alias(trade=customer_attribute(actor, "industry_id"))
        return rows.filter(_any_of("trade", values, blank=Q(trade__isnull=True)))

    return (
        Filter("ordered", gettext_lazy("Date"), "date_range", column="ordered_on"),
        *party_filters(actor),
        Filter(
            "product",
            gettext_lazy("Product"),
            "ref",
            named=product_named,
            lookup_url=lambda: get_lookup("product").url(),
            apply=_by_product,
        ),
        Filter(
            "family",
            gettext_lazy("Product family"),
            "multi",
            apply=_by_family,
            options=_once(lambda: _with_none(_of_ids(family_names(actor)))),
        ),
        Filter(
            "class",
            gettext_lazy("Product class"),
            "multi",
            apply=_by_class,
            options=lambda actor: _with_none(ProductClass.choices),
        ),
        Filter(
            "team",
            gettext_lazy("Team"),
            "multi",
            apply=_by_team,
            options=_once(lambda: _with_none(_of_ids(team_names(actor)))),
        ),
        Filter(
            "territory",
            gettext_lazy("Territory"),
            "multi",
            apply=by_territory,
            options=_once(lambda: _with_none(_of_ids(territory_names(actor)))),
        ),
        Filter(
            "industry",
            gettext_lazy("Industry"),
            "multi",
            apply=by_industry,
            options=_once(
                lambda: _with_none(
                    (code, f"{code} {name}")
                    for code, name in Industry.objects.order_by("code").values_list("code", "name")
                )
            ),
        ),
        Filter(
            "currency",
            gettext_lazy("Currency"),
            "choice",
            options=_once(lambda: currency_choices(actor)),
        ),
    )

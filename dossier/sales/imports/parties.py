"""Customers and products that sales lines name: found in the archive, or made where that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dossier.catalog.imports import CODE_LENGTH, create_products, family_ids
from dossier.catalog.states import ProductStatus
from dossier.core.access import Scope
from dossier.core.imports.registry import Context
from dossier.core.imports.result import Row
from dossier.core.imports.stages import copy_rows, draw_ids, fetch
from dossier.customers.derived import derive
from dossier.customers.imports.reach import Reach
from dossier.customers.imports.writing import blank, issue_codes
from dossier.customers.models import Customer
from dossier.customers.rules import normalise_name
from dossier.sales.imports.checking import LineData

_AMBIGUOUS = -1


class NewCustomer:
    """A draft, or the walk-in customer, that lines of this file need."""

    __slots__ = ("code", "country", "kind", "name", "owner", "pk")

    def __init__(
        self, pk: int, code: str, name: str, *, kind: str = "customer", country: str = ""
    ) -> None:
        self.pk = pk
        self.code = code
        self.name = name
        self.kind = kind
        self.country = country
        self.owner: int | None = None


class Customers:
    """Finds the customer of a line: by code (aliases too), else by name, else the walk-in customer.

    Only customers the actor sees are found. A line with a code is never matched by its name.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.create_missing = "customers" in context.options.create_missing
        self.sees_all = Scope.ALL in context.actor.scopes("customers.customer", "view")
        self.reach = Reach(context.actor, "add")
        self.by_code: dict[str, int | None] = {}
        self.by_name: dict[str, int | None] = {}
        self.new: list[NewCustomer] = []
        self._new_by_key: dict[str, NewCustomer] = {}
        self._hidden: set[str] = set()  # codes taken by customers the actor does not see
        self._nameless: dict[int, NewCustomer] = {}  # drafts known by their code alone so far
        self._walk_in: int | None = None
        self._made_up = 0

    # -- looking up -----------------------------------------------------------------------------

    def load(self, lines: Iterable[LineData]) -> None:
        """Look up what this batch names for the first time."""
        codes: set[str] = set()
        names: set[str] = set()
        for data in lines:
            if data.customer_typed:
                codes.add(data.customer_code)
                codes.add(data.customer_typed)
            elif data.customer_name:
                names.add(data.customer_name)
        codes -= self.by_code.keys()
        codes.discard("")
        names -= self.by_name.keys()
        if codes:
            self._load_codes(codes)
        if names:
            self._load_names(names)

    def _load_codes(self, codes: set[str]) -> None:
        found = fetch(
            """
            SELECT code, id FROM customers_customer WHERE code = ANY(%(codes)s)
            UNION ALL
            SELECT code, customer_id FROM customers_customeralias WHERE code = ANY(%(codes)s)
            """,
            {"codes": list(codes)},
        )
        mine = self._seen({pk for _code, pk in found})
        self.by_code.update(dict.fromkeys(codes))
        for code, pk in found:
            if pk in mine:
                self.by_code[code] = pk
            else:
                self._hidden.add(code)

    def _load_names(self, names: set[str]) -> None:
        keys = {name: normalise_name(name).full[:200] for name in names}
        found = fetch(
            "SELECT name, name_key, id FROM customers_customer"
            " WHERE kind = 'customer' AND (name = ANY(%s) OR name_key = ANY(%s))",
            [list(names), list(set(keys.values()) - {""})],
        )
        mine = self._seen({pk for _name, _key, pk in found})
        exact: dict[str, set[int]] = {}
        alike: dict[str, set[int]] = {}
        for name, key, pk in found:
            if pk in mine:
                exact.setdefault(name, set()).add(pk)
                alike.setdefault(key, set()).add(pk)
        for name in names:
            hits = exact.get(name) or alike.get(keys[name]) or set()
            self.by_name[name] = (
                next(iter(hits)) if len(hits) == 1 else _AMBIGUOUS if hits else None
            )

    def _seen(self, ids: set[int]) -> set[int]:
        if self.sees_all or not ids:
            return ids
        return set(
            Customer.objects.for_user(self.context.actor)
            .filter(pk__in=ids)
            .values_list("pk", flat=True)
        )

    # -- finding --------------------------------------------------------------------------------

    def find(self, row: Row) -> int | None:
        """The customer's key, or None with the problem named."""
        data: LineData = row.data
        if data.customer_typed:
            pk = self.by_code.get(data.customer_typed) or self.by_code.get(data.customer_code)
            if pk:
                if pk in self._nameless and data.customer_name:
                    self._nameless.pop(pk).name = data.customer_name[:98]
                return pk
            field, shown = "customer_code", data.customer_typed
        elif data.customer_name:
            pk = self.by_name.get(data.customer_name)
            if pk == _AMBIGUOUS:
                row.error("customer_name", "ambiguous_customer", value=data.customer_name[:60])
                return None
            if pk:
                return pk
            field, shown = "customer_name", data.customer_name
        elif self.context.options.unassigned:
            return self._walk_in_customer(row)
        else:
            row.error("customer_code", "missing")
            return None
        if self.create_missing and not self._hidden.intersection(
            (data.customer_typed, data.customer_code)
        ):
            return self._draft(row)
        row.error(field, "unknown_customer", value=shown[:60])
        return None

    def _draft(self, row: Row) -> int | None:
        data: LineData = row.data
        key = data.customer_code or data.customer_typed or f"\x00{data.customer_name}"
        new = self._new_by_key.get(key)
        if new is None:
            name = (data.customer_name or data.customer_typed)[:98]
            new = NewCustomer(self._next_id(), data.customer_code, name, country=data.country)
            if not self.reach.may_create(None, None):
                if data.person is None or not self.reach.may_create(data.person, None):
                    row.error("customer_code", "not_yours")
                    return None
                new.owner = data.person
            self.new.append(new)
            self._new_by_key[key] = new
            if not data.customer_name:
                self._nameless[new.pk] = new
            if data.customer_code:
                self.by_code[data.customer_code] = new.pk
        if not data.customer_typed:
            self.by_name[data.customer_name] = new.pk
        return new.pk

    def _walk_in_customer(self, row: Row) -> int | None:
        if self._walk_in is None:
            name = self.context.options.unassigned[:98]
            found = fetch(
                "SELECT id FROM customers_customer WHERE kind = 'walk_in' AND name = %s ORDER BY id LIMIT 1",
                [name],
            )
            if found:
                self._walk_in = found[0][0]
            elif not self.reach.may_create(None, None):
                row.error("customer_code", "not_yours")
                return None
            else:
                new = NewCustomer(self._next_id(), "", name, kind="walk_in")
                self.new.append(new)
                self._walk_in = new.pk
        return self._walk_in

    def _next_id(self) -> int:
        if self.context.writing:
            return draw_ids("customers_customer", 1)[0]
        self._made_up -= 1
        return self._made_up - 1

    # -- creating -------------------------------------------------------------------------------

    def create(self) -> None:
        """Write what is new: drafts to be completed, and the walk-in customer."""
        if not self.new:
            return
        issue_codes(self.new, [new.code for new in self.new if new.code])
        columns = list(blank(Customer))
        copy_rows(
            "customers_customer", columns, (list(self._values(new).values()) for new in self.new)
        )

    def _values(self, new: NewCustomer) -> dict[str, Any]:
        derived = derive(name=new.name, code=new.code)
        return blank(Customer) | {
            "id": new.pk, "kind": new.kind, "status": "active" if new.kind == "walk_in" else "draft", "code": new.code,
            "name": new.name, "address": new.country, "owner_id": new.owner, **derived._asdict(),
        }  # fmt: skip


class NewProduct:
    """A product that lines of this file need."""

    __slots__ = (
        "code",
        "currency",
        "family",
        "name",
        "pk",
        "product_class",
        "specification",
        "unit",
    )

    def __init__(self, pk: int, code: str, data: LineData) -> None:
        self.pk = pk
        self.code = code
        self.currency = data.currency
        self.name = self.family = self.product_class = self.specification = self.unit = ""
        self.learn(data)

    def learn(self, data: LineData) -> None:
        """Take the first of each that is not empty."""
        self.name = self.name or data.product_name
        self.family = self.family or data.family
        self.product_class = self.product_class or data.product_class
        self.specification = self.specification or data.specification
        self.unit = self.unit or data.unit


class Products:
    """Finds the product of a line by code, case counting; without a code by its exact name."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.create_missing = "products" in context.options.create_missing
        self.by_code: dict[str, int | None] = {}
        self.by_name: dict[str, int | None] = {}
        self.new: dict[str, NewProduct] = {}
        self._made_up = 0

    def load(self, lines: Sequence[LineData]) -> None:
        """Look up what this batch names for the first time."""
        codes = {data.product_code for data in lines if data.product_code} - self.by_code.keys()
        names = {data.product_name for data in lines if not data.product_code} - self.by_name.keys()
        if codes:
            self.by_code.update(dict.fromkeys(codes))
            self.by_code.update(
                fetch("SELECT code, id FROM catalog_product WHERE code = ANY(%s)", [list(codes)])
            )
        if names:
            self.by_name.update(dict.fromkeys(names))
            for name, pk, count in fetch(
                "SELECT name, min(id), count(*) FROM catalog_product WHERE name = ANY(%s) GROUP BY name",
                [list(names)],
            ):
                self.by_name[name] = pk if count == 1 else _AMBIGUOUS

    def find(self, row: Row) -> int | None:
        """The product's key, or None with the problem named."""
        data: LineData = row.data
        code = data.product_code
        pk = self.by_code.get(code) if code else self.by_name.get(data.product_name)
        if pk == _AMBIGUOUS:
            row.error("product_name", "ambiguous_product", value=data.product_name[:60])
            return None
        if pk:
            return pk
        key = code or data.product_name
        if not self.create_missing or len(key) > CODE_LENGTH:
            row.error("product_code" if code else "product_name", "unknown_product", value=key[:60])
            return None
        new = self.new.get(key)
        if new is None:
            new = self.new[key] = NewProduct(self._next_id(), key, data)
        elif not (new.name and new.product_class):
            new.learn(data)
        return new.pk

    def _next_id(self) -> int:
        if self.context.writing:
            return draw_ids("catalog_product", 1)[0]
        self._made_up -= 1
        return self._made_up - 1

    def create(self) -> None:
        """Write what is new; a product known by its lines alone is to be completed."""
        if not self.new:
            return
        families, _made = family_ids(
            {new.family.lower(): new.family for new in self.new.values() if new.family},
            writing=True,
        )
        create_products(
            (
                new.pk,
                {
                    "code": new.code, "name": new.name, "product_class": new.product_class, "unit": new.unit,
                    "specification": new.specification, "family_id": families.get(new.family.lower()),
                    "currency": new.currency, "status": ProductStatus.DRAFT.value,
                },
            )
            for new in self.new.values()
        )  # fmt: skip

"""One import of sales lines: who and what they refer to, which order they belong to (AUD-4).

Lines are written batch by batch as they are read. Orders, and customers and products that lines
create, are known completely only at the end and written then: the references are checked when the
transaction ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dossier.core.access import Scope
from dossier.core.errors import Refusal
from dossier.core.imports.messages import IMPORT_MESSAGES
from dossier.core.imports.pipeline import Record
from dossier.core.imports.registry import Context
from dossier.core.imports.result import Duplicate, Row
from dossier.core.imports.stages import change_rows, copy_lines, copy_rows, draw_ids, escaped, fetch
from dossier.core.models import NumberScheme
from dossier.core.numbering import note_issued
from dossier.customers.seeds import CODE_SCHEME
from dossier.people.directory import Directory
from dossier.sales.imports.checking import LineChecker, LineData
from dossier.sales.imports.parties import Customers, Products
from dossier.sales.models import SalesOrderLine
from dossier.sales.seeds import ORDER_SCHEME

_LINE = "sales_salesorderline"
_LINE_COLUMNS = (
    "order_id",
    "line_no",
    "customer_id",
    "ordered_on",
    "currency",
    "salesperson_id",
    "product_id",
    "product_text",
    "quantity",
    "unit_price",
    "discount_factor",
    "amount",
    "cost",
    "other_cost",
    "remark",
)
_ORDER_COLUMNS = (
    "id",
    "number",
    "customer_id",
    "ordered_on",
    "currency",
    "salesperson_id",
    "source",
    "status",
    "remark",
    "void_reason",
)


class Order:
    """An order the lines of a file belong to."""

    __slots__ = (
        "currency",
        "customer_id",
        "day",
        "last_line",
        "new",
        "number",
        "person",
        "pk",
        "status",
    )

    def __init__(self, number: str, customer_id: int, currency: str) -> None:
        self.number = number
        self.customer_id = customer_id
        self.currency = currency
        self.pk = 0
        self.new = True
        self.status = "recorded"
        self.last_line = 0
        self.day: date | None = None
        self.person: int | None = None


class SalesSession:
    """See Session."""

    def __init__(self, context: Context) -> None:
        self.context = context
        actor, options = context.actor, context.options
        if "products" in options.create_missing:
            actor.require("catalog.product", "add")
        if "customers" in options.create_missing or options.unassigned:
            actor.require("customers.customer", "add")
        scheme = NumberScheme.objects.get(key=CODE_SCHEME)
        self.checker = LineChecker(
            context, code_width=None if scheme.prefix else scheme.width, directory=Directory()
        )
        self.customers = Customers(context)
        self.products = Products(context)
        self.orders: dict[tuple[str, int], Order] = {}
        self._unnumbered: list[Order] = []
        self.everything = Scope.ALL in actor.scopes(
            "sales.order", "import"
        ) and Scope.ALL in actor.scopes("sales.order", "view")
        self.written: list[int] = []
        self.has_orders = bool(fetch("SELECT 1 FROM sales_salesorder LIMIT 1"))

    def check(self, rows: Sequence[tuple[Row, Record]]) -> None:
        """See Session.check."""
        for row, record in rows:
            self.checker.check(row, record)

    def facts(self) -> dict[str, Any]:
        """See Session.facts."""
        return {
            "customers": len(self.customers.new),
            "products": len(self.products.new),
            "orders": sum(order.new for order in self.orders.values()),
        }

    def take(self, rows: Sequence[Row]) -> None:
        """Resolve and write one batch."""
        good = [row for row in rows if not row.refused]
        self.customers.load([row.data for row in good])
        self.products.load([row.data for row in good])
        lines: list[tuple[Row, Order, int]] = []
        pairs: list[tuple[Row, int, int]] = []
        for row in good:
            customer = self.customers.find(row)
            product = self.products.find(row)
            if customer is not None and product is not None:
                pairs.append((row, customer, product))
        self._load_orders(pairs)
        for row, customer, product in pairs:
            order = self._order(row, customer)
            if order is not None:
                lines.append((row, order, product))
        for row in rows:
            if row.refused:
                row.settle("rejected")
                self.context.refused()
        self._draw()
        self._write(lines)

    # -- orders ---------------------------------------------------------------------------------

    def _load_orders(self, pairs: Sequence[tuple[Row, int, int]]) -> None:
        """Orders of the archive with these numbers and customers."""
        if not self.has_orders:
            return
        wanted = {
            (row.data.number, customer) for row, customer, _product in pairs
        } - self.orders.keys()
        if not wanted:
            return
        for pk, number, customer, currency, status, last in fetch(
            """
            SELECT o.id, o.number, o.customer_id, o.currency, o.status,
                   coalesce((SELECT max(l.line_no) FROM sales_salesorderline l WHERE l.order_id = o.id), 0)
            FROM unnest(%s::text[], %s::bigint[]) AS s (number, customer_id)
            JOIN sales_salesorder o ON o.number = s.number AND o.customer_id = s.customer_id
            """,
            [[number for number, _customer in wanted], [customer for _number, customer in wanted]],
        ):
            order = Order(number, customer, currency)
            order.pk, order.new, order.status, order.last_line = pk, False, status, last
            self.orders[number, customer] = order

    def _order(self, row: Row, customer: int) -> Order | None:
        data: LineData = row.data
        order = self.orders.get((data.number, customer))
        if order is None:
            order = self.orders[data.number, customer] = Order(data.number, customer, data.currency)
            order.day, order.person = data.day, data.person
            self._unnumbered.append(order)
        if order.status == "void":
            row.error("order_number", "order_void", value=data.number)
            return None
        if order.currency != data.currency:
            row.error("currency", "currency_mismatch", value=data.currency, other=order.currency)
            return None
        return order

    # -- writing --------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Ids for what this batch made new."""
        if not self.context.writing:
            return
        waiting, self._unnumbered = self._unnumbered, []
        for order, pk in zip(waiting, draw_ids("sales_salesorder", len(waiting)), strict=True):
            order.pk = pk

    def _write(self, lines: Sequence[tuple[Row, Order, int]]) -> None:
        new = [item for item in lines if item[0].previous is None]
        old = [item for item in lines if item[0].previous is not None]
        if not self.context.writing:
            for row, _order, _product in new:
                row.settle("created")
            for row, _order, _product in old:
                row.settle("updated", row.previous)
            return
        texts = []
        for (row, order, product), pk in zip(new, draw_ids(_LINE, len(new)), strict=True):
            row.settle("created", pk)
            order.last_line += 1
            texts.append(_line_text(pk, row.data, order, order.last_line, product))
        copy_lines(_LINE, ("id", *_LINE_COLUMNS), texts)
        self._change(old)
        if not self.everything:
            self.written.extend(row.target for row, _order, _product in lines if row.target)

    def _change(self, lines: Sequence[tuple[Row, Order, int]]) -> None:
        """Corrected rows of an annotated copy: the line they became takes the new values."""
        if not lines:
            return
        places = {
            pk: (order, number)
            for pk, order, number in fetch(
                "SELECT id, order_id, line_no FROM sales_salesorderline WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                [[row.previous for row, _order, _product in lines]],
            )
        }
        changes = []
        for row, order, product in lines:
            assert row.previous is not None
            at, number = places[row.previous]
            if at != order.pk:
                order.last_line += 1
                number = order.last_line
            data: LineData = row.data
            changes.append(
                [
                    row.previous,
                    order.pk,
                    number,
                    order.customer_id,
                    data.day,
                    order.currency,
                    data.person,
                    product,
                    data.product_name,
                    data.quantity,
                    data.price,
                    data.factor,
                    data.amount,
                    data.cost,
                    data.other_cost,
                    data.remark,
                ]
            )
            row.settle("updated", row.previous)
        change_rows(_LINE, _LINE_COLUMNS, changes)

    def finish(self) -> list[Duplicate]:
        """What the lines made new: customers, products, orders."""
        if not self.context.writing:
            return []
        self.customers.create()
        self.products.create()
        new = [order for order in self.orders.values() if order.new and order.last_line]
        copy_rows(
            "sales_salesorder",
            _ORDER_COLUMNS,
            (
                (
                    o.pk,
                    o.number,
                    o.customer_id,
                    o.day,
                    o.currency,
                    o.person,
                    "imported",
                    "recorded",
                    "",
                    "",
                )
                for o in new
            ),
        )
        if new:
            note_issued(ORDER_SCHEME, [order.number for order in new])
        if not self.everything:
            self._check_reach()
        return []

    def _check_reach(self) -> None:
        """Nobody saves a row into a place they could not reach (law 2 of the house)."""
        mine = (
            SalesOrderLine.objects.for_user(self.context.actor, "import")
            .filter(pk__in=self.written)
            .count()
        )
        if mine != len(set(self.written)):
            raise Refusal("not_yours", IMPORT_MESSAGES["not_yours"])


def _line_text(pk: int, data: LineData, order: Order, number: int, product: int) -> str:
    """A new line as COPY reads it."""
    person = "\\N" if data.person is None else data.person
    cost = "\\N" if data.cost is None else data.cost
    return (
        f"{pk}\t{order.pk}\t{number}\t{order.customer_id}\t{data.day}\t{order.currency}\t{person}\t{product}\t"
        f"{escaped(data.product_name)}\t{data.quantity}\t{data.price}\t{data.factor}\t{data.amount}\t{cost}\t"
        f"{data.other_cost}\t{escaped(data.remark)}"
    )

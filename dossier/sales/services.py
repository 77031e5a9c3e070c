"""Every write of sales orders (ORD-4): record, amend, void. Totals are always computed here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.catalog.fields import may_see_cost
from dossier.catalog.models import Product
from dossier.catalog.states import ProductStatus
from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal, Refusals, Stale
from dossier.core.money import CURRENCIES
from dossier.core.numbering import next_number, note_issued
from dossier.core.reasons import reason_text
from dossier.core.services import command, once
from dossier.core.values import halfwidth, multiline_text, text
from dossier.customers.models import Customer
from dossier.customers.services import standing_refresh
from dossier.people.models import Employee
from dossier.people.selectors import may_own
from dossier.sales.access import ORDER
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.rules import PROPOSE, LineInput, amount_of, faults, proposed_cost
from dossier.sales.seeds import ORDER_SCHEME
from dossier.sales.states import OrderSource, OrderStatus

MOST_LINES = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER_TAKEN = "order_number_per_customer"


class LineRefusal(Refusal):
    """A refusal of one line; ``index`` counts from zero in the order given."""

    def __init__(self, index: int, refusal: Refusal) -> None:
        super().__init__(refusal.code, refusal._message, field=refusal.field, params=refusal.params)
        self.index = index


@dataclass(frozen=True)
class _Head:
    """The checked head of an order."""

    customer: Customer
    ordered_on: date
    currency: str
    salesperson_id: int | None
    number: str
    remark: str


def order_record(
    *,
    actor: Actor,
    customer_id: int,
    ordered_on: date,
    currency: str,
    salesperson_id: int | None,
    lines: Sequence[LineInput],
    number: str = "",
    remark: str = "",
    submission: str = "",
) -> SalesOrder:
    """Record an order. Without a number it gets the next one; ``submission`` makes a repeat do nothing."""
    actor.require(ORDER.key, "add")
    try:
        with command(actor, why="order_record"):
            claim = once(actor=actor, key=submission, what="sales.order") if submission else None
            if claim is not None and claim.result:
                found: SalesOrder = SalesOrder.objects.reachable(actor, claim.result)
                return found
            head = _checked_head(
                actor, customer_id, ordered_on, currency, salesperson_id, number, remark, order=None
            )
            checked = _checked_lines(actor, lines, head.currency, recorded=False, kept={})
            order = SalesOrder(
                number=head.number or _fresh_number(head.customer),
                customer=head.customer,
                ordered_on=head.ordered_on,
                currency=head.currency,
                salesperson_id=head.salesperson_id,
                source=OrderSource.ENTERED,
                remark=head.remark,
            )
            order.save(force_insert=True)
            if head.number:
                note_issued(ORDER_SCHEME, [head.number])
            SalesOrderLine.objects.bulk_create(
                [
                    _new_line(order, at, line, head.salesperson_id)
                    for at, line in enumerate(checked, 1)
                ]
            )
            _still_reachable(actor, order, "add")
            standing_refresh([order.customer_id])
            if claim is not None:
                claim.result = str(order.pk)
                claim.save(update_fields=["result"])
            return order
    except IntegrityError as error:
        raise _explained(error) from error


def order_amend(
    *,
    actor: Actor,
    order_id: int,
    expected_version: int,
    customer_id: int,
    ordered_on: date,
    currency: str,
    salesperson_id: int | None,
    lines: Sequence[LineInput],
    number: str,
    remark: str = "",
    why: str = "",
) -> SalesOrder:
    """Change an order and its lines as a whole; the history keeps every version.

    A line without ``line_id`` is new, one not named is taken out. A line's own salesperson stays,
    unless it was the order's, which then changes with it.
    """
    try:
        with command(actor, why=why or "order_amend"):
            order = _locked(actor, order_id)
            customer_before = order.customer_id
            if order.status == OrderStatus.VOID:
                raise Refusal("void", _("This order is void and stays as it is."))
            if order.version != expected_version:
                raise Stale(
                    "stale", _("Somebody else saved this order meanwhile."), params={"theirs": {}}
                )
            head = _checked_head(
                actor,
                customer_id,
                ordered_on,
                currency,
                salesperson_id,
                number,
                remark,
                order=order,
            )
            kept = {line.pk: line for line in order.lines.all()}
            recorded = order.source == OrderSource.IMPORTED
            checked = _checked_lines(actor, lines, head.currency, recorded=recorded, kept=kept)
            before = order.salesperson_id
            fields = {
                "number": head.number or order.number,
                "customer_id": head.customer.pk,
                "ordered_on": head.ordered_on,
                "currency": head.currency,
                "salesperson_id": head.salesperson_id,
                "remark": head.remark,
            }
            changed = [name for name, value in fields.items() if getattr(order, name) != value]
            for name in changed:
                setattr(order, name, fields[name])
            touched = _write_lines(order, checked, kept, before)
            if changed or touched:
                order.version += 1
                order.save(update_fields=[*changed, "version", "updated_at"])
                if "number" in changed:
                    note_issued(ORDER_SCHEME, [order.number])
                _still_reachable(actor, order, "change")
                standing_refresh([customer_before, order.customer_id])
            return order
    except IntegrityError as error:
        raise _explained(error) from error


def order_void(*, actor: Actor, order_id: int, expected_version: int, reason: str) -> SalesOrder:
    """Declare an order void: it stays visible, with the reason, and counts nowhere. Twice is once."""
    reason = reason_text(reason)
    with command(actor, why=f"order_void: {reason}"):
        order = _locked(actor, order_id)
        if order.status == OrderStatus.VOID:
            return order
        if order.version != expected_version:
            raise Stale(
                "stale", _("Somebody else saved this order meanwhile."), params={"theirs": {}}
            )
        order.status = OrderStatus.VOID
        order.void_reason = reason
        order.version += 1
        order.save(update_fields=["status", "void_reason", "version", "updated_at"])
        standing_refresh([order.customer_id])
        return order


# -- checks -------------------------------------------------------------------------------------------


def _locked(actor: Actor, order_id: int) -> SalesOrder:
    """The order, locked, for somebody who sees all of it and may change it."""
    order = SalesOrder.objects.reachable(actor, order_id)
    actor.require(ORDER.key, "change")
    if not Customer.objects.for_user(actor).filter(pk=order.customer_id).exists():
        raise NotAllowed("not_allowed", _("Only those who see the customer may change its orders."))
    SalesOrder.objects.reachable(actor, order_id, "change")
    locked: SalesOrder = SalesOrder.objects.select_for_update().get(pk=order_id)
    return locked


def may_change(actor: Actor, order: SalesOrder) -> bool:
    """Whether the actor may change the order: the right, the order in scope, and its customer visible."""
    return bool(SalesOrder.objects.for_user(actor, "change").filter(pk=order.pk).exists())


def _still_reachable(actor: Actor, order: SalesOrder, action: str) -> None:
    """Nobody saves a row into a place they could not reach (law 2)."""
    if not SalesOrder.objects.for_user(actor, action).filter(pk=order.pk).exists():
        raise NotAllowed(
            "not_allowed", _("Saved like this, the order would be outside your own scope.")
        )


def _checked_head(
    actor: Actor,
    customer_id: int,
    ordered_on: date,
    currency: str,
    salesperson_id: int | None,
    number: str,
    remark: str,
    *,
    order: SalesOrder | None,
) -> _Head:
    refusals: list[Refusal] = []
    customer: Customer | None = Customer.objects.for_user(actor).filter(pk=customer_id).first()
    if customer is None:
        raise NotFound(
            "not_found",
            _("There is no such customer, or it is not yours to see."),
            field="customer",
        )
    if customer.archived_at is not None and (order is None or order.customer_id != customer.pk):
        refusals.append(
            Refusal(
                "archived",
                _(
                    "The relationship with this customer has ended. Take it up again before you enter an order."
                ),
                field="customer",
            )
        )
    if ordered_on > timezone.localdate():
        refusals.append(
            Refusal("future_date", _("The order date lies in the future."), field="ordered_on")
        )
    if currency not in CURRENCIES and (order is None or order.currency != currency):
        refusals.append(
            Refusal("unknown_currency", _("This currency is not known."), field="currency")
        )
    if salesperson_id is not None and (order is None or order.salesperson_id != salesperson_id):
        refusals.extend(
            _salesperson_faults(
                actor, salesperson_id, ordered_on, "add" if order is None else "change"
            )
        )
    number = halfwidth(number)
    if len(number) > 50 or _CONTROL.search(number):
        refusals.append(
            Refusal("bad_number", _("An order number has at most 50 characters."), field="number")
        )
    remark = multiline_text(remark)
    if len(remark) > 10_000:
        refusals.append(Refusal("too_long", _("This is too long."), field="remark"))
    if (
        not refusals
        and number
        and (order is None or (order.number, order.customer_id) != (number, customer.pk))
    ):
        taken = SalesOrder.objects.filter(number=number, customer=customer)
        if (taken.exclude(pk=order.pk) if order else taken).exists():
            refusals.append(_number_taken())
    if refusals:
        raise Refusals(refusals)
    return _Head(customer, ordered_on, currency, salesperson_id, number, remark)


def _salesperson_faults(
    actor: Actor, employee_id: int, day: date, action: str
) -> Iterable[Refusal]:
    person: Employee | None = Employee.objects.for_user(actor).filter(pk=employee_id).first()
    allowed = may_own(actor, kind=ORDER.key, action=action)
    if person is None or (allowed is not None and employee_id not in allowed):
        yield Refusal(
            "not_yours", _("You may credit only people within your own scope."), field="salesperson"
        )
    elif not person.in_post and (person.left_on is None or person.left_on < day):
        yield Refusal(
            "not_in_post",
            _("This person had left by then. Choose somebody in post."),
            field="salesperson",
        )


def _checked_lines(
    actor: Actor,
    lines: Sequence[LineInput],
    currency: str,
    *,
    recorded: bool,
    kept: dict[int, SalesOrderLine],
) -> list[tuple[LineInput, Decimal, Decimal | None]]:
    """The lines with amount and cost worked out; all that is wrong is said at once."""
    if not lines:
        raise Refusal("no_lines", _("Enter at least one line."))
    if len(lines) > MOST_LINES:
        raise Refusal(
            "too_many_lines", _("An order has at most %(most)s lines."), params={"most": MOST_LINES}
        )
    named = [line.line_id for line in lines if line.line_id is not None]
    if len(set(named)) != len(named) or not set(named) <= set(kept):
        raise NotFound(
            "not_found", _("A line of this order is no longer there. Open the order anew.")
        )
    products = {
        product.pk: product
        for product in Product.objects.for_user(actor).filter(
            pk__in={line.product_id for line in lines}
        )
    }
    refusals: list[Refusal] = []
    checked = []
    costs = may_see_cost(actor)
    for index, line in enumerate(lines):
        old = kept.get(line.line_id) if line.line_id is not None else None
        product = products.get(line.product_id)
        if not costs:  # who may not see cost does not set it
            line = replace(line, cost=PROPOSE, other_cost=old.other_cost if old else Decimal(0))
        bad = [
            Refusal(code, message, field=field)
            for field, code, message in faults(line, recorded=recorded and old is not None)
        ]
        same_product = old is not None and old.product_id == line.product_id
        if product is None:
            bad.append(Refusal("unknown", _("There is no such product."), field="product"))
        elif product.status == ProductStatus.DISCONTINUED and not same_product:
            bad.append(
                Refusal("discontinued", _("This product is no longer on sale."), field="product")
            )
        if bad or product is None:
            refusals.extend(LineRefusal(index, refusal) for refusal in bad)
            continue
        amount = _amount(line, old, currency, recorded)
        cost = _cost(line, old, product, currency) if line.cost is PROPOSE else line.cost
        if abs(amount) >= Decimal(10) ** 15 or (
            isinstance(cost, Decimal) and abs(cost) >= Decimal(10) ** 15
        ):
            refusals.append(
                LineRefusal(
                    index,
                    Refusal(
                        "too_large",
                        _("This line comes to more than can be kept."),
                        field="quantity",
                    ),
                )
            )
            continue
        checked.append((replace(line, remark=text(line.remark)[:200]), amount, cost))
    if refusals:
        raise Refusals(refusals)
    return checked


def _amount(line: LineInput, old: SalesOrderLine | None, currency: str, recorded: bool) -> Decimal:
    """A recorded amount is kept exactly while its line's figures stay; else it is computed."""
    same = old is not None and _same_figures(line, old)
    if recorded and line.amount is not None and (old is None or same or line.amount != old.amount):
        return line.amount
    if recorded and old is not None and same:
        return old.amount
    return amount_of(line, currency)


def _same_figures(line: LineInput, old: SalesOrderLine) -> bool:
    return (line.quantity, line.unit_price, line.discount_factor) == (
        old.quantity,
        old.unit_price,
        old.discount_factor,
    )


def _cost(
    line: LineInput, old: SalesOrderLine | None, product: Product, currency: str
) -> Decimal | None:
    """The cost where none was given: what was recorded, at the recorded rate; else from the product."""
    if old is not None and old.product_id == line.product_id:
        if old.cost is None or old.quantity == line.quantity:
            return old.cost
        if old.quantity:
            return proposed_cost(line.quantity, old.cost / old.quantity, currency)
    return proposed_cost(
        line.quantity, product.cost if product.currency == currency else None, currency
    )


# -- rows ---------------------------------------------------------------------------------------------


def _new_line(
    order: SalesOrder,
    position: int,
    checked: tuple[LineInput, Decimal, Decimal | None],
    salesperson_id: int | None,
) -> SalesOrderLine:
    line = SalesOrderLine(order=order, line_no=position, salesperson_id=salesperson_id)
    for name, value in _values(order, checked).items():
        setattr(line, name, value)
    return line


def _values(
    order: SalesOrder, checked: tuple[LineInput, Decimal, Decimal | None]
) -> dict[str, Any]:
    line, amount, cost = checked
    return {
        "customer_id": order.customer_id,
        "ordered_on": order.ordered_on,
        "currency": order.currency,
        "product_id": line.product_id,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "discount_factor": line.discount_factor,
        "amount": amount,
        "cost": cost,
        "other_cost": line.other_cost,
        "remark": line.remark,
    }


def _write_lines(
    order: SalesOrder,
    checked: list[tuple[LineInput, Decimal, Decimal | None]],
    kept: dict[int, SalesOrderLine],
    salesperson_before: int | None,
) -> bool:
    """Bring the lines to what was entered; whether anything changed."""
    named = {line.line_id for line, _amount, _cost in checked}
    gone = [pk for pk in kept if pk not in named]
    if gone:
        SalesOrderLine.objects.filter(pk__in=gone).delete()
    highest = max((line.line_no for line in kept.values()), default=0)
    touched = bool(gone)
    fresh = []
    for item in checked:
        line_id = item[0].line_id
        if line_id is None:
            highest += 1
            fresh.append(_new_line(order, highest, item, order.salesperson_id))
            continue
        line = kept[line_id]
        values = _values(order, item)
        if line.product_id != item[0].product_id:
            values["product_text"] = ""
        if line.salesperson_id == salesperson_before:
            values["salesperson_id"] = order.salesperson_id
        changed = [name for name, value in values.items() if getattr(line, name) != value]
        if changed:
            for name in changed:
                setattr(line, name, values[name])
            line.version += 1
            line.save(update_fields=[*changed, "version", "updated_at"])
            touched = True
    if fresh:
        SalesOrderLine.objects.bulk_create(fresh)
    return touched or bool(fresh)


def _fresh_number(customer: Customer) -> str:
    """The next number of the scheme that this customer has not got from outside."""
    while True:
        number = next_number(ORDER_SCHEME)
        if not SalesOrder.objects.filter(number=number, customer=customer).exists():
            return number


def _number_taken() -> Refusal:
    return Refusal("taken", _("This customer already has an order of this number."), field="number")


def _explained(error: IntegrityError) -> Exception:
    return _number_taken() if _NUMBER_TAKEN in str(error) else error

"""What one sales line says, and what is wrong with it. Pure: no database; made for many lines a second."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from django.db.models import Model

from dossier.catalog.imports import CODE_LENGTH, currency_code, product_code
from dossier.catalog.models import Product, ProductFamily
from dossier.catalog.states import CLASS_WORDS
from dossier.core.imports.cells import Cell
from dossier.core.imports.pipeline import Record
from dossier.core.imports.registry import Context as ImportContext
from dossier.core.imports.result import Row
from dossier.core.money import DEFAULT_CURRENCY
from dossier.core.values import (
    ValueProblem,
    answer,
    parse_choice,
    parse_code,
    parse_date,
    parse_decimal,
    text,
)
from dossier.people.directory import Directory
from dossier.sales.models import SalesOrder, SalesOrderLine

_EXACT = Context(prec=80)
_ONE = Decimal(1)
_ZERO = Decimal(0)
_MOST = Decimal(10) ** 14  # as the constraint of the lines has it
_FOUR = Decimal("0.0001")
_SIX = Decimal("0.000001")
_MOST_KEPT = 50_000
_TENTHS = re.compile(r"折数|几折|[(（]折[)）]|^折$")


class LineData:
    """One line as the sheet has it. A cost of None is not known."""

    __slots__ = (
        "amount", "cost", "country", "currency", "customer_code", "customer_name", "customer_typed", "day", "factor",
        "family", "number", "other_cost", "person", "price", "product_class", "product_code", "product_name", "quantity",
        "remark", "specification", "unit",
    )  # fmt: skip

    number: str
    day: date
    customer_code: str  # zeros a spreadsheet ate put back
    customer_typed: str
    customer_name: str
    country: str
    product_code: str
    product_name: str
    product_class: str
    family: str
    specification: str
    unit: str
    quantity: Decimal
    price: Decimal
    factor: Decimal
    amount: Decimal
    cost: Decimal | None
    other_cost: Decimal
    currency: str
    person: int | None
    remark: str


class LineChecker:
    """Reads lines. What repeats from line to line (days, prices, codes) is read once."""

    def __init__(
        self, context: ImportContext, *, code_width: int | None, directory: Directory
    ) -> None:
        columns = context.columns
        self.columns = columns
        self.code_width = code_width
        self.directory = directory
        self.off = context.discount == "off"
        self.in_tenths = bool(_TENTHS.search(context.titles.get("discount", "")))
        self.currency = context.options.currency or DEFAULT_CURRENCY
        self.has_cost = "cost" in columns or "unit_cost" in columns
        self.descriptive = [
            name
            for name in ("specification", "unit", "family", "country", "remark")
            if name in columns
        ]
        self._days: dict[str, date | ValueProblem] = {}
        self._numbers: dict[str, Decimal | ValueProblem] = {}
        self._codes: dict[str, str] = {}

    def check(self, row: Row, record: Record) -> None:
        """Fill ``row.data`` and name the problems."""
        values = record.values
        get = values.get
        data = row.data = LineData()
        number = answer(get("order_number", ""))
        if not number:
            row.error("order_number", "missing")
        elif len(number) > _NUMBER_LENGTH:
            row.error("order_number", "too_long", limit=_NUMBER_LENGTH)
        data.number = number or ""
        self._day(row, get("date", ""), data)
        self._customer(row, data, get("customer_code", ""), get("customer_name", ""))
        self._product(row, data, get("product_code", ""), get("product_name", ""))
        self._money(row, data, values)
        data.currency = self.currency
        given = get("currency", "")
        if given and (named := answer(given)):
            currency = currency_code(str(named))
            if currency is None:
                row.error("currency", "unknown_currency", value=str(named)[:60])
            else:
                data.currency = currency
        person = get("salesperson", "")
        data.person = self._person(row, person) if person != "" else None
        data.product_class = data.family = data.specification = data.unit = data.country = (
            data.remark
        ) = ""
        for name in self.descriptive:
            written = answer(values[name])
            if written:
                setattr(data, name, str(written)[: _LIMITS[name]])
        letter = get("product_class", "")
        if letter and (named := answer(letter)):
            try:
                data.product_class = parse_choice(named, CLASS_WORDS).value
            except ValueProblem as problem:
                row.warn("product_class", problem.code, **problem.params)

    def _day(self, row: Row, cell: Cell, data: LineData) -> None:
        if cell == "" or (type(cell) is str and not answer(cell)):
            row.error("date", "missing")
            return
        found: date | ValueProblem | None = self._days.get(cell) if type(cell) is str else None
        if found is None:
            try:
                found = parse_date(cell)
            except ValueProblem as problem:
                found = problem
            if type(cell) is str:
                if len(self._days) > _MOST_KEPT:
                    self._days.clear()
                self._days[cell] = found
        if isinstance(found, ValueProblem):
            row.error("date", found.code, **found.params)
        else:
            data.day = found

    def _customer(self, row: Row, data: LineData, code: Cell, name: Cell) -> None:
        typed = answer(code) if code != "" else ""
        data.customer_typed = str(typed) if typed else ""
        data.customer_code = self._code(code) if typed else ""
        named = answer(name) if name != "" else ""
        data.customer_name = str(named)[:200] if named else ""

    def _code(self, code: Cell) -> str:
        key = code if type(code) is str else text(code)
        found = self._codes.get(key)
        if found is None:
            try:
                found = parse_code(code, self.code_width)
            except ValueProblem:
                found = ""
            if len(self._codes) > _MOST_KEPT:
                self._codes.clear()
            self._codes[key] = found
        return found

    def _product(self, row: Row, data: LineData, code: Cell, name: Cell) -> None:
        given = product_code(code) if code != "" and answer(code) else ""
        if len(given) > CODE_LENGTH:
            row.error("product_code", "too_long", limit=CODE_LENGTH)
        named = answer(name) if name != "" else ""
        data.product_code = given
        data.product_name = str(named)[:_NAME_LENGTH] if named else ""
        if not given and not named:
            row.error(
                "product_code" if "product_code" in self.columns else "product_name", "missing"
            )

    def _person(self, row: Row, cell: Cell) -> int | None:
        given = answer(cell)
        if not given:
            return None
        found = self.directory.find(str(given))
        if found.pk is None:
            code = "ambiguous_salesperson" if found.how == "many" else "unknown_salesperson"
            row.warn("salesperson", code, value=str(given)[:60])
        return found.pk

    # -- numbers --------------------------------------------------------------------------------

    def _number(self, row: Row, field: str, cell: Cell, *, must: bool = True) -> Decimal | None:
        """A number of at most four decimals; an unreadable one refuses the row (``must``) or is put aside."""
        if cell == "":
            return None
        found: Decimal | ValueProblem | None = (
            self._numbers.get(cell) if type(cell) is str else None
        )
        if found is None:
            if not answer(cell):
                return None
            try:
                found = parse_decimal(cell, max_digits=20, places=4)
                if abs(found) >= _MOST:
                    found = ValueProblem("too_large", cell)
            except ValueProblem as problem:
                found = problem
            if type(cell) is str:
                if len(self._numbers) > _MOST_KEPT:
                    self._numbers.clear()
                self._numbers[cell] = found
        if isinstance(found, Decimal):
            return found
        if must:
            row.error(field, found.code, **found.params)
        else:
            row.warn(field, found.code, **found.params)
        return None

    def _money(self, row: Row, data: LineData, values: dict[str, Any]) -> None:
        before = len(row.problems)
        get = values.get
        quantity = self._number(row, "quantity", get("quantity", ""))
        price = self._number(row, "unit_price", get("unit_price", ""))
        amount = self._number(row, "amount", get("amount", ""))
        data.factor = _ONE
        discount = get("discount", "")
        if len(row.problems) == before:
            if (
                discount != ""
                and (factor := self._factor(row, discount, quantity, price, amount)) is not None
            ):
                data.factor = factor
            self._complete(row, data, quantity, price, amount)
        self._costs(row, data, values)

    def _complete(
        self,
        row: Row,
        data: LineData,
        quantity: Decimal | None,
        price: Decimal | None,
        amount: Decimal | None,
    ) -> None:
        """Quantity, price and amount, the missing one worked out; a given amount must match."""
        if price is None:
            if amount is None:
                row.error("unit_price", "missing")
                return
            data.factor = _ONE
            if quantity is None:
                if "quantity" in self.columns:
                    row.error("quantity", "missing")
                    return
                quantity = _ONE
            price = (
                amount
                if not quantity
                else _EXACT.divide(amount, quantity).quantize(_FOUR, ROUND_HALF_UP, _EXACT)
            )
        elif quantity is None:
            row.error("quantity", "missing")
            return
        else:
            exact = _EXACT.multiply(quantity, price)
            if data.factor != 1:
                exact = _EXACT.multiply(exact, data.factor)
            if amount is None:
                exponent = exact.as_tuple().exponent
                amount = (
                    exact
                    if isinstance(exponent, int) and exponent >= -4
                    else exact.quantize(_FOUR, ROUND_HALF_UP, _EXACT)
                )
            elif amount != exact and not matches(amount, exact):
                row.error("amount", "amount_mismatch", value=f"{amount:f}", expected=plain(exact))
        data.quantity, data.price, data.amount = quantity, price, amount
        if abs(amount) >= _MOST * 100:
            row.error("amount", "too_large", value=f"{amount:f}"[:60])

    def _factor(
        self,
        row: Row,
        cell: Cell,
        quantity: Decimal | None,
        price: Decimal | None,
        amount: Decimal | None,
    ) -> Decimal | None:
        """The share that is paid. 0.9, 90 %, 9折, 95; or what is off where the map says so."""
        if type(cell) is str and cell in ("1", "1.0", "1.00", "100%"):
            return _ZERO if self.off else _ONE
        written = answer(cell)
        if not written:
            return None
        tenths = self.in_tenths or "折" in str(written)
        try:
            number = parse_decimal(
                str(written).replace("折", "") if isinstance(cell, str) else cell,
                max_digits=20,
                places=6,
            )
        except ValueProblem as problem:
            row.error("discount", problem.code, **problem.params)
            return None
        readings = [number] if 0 <= number <= 1 else []
        if 1 < number <= 10:
            readings = [number / 10] if tenths else [number / 10, number / 100]
        elif 10 < number <= 100:
            readings = [number / 100]
        if self.off:
            readings = [_ONE - one for one in readings]
        if len(readings) > 1 and amount is not None and quantity is not None and price is not None:
            gross = quantity * price
            readings = [one for one in readings if matches(amount, gross * one)][:1] or readings
        if len(readings) != 1:
            row.error("discount", "bad_discount", value=str(written)[:60])
            return None
        return readings[0].quantize(_SIX, ROUND_HALF_UP)

    def _costs(self, row: Row, data: LineData, values: dict[str, Any]) -> None:
        data.cost = None
        data.other_cost = _ZERO
        if self.has_cost:
            cost = self._number(row, "cost", values.get("cost", ""), must=False)
            if cost is None:
                each = self._number(row, "unit_cost", values.get("unit_cost", ""), must=False)
                if each is not None and not row.refused:
                    cost = _EXACT.multiply(each, data.quantity).quantize(
                        _FOUR, ROUND_HALF_UP, _EXACT
                    )
            if cost is None:
                row.warn("cost", "missing_cost")
            data.cost = cost
        other = values.get("other_cost", "")
        if other != "":
            data.other_cost = self._number(row, "other_cost", other, must=False) or _ZERO


def _longest(model: type[Model], name: str) -> int:
    field: Any = model._meta.get_field(name)
    return int(field.max_length)


_NUMBER_LENGTH = _longest(SalesOrder, "number")
_NAME_LENGTH = _longest(SalesOrderLine, "product_text")
_LIMITS = {
    "specification": _longest(Product, "specification"),
    "unit": _longest(Product, "unit"),
    "family": _longest(ProductFamily, "name"),
    "country": 60,
    "remark": _longest(SalesOrderLine, "remark"),
}


def matches(amount: Decimal, exact: Decimal) -> bool:
    """Whether a given amount is the exact one rounded: to cents, or finer where it is written finer."""
    exponent = amount.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 0)
    return abs(amount - exact) * 2 <= _ONE.scaleb(-places)


def plain(number: Decimal) -> str:
    """A number without trailing zeros, for a message."""
    shown = f"{number:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown

"""The made-up records both programs are given: the demonstration company grown to the size, as plain values.

Only what both can hold is kept: a customer has a name, a code, a telephone, an e-mail, a street and a
city; a line has a product, a quantity and a price to the cent. `bench.peers.steps` makes them.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

_SEED = 11
LINES_OF_AN_ORDER = 5
_CITY = re.compile(r"^(?:[^省]{2,7}省|[^区市]{2,7}自治区)?([^省路]{1,10}?(?:自治州|市|盟))")


@dataclass(frozen=True)
class Customer:
    """A company that may buy. ``contact``: a person there, whom Dossier asks for."""

    code: str
    name: str
    contact: str
    phone: str
    email: str
    street: str
    city: str


@dataclass(frozen=True)
class Product:
    """Something sold; its price in yuan as a text."""

    code: str
    name: str
    unit: str
    list_price: str


@dataclass(frozen=True)
class Line:
    """A line of a past order. ``unit_price`` in yuan is what was paid; the day is in ISO form."""

    order: str
    day: str
    customer: str
    product: str
    quantity: str
    unit_price: str
    salesperson: str

    @property
    def amount(self) -> Decimal:
        """Yuan, to the cent without rounding."""
        return Decimal(self.quantity) * Decimal(self.unit_price)


class NewOrder(NamedTuple):
    """An order to be made: its customer's code and (product's code, quantity, price) of each line."""

    customer: str
    lines: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class Records:
    """Everything there is to bring in; in ``folder`` are the same as sheets for Dossier."""

    folder: Path
    people: tuple[str, ...]
    products: tuple[Product, ...]
    customers: tuple[Customer, ...]
    lines: tuple[Line, ...]

    def revenue(self) -> Decimal:
        """What every report of all lines has to come to."""
        return sum((line.amount for line in self.lines), Decimal(0))

    def orders(self) -> dict[str, list[Line]]:
        """Past orders by number, each with its lines."""
        found: defaultdict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            found[line.order].append(line)
        return found

    def typed(self, count: int) -> list[str]:
        """What people type to find a customer: two to four characters out of names that are there."""
        draw = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
        found = []
        for turn in range(count):
            name = draw.choice(self.customers).name
            length = min(2 + turn % 3, len(name))
            start = draw.randrange(len(name) - length + 1)
            found.append(name[start : start + length])
        return found

    def new_orders(self, count: int) -> list[NewOrder]:
        """Orders of five lines to be made, for customers among the first two hundred."""
        draw = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
        return [
            NewOrder(
                draw.choice(self.customers[:200]).code,
                tuple(
                    (product.code, draw.randrange(1, 20), product.list_price)
                    for product in draw.choices(self.products, k=LINES_OF_AN_ORDER)
                ),
            )
            for _turn in range(count)
        ]

    def write(self) -> None:
        """Into its folder; `Records.read` gives the same again."""
        values = {name: value for name, value in asdict(self).items() if name != "folder"}
        text = json.dumps(values, ensure_ascii=False)
        (self.folder / "records.json").write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Records:
        """What `write` has put into a folder."""
        given = json.loads((folder / "records.json").read_text(encoding="utf-8"))
        return cls(
            folder,
            tuple(given["people"]),
            tuple(Product(**one) for one in given["products"]),
            tuple(Customer(**one) for one in given["customers"]),
            tuple(Line(**one) for one in given["lines"]),
        )


def customer_of(row: dict[str, Any]) -> Customer:
    """A row of the demonstration company as both programs can hold it."""
    return Customer(
        row["code"], row["name"], row["contact"], row["phone"], row["email"], row["address"],
        city_of(row["address"]),
    )  # fmt: skip


def line_of(row: dict[str, Any]) -> Line:
    """A line at the price that was paid: Tryton knows no factor, and rounds prices not as amounts."""
    paid = (Decimal(row["unit_price"]) * Decimal(row["discount"])).quantize(Decimal("0.01"))
    return Line(
        row["order_number"], row["date"], row["customer_code"], row["product_code"],
        row["quantity"], str(paid), row["salesperson"],
    )  # fmt: skip


def city_of(address: str) -> str:
    """The city a Chinese address begins with, behind its province; empty where it names none."""
    found = _CITY.match(address)
    return found[1] if found else ""

"""What the tests of orders share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dossier.people.models import Employee, Team
from tests.factories import (
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_product,
    make_team,
)

DAY = date(2026, 3, 5)


@dataclass
class Company:
    """Two teams with a salesperson each, each with a customer."""

    north: Team
    south: Team
    ann: Any  # account, north
    bob: Any  # account, south
    ann_customer: Any
    bob_customer: Any
    product: Any

    def client(self, account: Any) -> Any:
        """A browser."""
        return client_for(account)


def company() -> Company:
    """A small company."""
    north, south = make_team("North"), make_team("South")
    ann_person: Employee = make_employee("Ann", team=north)
    bob_person: Employee = make_employee("Bob", team=south)
    ann = make_account(roles=["salesperson"], employee=ann_person)
    bob = make_account(roles=["salesperson"], employee=bob_person)
    return Company(
        north,
        south,
        ann,
        bob,
        make_customer("Anhui Alpha", owner=ann_person, short_name="Alpha"),
        make_customer("Beijing Beta CANARY", owner=bob_person, short_name="Beta"),
        make_product("P1", name="lathe", cost=60, list_price=100),
    )


def order_form(buyer: Any, *lines: dict[str, Any], **head: Any) -> dict[str, str]:
    """The entry form filled in."""
    data: dict[str, Any] = {
        "customer": buyer.code,
        "ordered_on": DAY.isoformat(),
        "currency": "CNY",
        "once_token": "token-1",
        "lines-TOTAL_FORMS": len(lines),
        "lines-INITIAL_FORMS": 0,
        "lines-MIN_NUM_FORMS": 0,
        "lines-MAX_NUM_FORMS": 500,
    }
    for index, line in enumerate(lines):
        values = {"product": "P1", "quantity": "2", "price": "100"} | line
        data |= {f"lines-{index}-{name}": value for name, value in values.items()}
    return {name: str(value) for name, value in (data | head).items()}

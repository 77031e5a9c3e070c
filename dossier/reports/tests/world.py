"""A random company for the tests of reports, and its figures worked out in Python."""

import random
from datetime import date, timedelta
from decimal import Decimal

from dossier.people.models import Territory
from dossier.reports.registry import report_of
from dossier.sales.models import SalesOrderLine
from tests.factories import (
    actor_for,
    make_account,
    make_customer,
    make_employee,
    make_family,
    make_order,
    make_product,
    make_team,
)

SUMMED = {
    "revenue": "amount",
    "quantity": "quantity",
    "cost": "cost",
    "other_cost": "other_cost",
    "profit": "profit",
}


class World:
    """Random orders of two teams: returns, unknown costs, two currencies, void orders, lines of strangers."""

    def __init__(self, seed: int = 7, orders: int = 60) -> None:
        chance = random.Random(seed)
        self.north, self.south = make_team("North"), make_team("South")
        people = [
            make_employee("Ann", team=self.north),
            make_employee("Bob", team=self.south),
            make_employee("Cy"),
        ]
        self.ann, self.bob = (make_account(roles=["salesperson"], employee=e) for e in people[:2])
        self.leader = make_account(
            roles=["team_leader"], employee=make_employee("Lea", team=self.north)
        )
        self.manager = make_account(roles=["sales_manager"])
        self.east = Territory.objects.create(name="East")
        self.east.regions.add("330000", "310000")
        self.city = Territory.objects.create(name="Hangzhou")
        self.city.regions.add("330100")
        families = [make_family("lathes"), None]
        self.products = [
            make_product(product_class=letter, family=chance.choice(families))
            for letter in ("A", "B", "", "D")
        ]
        regions, industries = ["330106", "330200", "310101", "110101", None], ["C34", "F51", None]
        self.customers = [
            make_customer(
                f"Company {n}",
                short_name=f"C{n}",
                owner=chance.choice([*people, None]),
                region_id=chance.choice(regions),
                industry_id=chance.choice(industries),
            )
            for n in range(9)
        ]
        for _n in range(orders):
            make_order(
                chance.choice(self.customers),
                ordered_on=date(2025, 11, 1) + timedelta(days=chance.randrange(120)),
                currency=chance.choice(["CNY", "CNY", "CNY", "USD"]),
                status=chance.choice(["recorded"] * 9 + ["void"]),
                salesperson=chance.choice([*people, None]),
                lines=[self.line(chance, people) for _line in range(chance.randint(1, 4))],
            )

    def line(self, chance, people):
        """A line with four decimals, perhaps a return, perhaps of unknown cost."""
        return {
            "product": chance.choice(self.products),
            "salesperson": chance.choice([*people, None]),
            "quantity": Decimal(chance.randint(-40, 90)) / 4,
            "amount": Decimal(chance.randint(-(10**6), 10**7)) / 10**4,
            "cost": chance.choice([None, Decimal(chance.randint(-(10**5), 10**6)) / 10**4]),
            "other_cost": Decimal(chance.randint(0, 9999)) / 10**4,
        }


def ask(account, by, measures=("revenue", "profit", "quantity"), currency="CNY", **more):
    actor, report = actor_for(account), report_of("sales")
    return report.answer(
        actor, report.question(actor, by=by, measures=measures, currency=currency, **more)
    )


def seen_lines(account, currency="CNY"):
    """What the account sees, worked out in Python and not by the engine."""
    return [
        line
        for line in SalesOrderLine.objects.for_user(actor_for(account)).select_related("order")
        if line.order.status != "void" and line.currency == currency
    ]


def brute(lines, measure):
    values = [getattr(line, SUMMED[measure]) for line in lines]
    return sum((value for value in values if value is not None), Decimal(0))

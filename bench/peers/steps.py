"""Steps that need the program's own code and database: run as processes with the home they work on."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from bench.client import PASSWORD
from bench.peers.records import Product, Records, customer_of, line_of
from dossier.config.environment import command_environment

_SEED = 7


def records(folder: str, size: str, lines: str, today: str) -> None:
    """The company's records as values, and as the sheets Dossier reads."""
    with command_environment():
        from dossier.demo.load import HEADINGS, company_of, large  # needs Django set up

        company = company_of(
            large(int(size), int(lines)), today=date.fromisoformat(today), seed=_SEED
        )
        staff, goods = list(company.employees()), list(company.products())
        made = Records(
            Path(folder),
            tuple(one["name"] for one in staff),
            tuple(Product(p["code"], p["name"], p["unit"], p["list_price"]) for p in goods),
            tuple(map(customer_of, company.customers())),
            tuple(map(line_of, company.sales())),
        )
    made.write()

    def sheet(kind: str, rows: Iterable[dict[str, Any]], *names: str) -> None:
        columns = names or tuple(HEADINGS[kind])
        with (made.folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(HEADINGS[kind][name] for name in columns)
            writer.writerows([row[name] for name in columns] for row in rows)

    sheet("employees", staff)
    sheet("products", goods)
    sheet(
        "customers",
        ({**vars(one), "address": one.street} for one in made.customers),
        "code", "name", "address", "contact", "phone", "email",
    )  # fmt: skip
    sheet(
        "sales",
        (
            {
                "order_number": one.order,
                "date": one.day,
                "customer_code": one.customer,
                "product_code": one.product,
                "quantity": one.quantity,
                "unit_price": one.unit_price,
                "amount": one.amount,
                "salesperson": one.salesperson,
            }
            for one in made.lines
        ),
        "order_number", "date", "customer_code", "product_code", "quantity", "unit_price",
        "amount", "salesperson",
    )  # fmt: skip


def account() -> None:
    """A sign-in for the general manager, who sees everything."""
    with command_environment() as actor:
        from dossier.core.services import command
        from dossier.demo.company import PEOPLE
        from dossier.people.models import Account, Employee, Role
        from dossier.people.services.accounts import account_create

        number, _name, _team, _position, _supervisor, login, roles = PEOPLE[0]
        account_create(
            actor=actor,
            employee_id=Employee.objects.get(number=number).pk,
            login=login,
            role_ids=Role.objects.filter(key__in=roles).values_list("pk", flat=True),
            password=PASSWORD,
        )
        with command(actor, why="bench"):
            made = Account.objects.get(login=login)
            made.must_change_password = False
            made.save(update_fields=["must_change_password"])


_STEPS: dict[str, Callable[..., None]] = {"records": records, "account": account}

if __name__ == "__main__":
    _STEPS[sys.argv[1]](*sys.argv[2:])

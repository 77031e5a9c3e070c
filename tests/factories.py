"""Makers of records for tests; each gives the least that is valid and takes the rest by name."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from django.test import Client

from dossier.catalog.derived import derive as derive_product
from dossier.catalog.models import Product, ProductFamily
from dossier.core.access import Actor
from dossier.customers.derived import ContactFacts
from dossier.customers.derived import derive as derive_customer
from dossier.customers.models import Contact, Customer
from dossier.customers.selectors.duplicates import rows_of
from dossier.customers.services.duplicate_pairs import keep_keys
from dossier.people.models import Account, Employee, Role, Team
from dossier.people.selectors import actor_for as _actor_for
from dossier.sales.models import SalesOrder, SalesOrderLine

_count = itertools.count(1)

PASSWORD = "a long enough phrase"


def make_team(name: str = "", **more: Any) -> Team:
    """A team."""
    return Team.objects.create(name=name or f"team {next(_count)}", **more)


def make_employee(name: str = "", **more: Any) -> Employee:
    """An employee in post."""
    number = more.pop("number", f"T{next(_count):04d}")
    return Employee.objects.create(number=number, name=name or f"employee {number}", **more)


def make_account(
    *,
    roles: tuple[str, ...] | list[str] = (),
    employee: Employee | None = None,
    login: str = "",
    **more: Any,
) -> Account:
    """A sign-in with shipped roles by key; with an employee unless ``employee=None`` and ``bare=True``."""
    bare = more.pop("bare", False)
    team = more.pop("team", None)
    if employee is None and not bare:
        employee = make_employee(team=team)
    account = Account(login=login or f"login{next(_count)}", employee=employee, **more)
    account.set_password(PASSWORD)
    account.save()
    account.roles.set(Role.objects.filter(key__in=roles))
    return account


def actor_for(account: Account) -> Actor:
    """The actor behind an account, as the web makes it."""
    return _actor_for(account)


def actor_of_role(*roles: str, team: Team | None = None) -> Actor:
    """An actor with a new account and employee of these roles."""
    return _actor_for(make_account(roles=roles, team=team))


def client_for(account: Account) -> Client:
    """A browser signed in with the account."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_customer(name: str = "", *, owner: Employee | None = None, **more: Any) -> Customer:
    """A customer that meets CUS-1: a contact and a telephone."""
    number = next(_count)
    contact = more.pop("contact", f"contact {number}")
    phone = more.pop("phone", f"010-{60000000 + number}")
    name = name or f"customer {number}"
    values = {
        "code": f"C{number:05d}",
        "main_contact": contact,
        "main_phone": phone,
        "phone": phone,
    }
    values |= derive_customer(
        name=name,
        code=more.get("code", values["code"]),
        short_name=more.get("short_name", ""),
        phone=phone,
        contacts=[ContactFacts(contact)],
    )._asdict()
    values |= {"sort_key": name.lower(), "name_key": name.lower()}
    customer = Customer.objects.create(name=name, owner=owner, **(values | more))
    Contact.objects.create(customer=customer, name=contact, is_main=True)
    keep_keys(rows_of([customer.pk]), searched=False)
    return customer


def make_product(code: str = "", **more: Any) -> Product:
    """A product on sale."""
    code = code or f"P{next(_count):05d}"
    values = {"name": f"product {code}"} | more
    found = derive_product(
        code=code, name=values["name"], specification=values.get("specification", "")
    )
    return Product.objects.create(code=code, **(found._asdict() | values))


def make_family(name: str = "") -> ProductFamily:
    """A product family."""
    return ProductFamily.objects.create(name=name or f"family {next(_count)}")


def make_order(
    customer: Customer, *, lines: list[dict[str, Any]] | None = None, **more: Any
) -> SalesOrder:
    """An order with lines; a line gives at least product and amount, or nothing at all."""
    values: dict[str, Any] = {
        "number": f"S{next(_count):06d}",
        "ordered_on": date(2026, 1, 15),
        "salesperson": customer.owner,
    }
    order = SalesOrder.objects.create(customer=customer, **(values | more))
    for position, line in enumerate(lines if lines is not None else [{}], 1):
        base: dict[str, Any] = {
            "quantity": Decimal(1),
            "unit_price": Decimal(100),
            "amount": Decimal(100),
            "cost": Decimal(60),
            "salesperson": order.salesperson,
        }
        base |= line
        base.setdefault("product", None)
        if base["product"] is None:
            base["product"] = make_product()
        SalesOrderLine.objects.create(
            order=order,
            line_no=position,
            customer=customer,
            ordered_on=order.ordered_on,
            currency=order.currency,
            **base,
        )
    return order

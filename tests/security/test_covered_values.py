"""A value somebody may not see stands nowhere: no page, sort, filter, search, suggestion, file (SECURITY E 9, 10).

Every covered field of every kind of record is filled with a word that stands nowhere else; every address
is then read as those who see the record but not the value, and every answer is searched for the words.
"""

from __future__ import annotations

import importlib
import zipfile
from io import BytesIO
from urllib.parse import urlencode

import pytest

from dossier.catalog.models import Product
from dossier.core.fields import FieldSpec, Surface
from dossier.customers.models import BankAccount, Contact, Customer
from dossier.people.models import Employee
from dossier.sales.models import SalesOrder, SalesOrderLine
from tests.permissions.addresses import addresses
from tests.permissions.matrix import cases

pytestmark = pytest.mark.django_db

LISTS = (
    ("dossier.customers.fields", "CUSTOMER_FIELDS"),
    ("dossier.customers.fields", "CONTACT_FIELDS"),
    ("dossier.customers.fields", "BANK_ACCOUNT_FIELDS"),
    ("dossier.people.fields", "EMPLOYEE"),
    ("dossier.catalog.fields", "PRODUCT_FIELDS"),
    ("dossier.sales.fields", "ORDER_FIELDS"),
    ("dossier.sales.fields", "LINE_FIELDS"),
)
COST = "7654321.98"


def field_lists() -> list[tuple[str, FieldSpec]]:
    """(list, field) of every field list there is."""
    found = []
    for module, name in LISTS:
        made = importlib.import_module(module)
        found += [(name, spec) for spec in getattr(made, name)]
    return found


COVERED = [(name, spec) for name, spec in field_lists() if spec.mask is not None]


def test_covered_fields_are_known():
    assert {spec.name for _name, spec in COVERED} >= {"mobile", "number"}


@pytest.mark.parametrize(("name", "spec"), COVERED, ids=lambda one: getattr(one, "name", one))
def test_a_covered_field_is_neither_sorted_nor_filtered_by(name, spec):
    """The order of rows, or how many there are, would tell the value piece by piece."""
    assert not spec.sort, (name, spec.name)
    assert not spec.on(Surface.FILTER), (name, spec.name)


def canary(at: int) -> str:
    """A value that stands nowhere else, its middle covered by every mask."""
    return f"1{at:02}7351{at:04}9"


@pytest.fixture
def secrets(world):
    """Every covered text of a foreign customer's contact, account and salesperson, and of what products cost."""
    foreign = world.foreign
    rows = {
        "CONTACT_FIELDS": Contact.objects.get(**foreign.has["contact"]),
        "BANK_ACCOUNT_FIELDS": BankAccount.objects.get(**foreign.has["bank_account"]),
        "EMPLOYEE": foreign.employee,
    }
    words = []
    for at, (name, spec) in enumerate(COVERED, 10):
        row = rows.get(name)
        column = row._meta.get_field(spec.name) if row is not None else None
        if column is not None and column.get_internal_type() in ("CharField", "TextField"):
            value = canary(at)[: column.max_length or 30]
            type(row).objects.filter(pk=row.pk).update(**{spec.name: value})
            words.append(value)
    product = Product.objects.get(**world.shared["product"])
    Product.objects.filter(pk=product.pk).update(cost=COST)
    SalesOrderLine.objects.filter(product=product).update(cost=COST)
    assert len(words) >= 3
    return words


def everything(response) -> str:
    """All text of an answer: its page, its headers, and what stands in a workbook."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode("utf-8", "replace") + str(dict(response.headers))
    if body[:2] == b"PK":
        with zipfile.ZipFile(BytesIO(body)) as book:
            text += "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return text.replace(",", "")


# Who sees the records but must not see the covered values; the salesperson sees no cost.
READERS = (
    "finance",
    "logistics",
    "auditor",
    "customer_service",
    "system_administrator",
    "salesperson",
)


def leaks(world, reader, words) -> list[str]:
    """Where the words stand in what a reader is answered."""
    found = []
    for address in addresses():
        for relation, path in cases(address, world, reader):
            response = world.client(reader).get(path)
            text = everything(response)
            found += [f"{path} ({relation}): {word}" for word in words if word in text]
    return found


@pytest.mark.parametrize("reader", READERS)
def test_no_page_shows_what_is_covered_for_its_reader(reader, world, secrets):
    words = [
        *secrets,
        *([COST.rstrip("0")] if reader in ("salesperson", "customer_service", "logistics") else []),
    ]
    assert leaks(world, reader, words) == []


@pytest.mark.parametrize("reader", ["finance", "salesperson"])
def test_no_search_finds_by_what_is_covered(reader, world, secrets):
    """Neither the whole value nor a piece finds anything: not even that it is right."""
    for word in secrets:
        for piece in (word, word[-6:], word[2:7]):
            for path in (
                "/search/",
                "/search/suggest",
                "/customers/",
                "/orders/",
                "/questions/",
                "/people/",
            ):
                client = world.client(reader)
                found = client.get(f"{path}?{urlencode({'q': piece})}").content.decode()
                none = client.get(f"{path}?{urlencode({'q': 'zzqqxxyy'})}").content.decode()
                assert found.count("matrix of") == none.count("matrix of"), (path, piece)
    for key in ("customer", "employee"):
        assert world.client(reader).get(f"/lookup/{key}?q={secrets[0]}").json() == {"results": []}


def test_the_owner_does_see_them(world, secrets):
    """The tests above would pass on empty pages."""
    contact = Contact.objects.get(**world.foreign.has["contact"])
    from tests.factories import client_for

    page = client_for(world.foreign.account).get(f"/contacts/{contact.pk}/").content.decode()
    assert any(word in page for word in secrets)
    cost = world.client("general_manager").get(f"/products/{world.shared['product']['pk']}")
    assert COST in everything(cost)


def test_a_value_shown_plainly_is_seen(world, secrets, monkeypatch):
    """The fault put in: everybody sees plainly."""
    monkeypatch.setattr(
        "dossier.customers.screens.parts.sees_plainly", lambda actor, customer: True
    )
    contact = world.foreign.has["contact"]["pk"]
    text = everything(world.client("finance").get(f"/contacts/{contact}/"))
    assert any(word in text for word in secrets)


# Counts, facets and sums tell nothing of what is another's (10, 11) --------------------------------------


def test_counts_of_every_list_are_those_of_ones_own_rows(world):
    party = world.askers["salesperson"]
    own = {
        "/customers/": Customer.objects.filter(owner=party.employee).count(),
        "/orders/": SalesOrder.objects.filter(customer__owner=party.employee).count(),
        "/orders/lines/": SalesOrderLine.objects.filter(customer__owner=party.employee).count(),
    }
    assert all(own.values()) and Employee.objects.count() > 5
    for path, count in own.items():
        page = world.client("salesperson").get(path)
        assert page.context["pager"]["count_text"].split()[0] == str(count), path
        assert world.client("general_manager").get(path).context["pager"]["count_text"] != str(
            count
        )

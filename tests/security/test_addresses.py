"""Whatever stands in an address is a value, never a name, a look-up or a piece of SQL (SECURITY E 15, 16).

Which parameters a page reads is found by watching it read them, so that a new one is tried without a
line here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.template.backends.django import Template

from dossier.catalog.models import Product
from dossier.catalog.screens.lists import LIST
from tests.permissions.addresses import addresses
from tests.permissions.matrix import cases, read_matrix
from tests.permissions.world import HEADS

pytestmark = pytest.mark.django_db

ASKERS = (
    "general_manager",
    "customer_information_administrator",
    "system_administrator",
    "auditor",
)
MARK = "zq'\"); --"  # looked for in the text of every statement
VALUES = (MARK, "id__password__startswith", "\x00%s{0}", "NaN", "９" * 20, "9" * 40, "9999-12-31")
KEYS = {
    "_connector": "OR",
    "_negated": "1",
    "owner__password__startswith": "a",
    "customer__owner__account__password": "a",
    "pk__in": "1",
    "id": "1 OR 1=1",
    "order_by": "-password",
    "__class__": "x",
    "q'); --": "1",
}
ANSWERS = (200, 204, 302, 400, 403, 404, 405)


def readable():
    """(asker, address) of every page somebody is let in to read."""
    letters = {
        (r.name, r.method): r.letters for r in read_matrix() if r.relation in ("-", "any", "own")
    }
    for address in addresses():
        row = letters.get((address.name, "GET"), "")
        heads = list(HEADS)
        asker = next((a for a in ASKERS if row and row[heads.index(a)] == "o"), None)
        if asker is not None and "lookup" not in address.name:
            yield pytest.param(address, asker, id=address.name)


@contextmanager
def read_names() -> Iterator[set[str]]:
    """The names of parameters a page asks its address for."""
    names: set[str] = set()
    kept = {
        name: getattr(QueryDict, name) for name in ("get", "getlist", "__getitem__", "__contains__")
    }

    def watching(name):
        def read(self, key, *more, **others):
            if isinstance(key, str):
                names.add(key)
            return kept[name](self, key, *more, **others)

        return read

    try:
        for name in kept:
            setattr(QueryDict, name, watching(name))
        yield names
    finally:
        for name, method in kept.items():
            setattr(QueryDict, name, method)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The texts of all statements, without their values."""
    seen: list[str] = []

    def note(execute, sql, params, many, context):
        seen.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def shape(texts: list[str]) -> list[str]:
    """Statements that read, without the names of savepoints."""
    return [
        text for text in texts if not re.match(r"(RELEASE |ROLLBACK TO )?SAVEPOINT|UPDATE", text)
    ]


def page_of(world, address, asker) -> tuple[object, str]:
    """A browser of the asker and the address of a page it may read."""
    return world.client(asker), next(path for _relation, path in cases(address, world, asker))


@pytest.mark.parametrize(("address", "asker"), list(readable()))
def test_no_value_of_an_address_becomes_a_fault_or_a_piece_of_sql(address, asker, world, no_pages):
    client, path = page_of(world, address, asker)
    with read_names() as names:
        client.get(path)
    try_values(client, path, sorted(names))


def try_values(client, path, names):
    """Every parameter is given every value, alone."""
    for name in names:
        for value in VALUES:
            with statements() as texts:
                response = client.get(f"{path}?{urlencode({name: value})}")
            assert response.status_code in ANSWERS, (name, value[:40], response.status_code)
            assert not any("zq'" in text for text in texts), (name, "the value stands in the SQL")


@pytest.mark.parametrize(("address", "asker"), list(readable()))
def test_unknown_names_change_no_statement(address, asker, world, no_pages):
    client, path = page_of(world, address, asker)
    if (
        "report" not in address.name
    ):  # a report asks for other columns as soon as its address says anything
        assert not differing(client, path)


def differing(client, path) -> list[str]:
    """Statements that a page makes only with, or only without, names nobody knows in its address."""
    client.get(path)
    with statements() as plain:
        before = client.get(path)
    with statements() as texts:
        response = client.get(f"{path}?{urlencode(KEYS)}")
    assert response.status_code == before.status_code
    return [] if shape(texts) == shape(plain) else [*texts, *plain]


def test_a_report_reads_unknown_names_as_none(world, no_pages):
    client = world.client("general_manager")
    query = "by1=month&from=2026-01-01&to=2026-12-31"
    with statements() as plain:
        client.get(f"/reports/sales/?{query}")
    with statements() as texts:
        client.get(f"/reports/sales/?{query}&{urlencode(KEYS)}")
    assert shape(texts) == shape(plain)


def key(kind: str, value: str, pk: object) -> str:
    """The place in a list as an address holds it."""
    packed = json.dumps([kind, value, pk])
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


PLACES = [
    key(*place)
    for place in (
        ("s", "abc", 1),
        ("s", "", 1),
        ("s", "\ud800", 1),
        ("s", "a\x00", 1),
        ("i", "5", 1),
        ("i", "9" * 30, 1),
        ("n", "NaN", 1),
        ("n", "sNaN", 1),
        ("n", "Infinity", 1),
        ("n", "1e400", 1),
        ("d", "2026-01-01", 1),
        ("t", "2026-01-01T00:00:00", 1),
        ("t", "0001-01-01T00:00:00+14:00", 1),
        ("t", "9999-12-31T23:59:59-14:00", 1),
        ("s", "abc", 2**70),
        ("s", "abc", "1"),
        ("s", "abc", None),
        ("x", "abc", 1),
    )
]


@pytest.mark.parametrize(
    ("name", "asker"),
    [
        ("customers", "general_manager"),
        ("orders", "general_manager"),
        ("order-lines", "general_manager"),
        ("products", "general_manager"),
        ("people", "general_manager"),
        ("questions", "general_manager"),
        ("exports", "auditor"),
        ("sign-ins", "auditor"),
        ("accounts", "auditor"),
    ],
)
def test_a_place_in_a_list_made_by_hand_is_refused_or_read(name, asker, world, monkeypatch):
    """Every sort of every list × every kind of key, also one that fits another column."""
    address = next(a for a in addresses() if a.name == name)
    client, path = page_of(world, address, asker)
    page = client.get(path)
    sortable = {column["key"] for column in page.context["columns"] if column.get("sort_url")}
    sorts = sortable | {choice[0] for choice in page.context["column_choices"]}
    monkeypatch.setattr(Template, "render", lambda self, context=None, request=None: "")
    for sort in sorted(sorts):
        for turn, place in enumerate(PLACES):
            way = ("after", "before")[turn % 2]
            response = client.get(f"{path}?sort={sort}&{way}={place}")
            assert response.status_code in (200, 400), (sort, place, response.status_code)
            if response.status_code == 400 and turn == 0 and sort not in sortable:
                break  # no column to sort by


# The faults put in -------------------------------------------------------------------------------------


def with_fault(monkeypatch, **parts):
    """The list of products with a part replaced."""
    monkeypatch.setattr("dossier.catalog.screens.lists.LIST", replace(LIST, **parts))
    return next(a for a in addresses() if a.name == "products")


def test_a_value_pasted_into_sql_is_seen(world, no_pages, monkeypatch):
    def pasted(rows, text):
        return rows.extra(  # noqa: S610 # the fault that is put in
            where=["catalog_product.name <> '" + text.replace("'", "''").replace("%", "%%") + "'"]
        )

    address = with_fault(monkeypatch, search=pasted)
    client, path = page_of(world, address, "general_manager")
    with pytest.raises(AssertionError, match="stands in the SQL"):
        try_values(client, path, ["q"])


def test_names_of_an_address_that_reach_a_query_are_seen(world, no_pages, monkeypatch):
    def expanded(request):
        given = {name: value for name, value in request.GET.items() if name == "pk__in"}
        return {"fault": list(Product.objects.filter(**given))}

    address = with_fault(monkeypatch, head=expanded)
    client, path = page_of(world, address, "general_manager")
    assert differing(client, path)

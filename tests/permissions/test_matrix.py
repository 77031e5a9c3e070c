"""Every address × method × role × record has a reviewed row, and answers as the row says (ORG-3, ORG-4).

Addresses of the API have no rows: tests/api/test_rules.py goes through every operation of the API's own
document with tokens (none, of the wrong scope, of somebody without a role, of another salesperson). What is
held here is that no address escapes it: each one below ``/api/v1/`` is an operation of the document, and
answers 401 to whoever has no token, a browser that is signed in included.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dossier.core.access import Actor, ScopedQuerySet
from dossier.core.api.document import described
from dossier.people.seeds import SHIPPED_ROLES
from tests.permissions.addresses import API, addresses, api_addresses
from tests.permissions.matrix import FILE, Row, ask, faults, head, read_matrix
from tests.permissions.world import ANONYMOUS, BARE, HEADS, LEAVER

pytestmark = pytest.mark.django_db

ROWS = read_matrix()
ADDRESSES = addresses()


def the(name):
    """The address of a name."""
    return next(address for address in ADDRESSES if address.name == name)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name or address.route)
def test_every_role_is_answered_as_reviewed(address, world, no_pages):
    assert address.name, f"{address.route}: give the address a name, so that it can have rows"
    problem = faults(address, world, ROWS)
    assert not problem, problem


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name or address.route)
def test_no_other_method_is_used(address, world, no_pages):
    if address.name in ("sign-in", "sign-out", "first-run"):
        return  # they have no record, and answer whatever is not theirs with the door
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        path = next(path for _relation, path in _cases(address, world))
        assert ask(world, "general_manager", method, path) in "fmn", (method, path)


def _cases(address, world):
    from tests.permissions.matrix import cases

    return cases(address, world, "general_manager")


def test_every_role_has_a_column():
    missing = set(SHIPPED_ROLES) - set(HEADS)
    assert not missing, f"give {missing} a column in HEADS of tests/permissions/world.py"
    assert set(HEADS) == {*SHIPPED_ROLES, ANONYMOUS, LEAVER, BARE}
    assert head() in FILE.read_text("utf-8").splitlines()
    assert all(len(row.letters) == len(HEADS) for row in ROWS)


def test_every_row_is_of_an_address_and_stands_once():
    names = {address.name for address in ADDRESSES}
    stale = sorted({row.name for row in ROWS} - names)
    assert not stale, f"remove the rows of {stale}: there are no such addresses any more"
    assert len({row[:3] for row in ROWS}) == len(ROWS)
    assert [row.name for row in ROWS] == sorted(row.name for row in ROWS)


# What the document of the API lies under, and the answer to an address that is none; open to anybody.
API_OPEN = {"", "docs", "openapi.json", "<path:rest>"}


def test_every_address_of_the_api_is_an_operation_and_takes_no_session(world):
    paths = described("en")["paths"]
    routes = {found.route.removeprefix(API) for found in api_addresses()} - API_OPEN
    asked_for = {f"/{API}" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for route in routes}
    assert set(paths) == asked_for
    for path, methods in paths.items():
        address = re.sub(r"{\w+}", "1", path)
        for method in ("get", "post", "put", "patch", "delete"):
            for role in (ANONYMOUS, LEAVER, BARE, "general_manager", "system_administrator"):
                answer = ask(world, role, method.upper(), address)
                assert answer == ("s" if method in methods else "m"), (method, address, role)


# The faults put in: each must be seen, or the tests above prove nothing ---------------------------------


def test_an_address_without_a_row_is_shown_with_its_rows(world, no_pages):
    new = replace(the("categories"), name="brand-new")
    told = faults(new, world, ROWS)
    assert "“brand-new” has no row" in told and "matrix.txt" in told
    assert any(line.startswith("brand-new") and "GET" in line for line in told.splitlines())


def test_an_address_of_an_unknown_record_is_shown_how_to_add_it(world, no_pages):
    new = replace(the("team-edit"), route="warehouses/<int:pk>", name="warehouse")
    assert "KINDS" in faults(new, world, ROWS)


def test_a_page_without_its_guard_is_seen(world, no_pages, monkeypatch):
    monkeypatch.setattr(Actor, "require", lambda self, kind, action: None)
    told = faults(the("accounts"), world, ROWS)
    assert "salesperson: reviewed 'f', answered 'o'" in told


def test_a_page_that_forgets_the_scope_is_seen(world, no_pages, monkeypatch):
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda self, actor, action="view", **how: self)
    told = faults(the("customer"), world, ROWS)
    assert "GET foreign, salesperson: reviewed 'n', answered 'o'" in told


def test_a_write_that_forgets_the_scope_is_seen(world, no_pages, monkeypatch):
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda self, actor, action="view", **how: self)
    told = faults(the("contact-main"), world, ROWS)
    assert "POST foreign, salesperson: reviewed 'n', answered 'o'" in told


def test_a_leaver_who_is_let_in_is_seen(world, no_pages, monkeypatch):
    monkeypatch.setattr("dossier.people.middleware.may_sign_in", lambda account: True)
    assert "leaver: reviewed 's', answered" in faults(the("home"), world, ROWS)


def test_a_wrong_letter_is_seen(world, no_pages):
    rows = [
        Row(*row[:3], row.letters.replace("f", "o")) if row.name == "accounts" else row
        for row in ROWS
    ]
    assert "reviewed 'o', answered 'f'" in faults(the("accounts"), world, rows)

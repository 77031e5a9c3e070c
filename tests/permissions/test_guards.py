"""Every address says who may use it; nobody signed out gets past the door (SECURITY E 6, 31)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import client_for, make_account
from tests.permissions.addresses import addresses

pytestmark = pytest.mark.django_db

# What a person who is not signed in may use.
OPEN = {"sign-in/", "first-run/"}
# Signing out twice, or after the session ended elsewhere, is no error; it leads to the door.
UNGUARDED = OPEN | {"sign-out/"}


def filled(address):
    """The path with arguments that exist nowhere."""
    return address.path(
        {name: 999_999_999 if kind == "int" else "nothing" for name, kind in address.arguments}
    )


@pytest.mark.parametrize(
    "address", [a for a in addresses() if a.route not in OPEN], ids=lambda a: a.route or "/"
)
def test_signed_out_gets_nothing(address):
    make_account()
    for method in ("get", "post", "put", "delete"):
        response = getattr(Client(), method)(filled(address))
        assert response.status_code in (302, 401, 403, 405), (method, response.status_code)
        if response.status_code == 302:
            assert response.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    "address", [a for a in addresses() if a.route not in UNGUARDED], ids=lambda a: a.route or "/"
)
def test_every_page_declares_its_guard(address):
    view = address.view
    assert hasattr(view, "permissions"), (
        f"{address.route}: wrap the view with core.screens.requests.page(...)"
    )


@pytest.mark.parametrize("address", addresses(), ids=lambda a: a.route or "/")
def test_unsafe_methods_need_the_token(address):
    account = make_account(roles=["general_manager", "system_administrator"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(filled(address))
    assert response.status_code in (403, 405), (address.route, response.status_code)


@pytest.mark.parametrize(
    "address", [a for a in addresses() if a.route not in OPEN], ids=lambda a: a.route or "/"
)
def test_somebody_without_any_role_reaches_no_records(address):
    client = client_for(make_account())
    response = client.get(filled(address))
    assert response.status_code in (200, 302, 400, 403, 404, 405), (
        address.route,
        response.status_code,
    )
    if getattr(address.view, "permissions", ()):
        assert response.status_code in (403, 405), address.route


ODD = [
    "q=%00",
    "sort=password",
    "sort=-owner__password",
    "columns=password",
    "after=AAAA",
    "before=%FF%FE",
    "after=WyJzIiwiYSIsOTk5OTk5OTk5OTk5OTk5OTk5OTk5OV0",
    "owner=1%20OR%201=1",
    "owner=999999999999999999999",
    "filed_on_from=2026-02-30",
    "from=NaN&to=1e18",
    "_connector=OR",
    "owner__password__startswith=a",
    "q={{7*7}}{%25%20debug%20%25}",
    "by1=password&by2=x",
    "at=99999-01-01",
    "page=-1",
    "q=" + "x" * 5000,
]


@pytest.mark.parametrize("address", addresses(), ids=lambda a: a.route or "/")
def test_odd_addresses_are_answered_without_a_fault(address):
    roles = ["general_manager", "system_administrator", "customer_information_administrator"]
    client = client_for(make_account(roles=roles))
    for query in ODD:
        response = client.get(f"{filled(address)}?{query}")
        assert response.status_code in (200, 302, 400, 403, 404, 405), (query, response.status_code)
        assert response.streaming or b">49<" not in response.content


def test_a_view_of_a_list_that_cannot_be_is_no_fault():
    client = client_for(make_account())
    assert client.post(f"/lists/{'a' * 61}/views", {"name": "x"}).status_code == 404
    assert client.post(f"/lists/{'a' * 60}/views", {"name": "x"}).status_code == 302

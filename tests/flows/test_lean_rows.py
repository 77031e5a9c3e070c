"""A list reads of its rows what its columns show, and shows what it would show had it read all."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossier.core.access import system_actor
from dossier.core.lean import lean
from dossier.core.screens.lists import screen
from dossier.customers.models import Customer
from dossier.customers.screens.lists import CUSTOMERS
from dossier.demo.load import Size, load
from dossier.people.models import Account
from tests.factories import client_for, make_customer, make_employee, make_order

LISTS = ("/customers/", "/orders/", "/orders/lines/", "/products/", "/people/")
LOGINS = ("zhoujianguo", "liming", "zhangwei", "sunli")
SINGLE_USE = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"|nonce="[^"]+"')


def pages(client, statements):
    """Each list with all its columns, as its address says them."""
    found = {}
    for path in LISTS:
        first = client.get(path)
        if first.status_code != 200:
            continue
        keys = ",".join(key for key, _label, _shown in first.context["column_choices"])
        with CaptureQueriesContext(connection) as asked:
            page = client.get(path, {"columns": keys})
        statements[path] = len(asked)
        found[path] = SINGLE_USE.sub("", page.content.decode())
    return found


def test_every_column_of_every_list_shows_the_same(committed_db, monkeypatch):
    load(actor=system_actor(), today=date(2026, 11, 20), size=Size(60))
    compared = 0
    for login in LOGINS:
        client = client_for(Account.objects.get(login=login))
        few, many = {}, {}
        narrow = pages(client, few)
        with monkeypatch.context() as patch:
            patch.setattr(screen, "lean", lambda rows, paths: rows)
            whole = pages(client, many)
        assert narrow == whole, login
        assert all(few[path] <= many[path] for path in few), (
            login,
            few,
            many,
        )  # nothing fetched late
        compared += sum(page.count("<tr") for page in narrow.values())
    assert compared > 300


@pytest.mark.django_db
def test_what_was_not_read_is_fetched_when_it_is_asked_for(django_assert_num_queries):
    owner = make_employee("Ann")
    make_customer("Alpha", owner=owner, remark="by the river")
    make_customer("Beta")
    rows = lean(
        Customer.objects.order_by("name"), ("name", "owner__name", "standing__completeness")
    )
    with django_assert_num_queries(1):
        alpha, beta = rows
        assert (alpha.name, alpha.owner.name, alpha.owner_id) == ("Alpha", "Ann", owner.pk)
        assert alpha.owner == owner and not alpha._state.adding
        assert beta.owner is None and beta.standing.customer is beta
        assert alpha.standing.completeness >= 0
    with django_assert_num_queries(1):
        assert alpha.remark == "by the river"


@pytest.mark.django_db
def test_records_two_steps_away_are_refused():
    with pytest.raises(ValueError, match="owner__team__name"):
        lean(Customer.objects.all(), ("owner__team__name",))


@pytest.mark.django_db
def test_rows_are_counted_without_what_stands_beside_them():
    make_order(make_customer())
    actor = system_actor()
    with CaptureQueriesContext(connection) as asked:
        assert CUSTOMERS._counted(CUSTOMERS.rows(actor), actor) == 1
    assert "standing" not in asked[0]["sql"]

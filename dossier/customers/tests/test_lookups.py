"""Look-ups: what is typed is a code, what a list sends is a value; neither is taken for the other."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dossier.core.screens.lookups import get_lookup
from dossier.customers.tests.pages import body, form_values, world
from dossier.people.models import Employee
from tests.factories import actor_for, client_for, make_account, make_customer, make_employee

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world()


def alike(**more):
    """Two employees: the number of the second is the database key of the first."""
    first = make_employee("键值相同", **more)
    return first, make_employee("工号相同", number=str(first.pk), **more)


def test_a_typed_number_means_the_employee_of_that_number(here):
    first, second = alike()
    lookup, actor = get_lookup("employee"), here.seller
    assert lookup.by_code(actor, second.number) == second
    assert lookup.by_code(actor, first.number.lower()) == first
    assert lookup.by_code(actor, "工号相同") == second
    assert lookup.by_code(actor, "99999999") is None
    name = here.mine.get(reverse("lookup-name", args=["employee"]), {"code": second.number})
    assert body(name) == "工号相同"


def test_what_a_list_sends_means_the_employee_of_that_key(here):
    first, second = alike()
    lookup, actor = get_lookup("employee"), here.seller
    for one in (first, second):
        assert lookup.chosen(actor, lookup.value(one)) == one
    for wrong in (first.number, "", "-1", "9" * 40, "\x00", "²"):
        assert lookup.chosen(actor, wrong) is None


def test_the_owner_chosen_in_a_form_and_in_a_filter_is_the_one_of_the_list():
    manager = make_account(roles=["sales_manager"])
    first, second = alike()
    client, mine, other = (
        client_for(manager),
        make_customer("KANARIENVOGEL", owner=first),
        make_customer("ZEISIG", owner=second),
    )
    listing = body(client.get(reverse("customers"), {"owner": str(first.pk)}))
    assert "KANARIENVOGEL" in listing and "ZEISIG" not in listing
    url = reverse("customer-edit", args=[other.pk])
    assert form_values(client, url)["owner"] == str(second.pk)
    assert client.post(url, form_values(client, url) | {"owner": str(first.pk)}).status_code == 302
    other.refresh_from_db()
    assert other.owner == first
    assert mine.owner == first


def test_a_typed_number_given_to_the_service_is_never_a_key():
    from dossier.customers.services import customer_assign

    manager = actor_for(make_account(roles=["sales_manager"]))
    _first, second = alike()
    customer = make_customer("x")
    customer_assign(actor=manager, customer_id=customer.pk, owner=second.number)
    customer.refresh_from_db()
    assert customer.owner == second


@pytest.mark.parametrize("key", ["team", "territory", "family", "customer", "product", "region"])
def test_values_and_codes_that_name_nothing_find_nothing(here, key):
    lookup = get_lookup(key)
    for text in ("nothing of this name", "99999999", "9" * 60, "²"):
        assert lookup.chosen(here.seller, text) is None, text
        assert lookup.by_code(here.seller, text) is None, text
    assert lookup.chosen(here.seller, "\x00") is None


def test_every_look_up_gives_a_value_it_finds_again(here):
    person = Employee.objects.get(pk=here.seller.employee_id)
    for key, row in (
        ("employee", person),
        ("team", person.team),
        ("customer", here.customer),
    ):
        lookup = get_lookup(key)
        assert lookup.chosen(here.seller, lookup.value(row)) == row
        found = here.mine.get(lookup.url(), {"q": lookup.text(row)}).json()["results"]
        assert lookup.value(row) in [one["value"] for one in found]

"""Number schemes in the settings: another form never gives a number that exists (CUS-2, SYS-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.urls import reverse

from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.history.reading import changes
from dossier.core.models import NumberScheme
from dossier.core.number_schemes import scheme_change, scheme_rows
from dossier.core.numbering import next_number
from dossier.customers.models import Customer, CustomerAlias
from dossier.customers.services import customer_create
from dossier.people.services import employee_create
from tests.factories import (
    actor_of_role,
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_order,
)


@pytest.fixture
def admin(db):
    return actor_of_role("system_administrator")


def change(actor, prefix="KH", width=6, *, key="customer", **more):
    values = {"actor": actor, "key": key, "prefix": prefix, "width": width, "reason": "x"}
    return scheme_change(**(values | more))


def refused(actor, **more):
    with pytest.raises(Refusal) as caught:
        change(actor, **more)
    return caught.value


def counter(key, highest):
    NumberScheme.objects.filter(key=key).update(highest=highest)


def test_every_scheme_is_listed_with_its_next_number(admin):
    counter("customer", 840)
    found = {row.scheme.key: row.next for row in scheme_rows(admin)}
    assert found == {"customer": "000841", "sales_order": "S000001", "employee": "E0001"}


def test_the_counter_goes_on_under_another_prefix(admin):
    counter("customer", 840)
    change(admin, "kh", 8)
    assert next_number("customer") == "KH00000841"
    assert next_number("customer") == "KH00000842"


def test_numbers_that_exist_in_the_new_form_are_passed(admin):
    make_customer(code="KH000900")
    CustomerAlias.objects.create(code="KH000950", customer=make_customer(code="840"))
    make_customer(code="KH13800138000")  # wider than the form: somebody else's number
    change(admin, "KH", 6)
    assert next_number("customer") == "KH000951"


def test_a_prefix_that_ends_in_digits_does_not_run_into_plain_codes(admin):
    make_customer(code="100500")
    change(admin, "100", 3)
    assert next_number("customer") == "100501"


def test_orders_and_employees_are_looked_at_too(admin):
    make_order(make_customer(), number="XS-0042")
    make_employee(number="n0007")
    change(admin, "xs-", 4, key="sales_order")
    change(admin, "N", 4, key="employee")
    assert next_number("sales_order") == "XS-0043"
    assert next_number("employee") == "N0008"


def test_a_width_that_cannot_hold_the_next_number_is_refused(admin):
    counter("customer", 999)
    refusal = refused(admin, width=3)
    assert (refusal.code, refusal.field, refusal.params["needed"]) == ("too_narrow", "width", 4)
    assert change(admin, width=4).width == 4
    make_customer(code="Q9999")
    assert refused(admin, prefix="Q", width=4).code == "collides"
    assert NumberScheme.objects.get(key="customer").prefix == "KH"


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"prefix": "K-H"}, "bad_prefix", "prefix"),
        ({"prefix": "客户"}, "bad_prefix", "prefix"),
        ({"prefix": "A" * 9}, "bad_prefix", "prefix"),
        ({"prefix": "A;--"}, "bad_prefix", "prefix"),
        ({"width": 0}, "bad_width", "width"),
        ({"prefix": "A" * 8, "width": 13}, "bad_width", "width"),
        ({"reason": "  "}, "missing", "reason"),
        ({"reason": "x" * 201}, "too_long", "reason"),
    ],
)
def test_what_is_no_form_is_refused_on_its_field(admin, given, code, field):
    refusal = refused(admin, **given)
    assert (refusal.code, refusal.field) == (code, field)
    assert NumberScheme.objects.get(key="customer").prefix == ""


def test_a_stale_change_is_told_what_stands_now(admin):
    change(admin, "A", 6)
    with pytest.raises(Stale) as caught:
        change(admin, "B", 6, seen=("", 6))
    assert caught.value.params["theirs"] == {"prefix": "A", "width": 6}
    change(admin, "A", 6, seen=("", 6))  # what one wanted already stands


def test_others_may_not_and_unknown_schemes_are_not_found(admin):
    for role in ("customer_information_administrator", "general_manager"):
        with pytest.raises(NotAllowed):
            change(actor_of_role(role))
    with pytest.raises(NotFound):
        change(admin, key="nothing")


@pytest.mark.slow
def test_codes_given_while_the_form_changes_are_each_given_once(committed_db):
    admin, seller = actor_of_role("system_administrator"), actor_of_role("salesperson")
    make_customer(code="KH000003")
    people = [{"name": "Ann", "mobile": "13800001234"}]

    def work(number):
        try:
            if number == 3:
                return change(admin, "KH", 6, reason="新编号")
            return customer_create(actor=seller, data={"name": f"n {number}"}, contacts=people)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(7) as pool:
        made = [one for one in pool.map(work, range(7)) if isinstance(one, Customer)]
    assert len({one.code for one in made}) == 6
    scheme = NumberScheme.objects.get(key="customer")
    assert scheme.highest == max(int(one.code.removeprefix("KH")) for one in made)
    last = changes(scheme)[-1]
    assert (last.why, last.before, last.after) == ("新编号", {"prefix": ""}, {"prefix": "KH"})


# Pages ------------------------------------------------------------------------------------------------


def values_of(client, url):
    page = client.get(url)
    form = page.context["form"]
    return {"version": page.context["version"]} | {
        name: form[name].value() or "" for name in form.fields
    }


def test_a_walk_through_the_settings_page(admin):
    client = client_for(make_account(roles=["system_administrator"]))
    make_customer(code="KH000900")
    listing = client.get(reverse("numbers")).content.decode()
    assert "Customer codes" in listing and "S000001" in listing
    url = reverse("number", args=["customer"])
    values = values_of(client, url)
    preview = reverse("number-preview", args=["customer"])
    text = client.get(preview, {"prefix": "KH", "width": "6"}).content.decode()
    assert "KH000901" in text and "KH000900 exists already" in text
    assert "Give the number of digits." in client.get(preview, {"prefix": "K"}).content.decode()
    assert client.post(url, values | {"prefix": "KH"}).status_code == 422  # no reason
    answer = client.post(url, values | {"prefix": "KH", "reason": "new codes"})
    assert answer.status_code == 302
    page = client.get(url).content.decode()
    assert "000001 → KH000001" in page and "KH000901" in page
    answer = client.post(url, values | {"prefix": "B", "reason": "late"})
    assert answer.status_code == 409
    assert NumberScheme.objects.get(key="customer").prefix == "KH"
    values["version"] = answer.context["version"]
    assert client.post(url, values | {"prefix": "B", "reason": "late"}).status_code == 302
    values = values_of(client, url)
    client.post(url, values | {"width": "8", "reason": "wider"})  # a colleague's
    late = client.post(url, values | {"prefix": "C", "reason": "late"})
    assert {one["name"]: one["choice"] for one in late.context["conflict"]} == {
        "prefix": "mine",
        "width": "theirs",
    }
    settled = {"version": late.context["version"], "prefix": "C", "width": values["width"]}
    settled |= {"reason": "late", "choose_prefix": "mine", "choose_width": "theirs"}
    assert client.post(url, settled).status_code == 302  # also without script: the choice counts
    scheme = NumberScheme.objects.get(key="customer")
    assert (scheme.prefix, scheme.width) == ("C", 8)
    for odd in ("", "x", "-1", "99999", "６"):
        assert client.get(preview, {"prefix": "K", "width": odd}).status_code == 200


def test_others_are_shown_the_refusal_page(admin):
    client = client_for(make_account(roles=["customer_information_administrator"]))
    for url in (
        reverse("numbers"),
        reverse("number", args=["customer"]),
        reverse("number-preview", args=["customer"]),
    ):
        assert client.get(url).status_code == 403
    assert reverse("numbers") not in client.get(reverse("customers")).content.decode()


def test_an_unknown_scheme_has_no_page(admin):
    client = client_for(make_account(roles=["system_administrator"]))
    assert client.get(reverse("number", args=["nothing"])).status_code == 404


def test_an_employee_brought_in_without_number_follows_the_numbers_there_are(admin):
    employee_create(
        actor=actor_of_role("customer_information_administrator"), number="E012", name="甲"
    )
    assert next_number("employee") == "E0013"
    found = {row.scheme.key: row.next for row in scheme_rows(admin)}
    assert found["employee"] == "E0014"

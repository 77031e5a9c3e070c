"""A cell of a list is edited where it stands, by the service of the form: rights, versions, refusals (CUS-4)."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossier.catalog.models import Product
from dossier.customers.models import Customer
from dossier.customers.services import customer_update
from dossier.people.models import Employee
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_product,
    make_team,
)
from tests.imports import scalar


@pytest.fixture
def chief(db):
    return make_account(roles=["sales_manager"])


@pytest.fixture
def customer(db):
    return make_customer("Alpha", grade="B")


def cell(row, name, of="customers"):
    return f"/lists/{of}/cells/{row.pk}/{name}"


def opened(client, url):
    """What the input of a cell sends when nothing is touched."""
    page = client.get(url).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(version|base)" value="([^"]*)"', page))
    return {name: html.unescape(value) for name, value in hidden.items()}


def editable(page):
    """The keys of the rows that can be edited, and the fields whose cells get a pencil."""
    told = re.search(r'data-edits="([^"]*)"', page)
    cells = json.loads(html.unescape(told[1]))["cells"] if told else {}
    rows = {int(key) for key in re.findall(r'<tr[^>]*data-row="(\d+)"', page)}
    return rows, {name for name, _label in cells.values()}


def test_the_input_of_a_cell_is_that_of_the_form_with_the_present_value(chief, customer):
    page = client_for(chief).get(cell(customer, "grade")).content.decode()
    assert '<option value="B" selected>Grade B</option>' in page
    assert 'aria-label="Grade"' in page and 'name="na_grade"' in page


def test_saving_gives_the_row_anew_with_the_columns_that_are_shown(chief, customer):
    client = client_for(chief)
    url = cell(customer, "grade")
    answer = client.post(
        url,
        opened(client, url) | {"grade": "A"},
        headers={"HX-Request": "true", "HX-Current-URL": "http://x/customers/?columns=name,grade"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and answer["HX-Reswap"] == "outerHTML"
    assert answer["HX-Retarget"] == f'[data-row="{customer.pk}"]'
    assert page.count("<td") == 2 and "Grade A" in page
    customer.refresh_from_db()
    assert (customer.grade, customer.version) == ("A", 2)


def test_the_history_shows_it_like_any_other_edit(committed_db):
    account = make_account(roles=["sales_manager"])
    customer = make_customer("Alpha", grade="B")
    client, url = client_for(account), cell(customer, "grade")
    client.post(url, opened(client, url) | {"grade": "A"})
    told = scalar(
        "SELECT after->>'grade' || ' ' || (context->>'login') FROM history_entry"
        " JOIN history_transaction USING (xid)"
        " WHERE table_name = 'customers_customer' AND op = 'U' AND after ? 'grade' ORDER BY history_entry.id DESC LIMIT 1"
    )
    assert told == f"A {account.login}"


def test_nothing_touched_changes_nothing(chief, customer):
    client, url = client_for(chief), cell(customer, "grade")
    assert client.post(url, opened(client, url) | {"grade": "B"}).status_code == 200
    customer.refresh_from_db()
    assert customer.version == 1


def test_a_conflict_says_who_changed_what_and_overwrites_nothing(committed_db):
    chief, customer = make_account(roles=["sales_manager"]), make_customer("Alpha", grade="B")
    client, url = client_for(chief), cell(customer, "grade")
    mine = opened(client, url) | {"grade": "C"}
    other = make_account(roles=["sales_manager"])
    customer_update(
        actor=actor_for(other), customer_id=customer.pk, expected_version=1, changes={"grade": "A"}
    )
    answer = client.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"{other.employee.name} changed this from Grade B to Grade A" in page
    assert '<option value="C" selected>' in page  # what was chosen is still there
    customer.refresh_from_db()
    assert customer.grade == "A"
    again = dict(re.findall(r'type="hidden" name="(version|base)" value="([^"]*)"', page))
    again = {name: html.unescape(value) for name, value in again.items()}
    assert client.post(url, again | {"grade": "C"}).status_code == 200  # asked for again, knowingly
    customer.refresh_from_db()
    assert (customer.grade, customer.version) == ("C", 3)


def test_a_change_of_another_field_is_a_conflict_too_and_is_named(committed_db):
    chief, customer = make_account(roles=["sales_manager"]), make_customer("Alpha", grade="B")
    client, url = client_for(chief), cell(customer, "grade")
    mine = opened(client, url) | {"grade": "C"}
    other = make_account(roles=["sales_manager"])
    customer_update(
        actor=actor_for(other), customer_id=customer.pk, expected_version=1, changes={"scale": "XL"}
    )
    page = client.post(url, mine)
    assert page.status_code == 409
    assert f"{other.employee.name} changed this record meanwhile" in page.content.decode()
    assert ": Scale." in page.content.decode()
    customer.refresh_from_db()
    assert customer.grade == "B"


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "“abc” is not a number"), ("zh-hans", "不是数字")],
)
def test_a_refusal_stands_at_the_cell_in_the_readers_language_and_keeps_what_was_typed(
    chief, customer, language, told
):
    client, url = client_for(chief), cell(customer, "credit_limit")
    sent = opened(client, url) | {"credit_limit": "abc"}
    answer = client.post(url, sent, headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page and 'value="abc"' in page
    assert "cell--credit_limit_error" not in page
    assert f'aria-describedby="cell-{customer.pk}-credit_limit_error"' in page


def test_a_refusal_of_the_service_stands_there_too(chief, customer):
    client, url = client_for(chief), cell(customer, "owner")
    left = make_employee("Gone", status="left")
    answer = client.post(url, opened(client, url) | {"owner": str(left.pk)})
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    customer.refresh_from_db()
    assert customer.owner is None


def test_known_not_to_apply_is_answered_in_the_cell_by_tick_or_word(chief):
    customer = make_customer("Alpha", grade="B", not_applicable=["fax"])
    client, url = client_for(chief), cell(customer, "grade")
    client.post(url, opened(client, url) | {"grade": "B", "na_grade": "1"})
    customer.refresh_from_db()
    assert (customer.grade, sorted(customer.not_applicable)) == ("", ["fax", "grade"])
    client.post(url, opened(client, url) | {"grade": "A", "na_grade": "1"})
    customer.refresh_from_db()
    assert (customer.grade, customer.not_applicable) == ("A", ["fax"])
    url = cell(customer, "credit_limit")
    client.post(url, opened(client, url) | {"credit_limit": "无"})
    customer.refresh_from_db()
    assert sorted(customer.not_applicable) == ["credit_limit", "fax"]


def test_only_records_one_may_change_have_a_pencil(chief):
    team = make_team()
    leader = make_account(roles=["team_leader"], team=team)
    mine = make_customer("Mine", owner=leader.employee)
    ended = make_customer("Ended", owner=leader.employee, status="archived")
    make_customer("Foreign", owner=make_employee(team=make_team()))
    page = client_for(leader).get("/customers/?status=active&status=archived").content.decode()
    rows, fields = editable(page)
    assert str(ended) in page and rows == {mine.pk}
    assert "grade" in fields and "name" not in fields


@pytest.mark.parametrize(("role", "status"), [("warehouse_keeper", 404), ("auditor", 403)])
def test_who_may_not_change_has_no_pencil_and_is_refused_as_by_the_form(role, status, customer):
    client = client_for(make_account(roles=[role]))
    assert editable(client.get("/customers/").content.decode()) == (set(), set())
    assert client.get(f"/customers/{customer.pk}/edit").status_code == status
    assert client.get(cell(customer, "grade")).status_code == status
    answer = client.post(cell(customer, "grade"), {"grade": "A", "version": "1", "base": "{}"})
    assert answer.status_code == status
    customer.refresh_from_db()
    assert customer.grade == "B"


def test_a_record_out_of_reach_is_not_there(customer):
    foreign = make_customer("Foreign", owner=make_employee(team=make_team()), grade="B")
    client = client_for(make_account(roles=["salesperson"]))
    sent = {"grade": "A", "version": "1", "base": "{}"}
    nowhere = client.post("/lists/customers/cells/99999999/grade", sent)
    found = client.post(cell(foreign, "grade"), sent)
    assert (found.status_code, nowhere.status_code) == (404, 404)
    foreign.refresh_from_db()
    assert foreign.grade == "B"


def test_the_owner_is_edited_by_those_alone_who_may_give_customers_away(db):
    account = make_account(roles=["salesperson"])
    mine = make_customer("Mine", owner=account.employee)
    client = client_for(account)
    rows, fields = editable(client.get("/customers/").content.decode())
    assert rows == {mine.pk} and "owner" not in fields
    answer = client.post(
        cell(mine, "owner"), {"owner": str(make_employee().pk), "version": "1", "base": "{}"}
    )
    assert answer.status_code == 404
    mine.refresh_from_db()
    assert mine.owner == account.employee


@pytest.mark.parametrize("name", ["name", "phone", "status", "version", "search_text", "nothing"])
def test_a_field_that_is_not_offered_is_not_there(chief, customer, name):
    sent = {name: "x", "version": "1", "base": "{}"}
    assert client_for(chief).post(cell(customer, name), sent).status_code == 404
    assert client_for(chief).get(f"/lists/nothing/cells/{customer.pk}/{name}").status_code == 404


def test_a_lost_version_is_a_conflict_not_a_save(chief, customer):
    answer = client_for(chief).post(cell(customer, "grade"), {"grade": "A", "base": "{}"})
    assert answer.status_code == 409
    assert Customer.objects.get().grade == "B"


def test_products_and_employees_are_edited_in_place_too(db):
    clerk = client_for(make_account(roles=["customer_information_administrator", "purchasing"]))
    product = make_product("P1", list_price="10")
    url = cell(product, "list_price", "products")
    answer = clerk.post(url, opened(clerk, url) | {"list_price": "12.50"})
    assert answer.status_code == 200 and "12.50" in answer.content.decode()
    assert Product.objects.get().list_price == 12.5
    stale = opened(clerk, url)
    Product.objects.update(version=9)
    assert clerk.post(url, stale | {"list_price": "1"}).status_code == 409
    admin = client_for(make_account(roles=["system_administrator", "administration_manager"]))
    employee = make_employee("Kim")
    url = cell(employee, "position", "people")
    assert admin.post(url, opened(admin, url) | {"position": "Clerk"}).status_code == 200
    assert Employee.objects.get(pk=employee.pk).position == "Clerk"
    assert admin.get(cell(employee, "mobile", "people")).status_code == 404  # covered values


def test_pencils_cost_a_page_no_more_than_one_question(chief):
    account = make_account(roles=["team_leader"], team=make_team())
    for number in range(12):
        make_customer(f"Alpha {number}", owner=account.employee)
    client = client_for(account)
    client.get("/customers/")
    with CaptureQueriesContext(
        connection,
    ) as many:
        client.get("/customers/")
    Customer.objects.filter(name__gt="Alpha 2").update(owner=None)
    with CaptureQueriesContext(connection) as few:
        client.get("/customers/")
    assert len(many) == len(few)

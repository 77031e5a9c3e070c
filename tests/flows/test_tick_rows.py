"""Rows of a list are ticked and changed together; what one may not see is not there (CUS-4, ORG-4)."""

from __future__ import annotations

import re

import pytest

from dossier.customers.models import Customer
from tests.factories import client_for, make_account, make_customer, make_employee, make_team

pytestmark = pytest.mark.django_db

HERE = "/lists/customers/change"


@pytest.fixture
def chief():
    return make_account(roles=["sales_manager"])


@pytest.fixture
def three():
    return [make_customer(f"Alpha {n}", grade="B") for n in range(3)]


def boxes(page):
    return re.findall(r'form="ticks" name="ids" value="(\d+)" aria-label="([^"]+)"', page)


def test_each_row_has_a_box_named_after_its_record(chief, three):
    page = client_for(chief).get("/customers/").content.decode()
    assert boxes(page) == [(str(one.pk), f"Tick {one.name}") for one in three]
    assert "data-tick-all" in page


def test_the_boxes_of_a_plain_form_lead_to_the_change_of_these_records(chief, three):
    client = client_for(chief)
    ids = [three[0].pk, three[2].pk]
    answer = client.get(HERE, {"ids": ids, "query": "q=alpha", "field": "grade"})
    page = answer.content.decode()
    assert "2 records" in page
    value = f'name="ids" value="{ids[0]},{ids[1]}"'
    assert page.count(value) == 2  # both forms of the page go on with them
    given = {"ids": f"{ids[0]},{ids[1]}", "query": "q=alpha", "field": "grade", "grade": "A"}
    seen = re.search(r'name="seen" value="(\w+)"', client.post(HERE, given).content.decode())
    assert seen is not None
    client.post(HERE, given | {"seen": seen[1], "reason": "Reviewed"})
    assert list(Customer.objects.order_by("pk").values_list("grade", flat=True)) == ["A", "B", "A"]


def test_ticked_records_outside_the_reach_are_not_there(three):
    team = make_team()
    leader = make_account(roles=["team_leader"], team=team)
    mine = make_customer("Mine", owner=make_employee(team=team), grade="B")
    foreign = make_customer("Foreign canary", owner=make_employee(team=make_team()), grade="B")
    answer = client_for(leader).get(HERE, {"ids": [mine.pk, foreign.pk], "field": "grade"})
    assert "1 record<" in answer.content.decode()
    assert b"Foreign canary" not in answer.content
    alone = client_for(leader).get(HERE, {"ids": [foreign.pk], "field": "grade"})
    never = client_for(leader).get(HERE, {"ids": [foreign.pk + 1000], "field": "grade"})
    words = re.compile(rb'nonce="[^"]*"|value="[^"]*"|"X-CSRFToken": "[^"]*"')
    assert words.sub(b"", alone.content) == words.sub(b"", never.content)
    assert b"The list holds no record" in alone.content


@pytest.mark.parametrize("ids", ["abc", "9" * 40, "1;2", "-", " "])
def test_boxes_that_cannot_be_read_never_stand_for_the_whole_list(ids, chief, three):
    client = client_for(chief)
    assert b"The list holds no record" in client.get(HERE, {"ids": ids}).content
    given = {"ids": ids, "field": "grade", "grade": "A"}
    answer = client.post(HERE, given)
    assert b"The list holds no record" in answer.content
    again = re.search(r'name="ids" value="([^"]*)"', answer.content.decode())
    assert again is None or again[1]


@pytest.mark.parametrize("role", ["warehouse_keeper", "auditor"])
def test_who_changes_nothing_has_no_boxes(role, three):
    client = client_for(make_account(roles=[role]))
    answer = client.get("/customers/")
    assert b'form="ticks"' not in answer.content and b"data-tick-all" not in answer.content


def test_a_list_without_a_common_change_has_no_boxes(chief):
    assert b'form="ticks"' not in client_for(chief).get("/orders/").content

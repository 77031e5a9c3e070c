"""The pages of the API's lists: by cursor, no more fields and no more questions to the database than asked for."""

from __future__ import annotations

import base64
import json
from decimal import Decimal

import pytest

from tests.api.callers import api_for
from tests.factories import (
    make_account,
    make_customer,
    make_team,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_account(roles=["salesperson"], team=make_team())


@pytest.mark.parametrize(
    "sort", ["name", "-name", "code", "-filed_on", "founded_on", "-credit_limit"]
)
def test_pages_by_cursor_hold_every_row_once_whatever_is_entered_meanwhile(sort, seller):
    for number in range(23):
        make_customer(
            f"同名{number // 5}",
            owner=seller.employee,
            founded_on=f"20{number // 4:02}-01-01" if number % 3 else None,
            credit_limit=Decimal(number // 6) if number % 2 else None,
        )
    api = api_for(seller)
    seen, after = [], ""
    for _page in range(20):
        page = api.get(f"/customers?sort={sort}&limit=5{after}&fields=code").json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == 23
    if after:  # a cursor is of the order it was made with
        assert api.get(f"/customers?sort=updated_at{after}").status_code == 400


def test_a_cursor_made_by_hand_is_refused_or_read(seller):
    """Of another kind than the order's values, or beyond what the database holds, it is nobody's page."""
    make_customer(owner=seller.employee)
    api = api_for(seller)
    values = [
        *(("s", text) for text in ("", "abc", "\x00", "\ud800")),
        *(("i", text) for text in ("0", "-1", str(10**20), "1.5", "x")),
        *(("n", text) for text in ("1.5", "NaN", "Infinity", "1e999999", "x")),
        *(("d", text) for text in ("2026-01-05", "0001-01-01", "9999-12-31", "x")),
        *(("t", text) for text in ("2026-01-05T00:00:00+00:00", "2026-01-05T00:00:00", "x")),
        ("q", "1"),
    ]
    refused = 0
    for sort in ("name", "code", "filed_on", "founded_on", "credit_limit", "updated_at"):
        for parts in [
            *([sort, kind, text, 1] for kind, text in values),
            [sort, "s", "a"],
            [sort, "s", "a", "1"],
            [sort, "s", 1, 1],
            [sort, "s", "a", 2**63],
            {"sort": sort},
            7,
        ]:
            packed = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
            status = api.get(f"/customers?sort={sort}&after={packed}").status_code
            assert status in (200, 400), (sort, parts, status)
            refused += status == 400
    assert refused > 100


def test_a_list_gives_only_the_fields_asked_for(seller):
    make_customer("甲", owner=seller.employee, region_id="370602", email="a@b.cn")
    items = api_for(seller).get("/customers?fields=name,email,phone,city").json()["items"]
    assert set(items[0]) == {"id", "name", "email", "phone", "city"}
    assert items[0]["city"] == "烟台市"


def test_a_list_of_customers_takes_two_queries(seller, django_assert_num_queries):
    make_customer(owner=seller.employee)
    api = api_for(seller)
    api.get("/customers?fields=name,city")  # notes the use of the token, reads the divisions
    with django_assert_num_queries(2):
        api.get("/customers?fields=name,email,phone,city&limit=80")

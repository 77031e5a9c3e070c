"""A list by groups: a heading with its count above the rows of each, pages, views, files (CUS-4)."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossier.core.screens import lists
from dossier.customers.models import Customer
from tests.factories import client_for, make_account, make_customer, make_employee, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief():
    return make_account(roles=["sales_manager"])


def read(client, at):
    """Headings (name, count) and rows of a page in their order, and the pages beside it."""
    answer = client.get(at)
    assert answer.status_code == 200, answer.content[:300]
    page = answer.content.decode()
    found = re.findall(
        r'<tr class="group">.*?<a href="([^"]+)">([^<]*)</a><span class="group-count">([^<]*)<'
        r'|<tr[^>]*data-href="/customers/(\d+)/"',
        page,
        re.DOTALL,
    )
    made = [int(pk) if pk else (html.unescape(name), count) for _at, name, count, pk in found]
    links = {html.unescape(name): html.unescape(at) for at, name, _count, pk in found if not pk}
    beside = {
        rel: html.unescape(at) for rel, at in re.findall(r'rel="(next|prev)" href="([^"]+)"', page)
    }
    return made, links, beside


def test_rows_stand_below_the_heading_of_their_group_in_the_lists_order(chief):
    grades = ["B", "A", "", "B", "A1"]
    rows = [make_customer(f"Alpha {n}", grade=grade) for n, grade in enumerate(grades)]
    made, _links, _beside = read(client_for(chief), "/customers/?group=grade&sort=-name")
    pk = [row.pk for row in rows]
    assert made == [
        ("Grade A", "1 record"), pk[1],
        ("Grade A1", "1 record"), pk[4],
        ("Grade B", "2 records"), pk[3], pk[0],
        ("Not known, or none", "1 record"), pk[2],
    ]  # fmt: skip


def test_a_heading_leads_to_its_group_alone_and_the_chip_leads_back(chief):
    for number, grade in enumerate("BABC"):
        make_customer(f"Alpha {number}", grade=grade)
    client = client_for(chief)
    _made, links, _beside = read(client, "/customers/?group=grade&q=alpha")
    made, _links, _beside = read(client, links["Grade B"])
    names = set(Customer.objects.filter(pk__in=made).values_list("name", flat=True))
    assert names == {"Alpha 0", "Alpha 2"}
    page = client.get(links["Grade B"]).content.decode()
    assert '<span class="chip-label">Grade</span><span class="chip-value">Grade B</span>' in page
    assert '<input type="hidden" form="filters" name="within" value="grade:B">' in page


@pytest.mark.parametrize("many", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("group", ["owner", "team", "grade", "category", "region", "industry", "status"])  # fmt: skip
@pytest.mark.parametrize("sort", ["name", "-filed_on"])
def test_pages_forward_and_back_show_every_row_once(chief, group, sort, many, monkeypatch):
    if many:  # as if the list were long: groups are asked for one by one, then several together
        monkeypatch.setattr("dossier.core.screens.lists.screen.COUNT_CAP", 7)
    monkeypatch.setattr("dossier.core.screens.lists.screen.PAGE_SIZE", 10)
    owners = [make_employee(f"Kim {n}", team=make_team() if n % 2 else None) for n in range(5)]
    for number in range(47):
        make_customer(
            f"{'甲乙丙丁'[number % 4]}{number % 7}",
            owner=owners[number % 5] if number % 6 else None,
            grade=("A", "B1", "C", "")[number % 4],
            category=("major", "")[number % 2],
            region_id=("370600", "370000", "110101", None)[number % 4],
            industry_id=("C13", "C", "I65", None)[number % 4],
            status=("active", "draft", "archived")[number % 3],
            filed_on=date(2026, 1, 1 + number % 3) if number % 5 else None,
        )
    client = client_for(chief)
    at = f"/customers/?group={group}&sort={sort}&columns=code,name,filed_on"
    pages, seen = [], []
    while at:
        made, _links, beside = read(client, at)
        pages.append(made)
        seen += [one for one in made if isinstance(one, int)]
        at = beside.get("next", "")
    wanted = Customer.objects.all()
    if group != "status":  # grouped by status, archived ones are asked for
        wanted = wanted.exclude(status="archived")
    assert len(seen) == len(set(seen)) == wanted.count()
    headings = [one for page in pages for one in page if not isinstance(one, int)]
    order = [name for place, (name, _c) in enumerate(headings) if place == 0 or headings[place - 1][0] != name]  # fmt: skip
    assert len(order) == len(set(order))  # no group comes twice
    back = read(client, last_page(client, group, sort))[2]
    turned = [pages[-1]]
    while "prev" in back:
        made, _links, back = read(client, back["prev"])
        turned.insert(0, made)
    assert [[one for one in page if isinstance(one, int)] for page in turned] == [
        [one for one in page if isinstance(one, int)] for page in pages
    ]


def last_page(client, group, sort):
    """The address of the last page."""
    at = f"/customers/?group={group}&sort={sort}&columns=code,name,filed_on"
    while "next" in (beside := read(client, at)[2]):
        at = beside["next"]
    return at


def test_the_count_of_a_group_is_capped_and_goes_on_over_pages(chief, monkeypatch):
    monkeypatch.setattr("dossier.core.screens.lists.screen.COUNT_CAP", 3)
    monkeypatch.setattr("dossier.core.screens.lists.screen.PAGE_SIZE", 4)
    for number in range(6):
        make_customer(f"Alpha {number}", grade="A" if number < 5 else "C")
    client = client_for(chief)
    made, _links, beside = read(client, "/customers/?group=grade")
    assert made[0] == ("Grade A", "more than 3 records") and len(made) == 5
    made, _links, _beside = read(client, beside["next"])
    assert [one[0] for one in made if isinstance(one, tuple)] == ["Grade A", "Grade C"]
    assert made[0][1] == "more than 3 records" and made[2][1] == "1 record"


def test_groups_and_their_counts_are_those_of_the_readers_reach():
    team, other = make_team("Ours"), make_team("Other canary")
    leader = make_account(roles=["team_leader"], team=team)
    stranger = make_employee("Stranger canary", team=other)
    make_customer("Mine", owner=leader.employee, grade="A")
    foreign = make_customer("Foreign", owner=stranger, grade="A")
    client = client_for(leader)
    for group in ("owner", "team", "grade"):
        made, _links, _beside = read(client, f"/customers/?group={group}")
        assert [one[1] for one in made if isinstance(one, tuple)] == ["1 record"]
        assert foreign.pk not in made
        assert b"canary" not in client.get(f"/customers/?group={group}").content
    for within in (f"owner:{stranger.pk}", f"team:{other.pk}"):
        known = client.get("/customers/", {"within": within})
        assert known.status_code == 400 and b"canary" not in known.content


@pytest.mark.parametrize(
    "query", ["group=password", "group=owner__name", "within=grade", "within=grade:Z", "within=x:A"]
)
def test_what_is_no_grouping_is_refused_like_any_bad_address(chief, query):
    assert client_for(chief).get(f"/customers/?{query}").status_code == 400


def test_a_key_of_a_plain_list_is_no_key_of_a_grouped_one(chief, monkeypatch):
    monkeypatch.setattr("dossier.core.screens.lists.screen.PAGE_SIZE", 1)
    for number in range(3):
        make_customer(f"Alpha {number}", grade="A")
    client = client_for(chief)
    plain = read(client, "/customers/")[2]["next"]
    grouped = read(client, "/customers/?group=grade")[2]["next"]
    assert client.get(f"{plain}&group=grade").status_code == 400
    assert client.get(grouped.replace("group=grade&", "")).status_code == 400


def test_a_view_keeps_the_grouping(chief):
    make_customer("Alpha", grade="A")
    client = client_for(chief)
    made = client.post(
        "/lists/customers/views",
        {"name": "By grade", "query": "group=grade&sort=-name&after=x", "path": "/customers/"},
    )
    assert made["Location"] == "/customers/?group=grade&sort=-name"
    page = client.get(made["Location"]).content.decode()
    assert '<option value="grade" selected>' in page and "Grade A" in page


def test_a_file_is_in_the_order_of_the_groups_and_names_them(chief):
    for name, grade in (("Alpha", "C"), ("Beta", ""), ("Gamma", "A")):
        make_customer(name, grade=grade)
    client = client_for(chief)
    query = "group=grade&columns=name"
    taken = client.post("/lists/customers/export", {"as": "shown.csv", "query": query}, follow=True)
    body = b"".join(taken.streaming_content) if taken.streaming else taken.content
    lines = body.decode("utf-8-sig").split()
    assert lines[0] == "Grade,Customer" or "Grade" in lines[0]
    text = body.decode("utf-8-sig")
    assert text.index("Gamma") < text.index("Alpha") < text.index("Beta")
    assert "Grade A,Gamma" in text


def test_a_page_of_groups_makes_few_questions_however_many_groups_there_are(chief, monkeypatch):
    monkeypatch.setattr("dossier.core.screens.lists.screen.COUNT_CAP", 20)
    for number in range(60):
        make_customer(f"Alpha {number}", owner=make_employee(f"Kim {number:03d}"))
    client = client_for(chief)
    client.get("/customers/")
    with CaptureQueriesContext(connection) as plain:
        client.get("/customers/")
    with CaptureQueriesContext(connection) as grouped:
        client.get("/customers/?group=owner")
    assert len(grouped) <= len(plain) + 12


def test_products_and_employees_can_be_grouped(chief):
    team = make_team("Ours")
    make_employee("Kim", team=team)
    client = client_for(chief)
    assert "Ours" in client.get("/people/?group=team").content.decode()
    assert client.get("/products/?group=family").status_code == 200
    assert lists.NOTHING == "-"

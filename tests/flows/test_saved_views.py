"""A list as one likes it is kept under a name, pinned, shared, changed and removed (CUS-4)."""

from __future__ import annotations

import pytest

from dossier.core.models import SavedView
from dossier.core.saved_views import MOST, plain_query
from tests.factories import client_for, make_account, make_customer, make_employee

QUERY = "grade=A&sort=-name&after=xyz&q="
NEW = "/lists/customers/views"


def keep(client, **more):
    return client.post(NEW, {"name": "Mine", "query": QUERY, "path": "/customers/", **more})


@pytest.fixture
def account(db):
    return make_account(roles=["salesperson"])


def test_a_kept_view_stands_above_the_list_and_opens_it_as_it_was(account):
    client = client_for(account)
    answer = keep(client, pinned="1")
    assert answer.status_code == 302 and answer["Location"] == "/customers/?grade=A&sort=-name"
    page = client.get("/customers/").content.decode()
    assert (
        'href="/customers/?grade=A&amp;sort=-name" data-view-query="grade=A&amp;sort=-name"' in page
    )
    there = client.get("/customers/?sort=-name&grade=A").content.decode()
    assert "view-on" in there.split("Mine</a>")[0].rsplit("<a", 1)[1]
    assert "Change this view" in there


def test_the_same_name_again_replaces_ones_own_view(account):
    client = client_for(account)
    keep(client)
    keep(client, query="grade=B")
    assert SavedView.objects.get().query == "grade=B"


def test_a_shared_view_is_seen_by_others_with_the_rows_of_their_own_reach(db):
    chief = make_account(roles=["sales_manager"])
    make_customer("Alpha of somebody else", owner=make_employee(), grade="A")
    keep(client_for(chief), shared="1")
    other = make_account(roles=["salesperson"])
    make_customer("Beta of mine", owner=other.employee, grade="A")
    client = client_for(other)
    page = client.get("/customers/").content.decode()
    assert "Mine" in page
    there = client.get("/customers/?grade=A&sort=-name").content.decode()
    assert "Beta of mine" in there and "Alpha of somebody else" not in there
    assert "Change this view" not in there


def test_a_view_that_is_not_shared_is_nobody_elses(account):
    keep(client_for(account), name="Private thoughts")
    other = client_for(make_account(roles=["sales_manager"]))
    assert b"Private thoughts" not in other.get("/customers/").content
    view = SavedView.objects.get()
    assert other.get(f"/views/{view.pk}").status_code == 404
    assert other.post(f"/views/{view.pk}", {"name": "x", "version": 1}).status_code == 404
    assert other.post(f"/views/{view.pk}/removal").status_code == 404
    assert SavedView.objects.get().name == "Private thoughts"


def test_sharing_takes_the_right_to_share(account):
    client = client_for(account)
    assert keep(client, shared="1").status_code == 403
    assert not SavedView.objects.exists()
    keep(client)
    view = SavedView.objects.get()
    answer = client.post(f"/views/{view.pk}", {"name": "Mine", "shared": "1", "version": 1})
    assert answer.status_code == 403
    assert not SavedView.objects.get().is_shared


def test_a_view_is_renamed_and_removed_and_no_record_with_it(account):
    make_customer("Alpha", owner=account.employee)
    client = client_for(account)
    keep(client, pinned="1")
    view = SavedView.objects.get()
    changed = {"name": " Other   name ", "version": view.version, "path": "/customers/"}
    assert client.post(f"/views/{view.pk}", changed)["Location"].startswith("/customers/?grade=A")
    view.refresh_from_db()
    assert (view.name, view.is_pinned) == ("Other name", False)
    stale = client.post(f"/views/{view.pk}", {"name": "Third", "version": 1})
    assert stale.status_code == 409
    assert client.post(f"/views/{view.pk}/removal", {"path": "/customers/"}).status_code == 302
    assert not SavedView.objects.exists()
    assert b"Alpha" in client.get("/customers/").content


@pytest.mark.parametrize(
    ("name", "path"),
    [("", "/customers/"), ("x" * 41, "/customers/"), ("a\x00b", "/customers/")],
)
def test_a_name_that_is_none_is_refused_on_the_list(account, name, path):
    answer = keep(client_for(account), name=name, path=path)
    assert answer.status_code == 302 and answer["Location"].startswith("/customers/")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", ""]
)
def test_one_never_lands_elsewhere(account, path):
    client = client_for(account)
    assert keep(client, path=path)["Location"].startswith("/?")
    page = client.get(f"/views/{SavedView.objects.get().pk}", {"path": path}).content.decode()
    assert 'href="/" data-leave' in page
    assert not path or f'href="{path}"' not in page


def test_nobody_keeps_views_without_end(account, monkeypatch):
    monkeypatch.setattr("dossier.core.saved_views.MOST", 2)
    client = client_for(account)
    for number in range(4):
        keep(client, name=f"View {number}")
    assert SavedView.objects.count() == 2 < MOST


def test_an_address_is_kept_without_its_page_in_one_order():
    assert plain_query("?sort=name&after=abc&grade=B&grade=A&q=") == "grade=A&grade=B&sort=name"

"""Many customers take one value: tried first, then done, undone again; rights and rules of each hold (CUS-4)."""

from __future__ import annotations

import re

import pytest

from dossier.core.models import BulkEdit
from dossier.customers.models import Customer
from tests.factories import client_for, make_account, make_customer, make_employee, make_team
from tests.imports import scalar

HERE = "/lists/customers/change"


@pytest.fixture
def chief(db):
    return make_account(roles=["sales_manager"])


@pytest.fixture
def three(db):
    return [make_customer(f"Alpha {n}", grade=grade) for n, grade in enumerate(["A", "B", "B"])]


def preview(client, **given):
    answer = client.post(HERE, given)
    seen = re.search(rb'name="seen" value="(\w+)"', answer.content)
    return answer, seen[1].decode() if seen else ""


def grades():
    return list(Customer.objects.order_by("pk").values_list("grade", flat=True))


def test_a_preview_says_what_would_happen_and_changes_nothing(chief, three):
    answer, seen = preview(client_for(chief), field="grade", grade="A", query="q=alpha")
    page = answer.content.decode()
    assert answer.status_code == 200 and seen
    assert "<strong>2</strong> are changed" in page
    assert "<strong>1</strong> have this value already" in page
    assert grades() == ["A", "B", "B"]
    assert not BulkEdit.objects.exists()
    assert set(Customer.objects.values_list("version", flat=True)) == {1}


def test_what_was_seen_is_done_and_undone(chief, three):
    client = client_for(chief)
    _answer, seen = preview(client, field="grade", grade="A")
    done = client.post(HERE, {"field": "grade", "grade": "A", "seen": seen, "reason": "Reviewed"})
    edit = BulkEdit.objects.get()
    assert done["Location"] == f"/changes/{edit.pk}"
    assert grades() == ["A", "A", "A"]
    assert b"2 records were changed" in client.get(done["Location"]).content
    client.post(f"/changes/{edit.pk}/undoing")
    assert grades() == ["A", "B", "B"]
    assert b"2 records have their former value again" in client.get(f"/changes/{edit.pk}").content
    versions = list(Customer.objects.order_by("pk").values_list("version", flat=True))
    client.post(f"/changes/{edit.pk}/undoing")  # a second time does nothing
    assert list(Customer.objects.order_by("pk").values_list("version", flat=True)) == versions


def test_the_reason_stands_in_the_history_of_each_record(committed_db):
    client = client_for(make_account(roles=["sales_manager"]))
    for number in range(2):
        make_customer(f"Alpha {number}", grade="B")
    _answer, seen = preview(client, field="grade", grade="C")
    client.post(HERE, {"field": "grade", "grade": "C", "seen": seen, "reason": "Reviewed"})
    entries = """SELECT count(*) FROM history_entry JOIN history_transaction USING (xid)
        WHERE context->>'why' = 'Reviewed' AND table_name = 'customers_customer'"""
    assert scalar(entries) == 2


def test_undoing_leaves_what_somebody_changed_since(chief, three):
    client = client_for(chief)
    _answer, seen = preview(client, field="grade", grade="C")
    client.post(HERE, {"field": "grade", "grade": "C", "seen": seen, "reason": "x"})
    Customer.objects.filter(pk=three[1].pk).update(grade="A1")
    client.post(f"/changes/{BulkEdit.objects.get().pk}/undoing")
    assert grades() == ["A", "A1", "B"]
    edit = BulkEdit.objects.get()
    assert (edit.undone, edit.not_undone) == (2, 1)


def test_known_not_to_apply_is_a_value_too_and_comes_back(chief, three):
    Customer.objects.filter(pk=three[0].pk).update(grade="", not_applicable=["grade", "fax"])
    client = client_for(chief)
    _answer, seen = preview(client, field="grade", grade="B")
    client.post(HERE, {"field": "grade", "grade": "B", "seen": seen, "reason": "x"})
    assert grades() == ["B", "B", "B"]
    assert Customer.objects.get(pk=three[0].pk).not_applicable == ["fax"]
    client.post(f"/changes/{BulkEdit.objects.get().pk}/undoing")
    first = Customer.objects.get(pk=three[0].pk)
    assert (first.grade, sorted(first.not_applicable)) == ("", ["fax", "grade"])


def test_a_change_since_the_preview_asks_to_look_again(chief, three):
    client = client_for(chief)
    _answer, seen = preview(client, field="grade", grade="C")
    Customer.objects.filter(pk=three[1].pk).update(grade="A1", version=2)
    answer = client.post(HERE, {"field": "grade", "grade": "C", "seen": seen, "reason": "x"})
    assert answer.status_code == 409
    assert grades() == ["A", "A1", "B"]


def test_a_change_without_a_reason_is_refused(chief, three):
    client = client_for(chief)
    _answer, seen = preview(client, field="grade", grade="C")
    answer = client.post(HERE, {"field": "grade", "grade": "C", "seen": seen, "reason": " "})
    assert answer.status_code == 422
    assert grades() == ["A", "B", "B"]


def test_only_the_rows_of_the_list_or_those_ticked_in_it_are_changed(chief, three):
    make_customer("Beta", grade="B")
    client = client_for(chief)
    _answer, seen = preview(client, field="grade", grade="C", query="q=alpha&grade=B")
    client.post(HERE, {"field": "grade", "grade": "C", "query": "q=alpha&grade=B", "seen": seen, "reason": "x"})  # fmt: skip
    assert grades() == ["A", "C", "C", "B"]
    ids = str(three[0].pk)
    _answer, seen = preview(client, field="grade", grade="A1", ids=ids)
    client.post(HERE, {"field": "grade", "grade": "A1", "ids": ids, "seen": seen, "reason": "x"})
    assert grades() == ["A1", "C", "C", "B"]


def test_records_out_of_reach_are_neither_named_nor_changed(db):
    team = make_team()
    leader = make_account(roles=["team_leader"], team=team)
    mine = make_customer("Mine", owner=make_employee(team=team), grade="B")
    foreign = make_customer("Foreign canary", owner=make_employee(team=make_team()), grade="B")
    client = client_for(leader)
    ids = f"{mine.pk},{foreign.pk}"
    answer, seen = preview(client, field="grade", grade="A", ids=ids)
    assert b"Foreign canary" not in answer.content and b"<strong>1</strong>" in answer.content
    client.post(HERE, {"field": "grade", "grade": "A", "ids": ids, "seen": seen, "reason": "x"})
    foreign.refresh_from_db()
    mine.refresh_from_db()
    assert (mine.grade, foreign.grade) == ("A", "B")


def test_a_refused_record_stays_and_does_not_hinder_the_others(chief, three):
    Customer.objects.filter(pk=three[2].pk).update(status="archived")
    client = client_for(chief)
    archived, seen = preview(client, field="grade", grade="C", ids=f"{three[1].pk},{three[2].pk}", query="q=alpha")  # fmt: skip
    page = archived.content.decode()
    assert "<strong>1</strong> are changed" in page and "This file is archived" in page
    client.post(HERE, {"field": "grade", "grade": "C", "ids": f"{three[1].pk},{three[2].pk}", "query": "q=alpha", "seen": seen, "reason": "x"})  # fmt: skip
    assert grades() == ["A", "C", "B"]


@pytest.mark.parametrize(
    ("role", "status"), [("warehouse_keeper", 403), ("auditor", 403), ("salesperson", 200)]
)
def test_who_may_not_change_customers_has_no_such_step(db, role, status):
    account = make_account(roles=[role])
    make_customer("Alpha", owner=account.employee)
    client = client_for(account)
    assert client.get(HERE).status_code == status
    offered = b"/lists/customers/change" in client.get("/customers/").content
    assert offered == (status == 200)


def test_the_owner_is_offered_to_those_alone_who_may_give_customers_away(db):
    account = make_account(roles=["salesperson"])
    make_customer("Alpha", owner=account.employee, grade="B")
    client = client_for(account)
    assert b'<option value="owner"' not in client.get(HERE).content
    _answer, seen = preview(client, field="owner", owner=str(make_employee().pk))
    assert not seen
    assert Customer.objects.get().owner_id == account.employee_id


def test_too_many_are_not_changed_together(chief, three, monkeypatch):
    monkeypatch.setattr("dossier.core.screens.bulk.MOST", 2)
    answer, seen = preview(client_for(chief), field="grade", grade="C")
    assert answer.status_code == 422 and not seen
    page = answer.content.decode()
    assert "Filter the list further" in page and "0 records" not in page


def test_nobody_undoes_what_another_did(chief, three):
    client = client_for(chief)
    _answer, seen = preview(client, field="grade", grade="C")
    client.post(HERE, {"field": "grade", "grade": "C", "seen": seen, "reason": "x"})
    edit = BulkEdit.objects.get()
    other = client_for(make_account(roles=["general_manager"]))
    assert other.get(f"/changes/{edit.pk}").status_code == 404
    assert other.post(f"/changes/{edit.pk}/undoing").status_code == 404
    assert grades() == ["C", "C", "C"]

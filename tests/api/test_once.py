"""A write sent again is done once and answered alike, also at the same time; who wrote stands in the history."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from dossier.core.api.once import forget
from dossier.core.models import ApiAnswer, HistoryEntry
from dossier.customers.models import Customer
from dossier.people.models import ApiToken
from tests.api.callers import Api, api_for, token_for
from tests.factories import make_account, make_customer, make_team

NEW = {"name": "一次有限公司", "phone": "010-61234567", "contacts": [{"name": "王一"}]}


def seller():
    return make_account(roles=["salesperson"], team=make_team())


def test_the_same_key_twice_makes_one_customer_and_the_same_answer(committed_db):
    api = api_for(seller())
    first = api.post("/customers", NEW, **{"idempotency-key": "a"})
    again = api.post("/customers", NEW, **{"idempotency-key": "a"})
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["Location"] == again.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Customer.objects.count() == 1


def test_without_a_key_or_with_another_each_request_counts(committed_db):
    api = api_for(seller())
    for headers in ({}, {}, {"idempotency-key": "a"}, {"idempotency-key": "b"}):
        assert api.post("/customers", NEW, **headers).status_code == 201
    assert Customer.objects.count() == 4


def test_a_key_sent_with_another_request_is_refused(committed_db):
    api = api_for(seller())
    api.post("/customers", NEW, **{"idempotency-key": "a"})
    other = api.post("/customers", NEW | {"name": "另一"}, **{"idempotency-key": "a"})
    assert other.status_code == 422
    assert other.json()["code"] == "key_reused"
    assert Customer.objects.count() == 1


def test_keys_of_two_tokens_do_not_meet(committed_db):
    account = seller()
    for api in (api_for(account), api_for(account)):
        assert api.post("/customers", NEW, **{"idempotency-key": "a"}).status_code == 201
    assert Customer.objects.count() == 2


def test_what_was_refused_may_be_sent_again_with_the_same_key(committed_db):
    api = api_for(seller())
    assert (
        api.post("/customers", NEW | {"phone": ""}, **{"idempotency-key": "a"}).status_code == 422
    )
    assert not ApiAnswer.objects.exists()
    assert api.post("/customers", NEW, **{"idempotency-key": "a"}).status_code == 201


def test_eight_at_the_same_time_make_one_customer(committed_db):
    token = token_for(seller())
    gate = threading.Barrier(8)

    def send(_number):
        try:
            api = Api(token)
            gate.wait(timeout=20)
            response = api.post("/customers", NEW, **{"idempotency-key": "same"})
            return response.status_code, response.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert Customer.objects.count() == 1


def test_of_two_changes_of_one_version_the_second_is_told_both(committed_db):
    account = seller()
    customer = make_customer("甲方", owner=account.employee)
    token = token_for(account)
    gate = threading.Barrier(2)

    def send(remark):
        try:
            api = Api(token)
            gate.wait(timeout=20)
            return api.patch(f"/customers/{customer.pk}", {"version": 1, "remark": remark})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, ["一", "二"]), key=lambda one: one.status_code)
    assert [one.status_code for one in answers] == [200, 409]
    conflict = answers[1].json()
    assert conflict["current"]["version"] == 2
    assert conflict["current"]["remark"] == answers[0].json()["remark"]
    assert conflict["sent"]["remark"] != conflict["current"]["remark"]


def test_answers_are_forgotten_after_a_day(committed_db):
    api = api_for(seller())
    api.post("/customers", NEW, **{"idempotency-key": "a"})
    assert forget() == 0
    ApiAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert forget() == 1


def test_the_history_names_person_token_and_reason(committed_db):
    account = seller()
    customer = make_customer(owner=account.employee)
    api = api_for(account)
    for headers in ({}, {"idempotency-key": "a"}):
        customer.refresh_from_db()
        sent = {"version": customer.version, "remark": f"{headers}", "why": "told"}
        assert api.patch(f"/customers/{customer.pk}", sent, **headers).status_code == 200
        entry = HistoryEntry.objects.filter(table_name="customers_customer", op="U").latest("pk")
        found = entry.transaction.context
        context = found if isinstance(found, dict) else json.loads(found)
        assert context["login"] == account.login
        assert context["via"] == "api"
        assert context["token"] == ApiToken.objects.get().prefix
        assert context["why"] == "told"

"""Entering a customer on the page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dossier.customers.models import Customer
from dossier.customers.tests.pages import body, form_values, world

pytestmark = pytest.mark.django_db
NEW = {"name": "北京众瑞商贸有限公司", "contact-name": "李雷", "contact-mobile": "13800001234"}


@pytest.fixture
def here():
    return world()


def submit(client, **values):
    url = reverse("customer-new")
    return client.post(url, form_values(client, url) | NEW | values)


def test_name_contact_and_one_telephone_are_enough(here):
    response = submit(here.mine)
    made = Customer.objects.get(name=NEW["name"])
    assert response.status_code == 302 and response.url == reverse("customer", args=[made.pk])
    assert (made.main_contact, made.main_phone, made.owner_id) == (
        "李雷",
        "13800001234",
        here.seller.employee_id,
    )


@pytest.mark.parametrize("missing", [("name",), ("contact-name",), ("contact-mobile",)])
def test_without_one_of_them_nothing_is_made_and_nothing_typed_is_lost(here, missing):
    response = submit(here.mine, remark="typed text", **dict.fromkeys(missing, ""))
    assert response.status_code == 422
    text = body(response)
    assert "typed text" in text
    for field in missing:  # the list on top leads to the input
        if field != "contact-mobile":  # the telephone of either will do
            assert f'<li><a href="#id_{field}">' in text
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "中" * 50),
        ("name", "x" * 5000),
        ("founded_on", "2023-02-30"),
        ("registered_capital", "NaN"),
        ("registered_capital", "-5"),
        ("registered_capital", "1e18"),
        ("employee_count", "-1"),
        ("grade", "Q"),
        ("region", "999999"),
        ("industry", "zzz"),
        ("owner", "999999"),
        ("head_office", "NOPE"),
        ("code", "a b"),
        ("remark", "bell\x07"),
        ("contact-mobile", "x" * 500),
        ("contact-name", "x" * 61),
        ("category_node", "'; --"),
    ],
)
def test_bad_input_is_named_and_nothing_is_made(here, field, value):
    response = submit(here.mine, **{field: value})
    assert response.status_code == 422, field
    assert "error-list" in body(response)
    assert Customer.objects.count() == 1


def test_fields_that_are_not_on_the_form_are_never_taken(here):
    submit(
        here.mine,
        status="archived",
        kind="walk_in",
        version="99",
        is_superuser="1",
        search_text="x",
        main_phone="1",
    )
    made = Customer.objects.get(name=NEW["name"])
    assert (made.status, made.kind, made.version, made.main_phone) == (
        "active",
        "customer",
        1,
        "13800001234",
    )


def test_the_same_submission_twice_makes_one(here):
    url = reverse("customer-new")
    values = form_values(here.mine, url) | NEW
    first, second = (
        here.mine.post(url, values),
        here.mine.post(url, values | {"duplicates_seen": "1"}),
    )
    assert first.url == second.url
    assert Customer.objects.filter(name=NEW["name"]).count() == 1


def test_somebody_elses_submission_key_is_refused(here):
    url = reverse("customer-new")
    values = form_values(here.mine, url) | NEW
    here.mine.post(url, values)
    response = here.leader.post(
        url,
        form_values(here.leader, url)
        | NEW
        | {"once_token": values["once_token"], "name": "another"},
    )
    assert response.status_code == 422
    assert not Customer.objects.filter(name="another").exists()


def test_a_possible_duplicate_is_shown_before_it_is_made(here):
    name = here.customer.name
    response = submit(here.mine, name=name)
    assert response.status_code == 422
    assert here.customer.code in body(response)
    assert submit(here.mine, name=name, duplicates_seen="1").status_code == 302
    assert Customer.objects.filter(name=name).count() == 2


def test_of_a_foreign_duplicate_only_that_there_is_one(here):
    response = submit(here.stranger, name=here.customer.name)
    assert response.status_code == 422
    assert "outside your reach" in body(response)
    assert here.customer.code not in body(response)


def test_a_doubtful_value_is_stored_and_asked_about(here):
    submit(here.mine, tax_number="91110108MA01ABCD2X")
    made = Customer.objects.get(name=NEW["name"])
    assert made.tax_number == "91110108MA01ABCD2X"
    assert made.questions.get().code == "check_digit"


def test_markup_stays_text(here):
    name = "<script>alert(1)</script>{{ 7*7 }}"
    submit(here.mine, name=name)
    text = body(here.mine.get(reverse("customer", args=[Customer.objects.get(name=name).pk])))
    assert "<script>alert(1)" not in text
    assert "{{ 7*7 }}" in text


def test_a_reader_enters_nothing(here):
    assert here.reader.post(reverse("customer-new"), NEW).status_code == 403
    assert here.mine.delete(reverse("customer-new")).status_code == 405
    assert Customer.objects.count() == 1

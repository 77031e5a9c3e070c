"""Contacts, bank accounts, revealing of masked values."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dossier.core.models import Unmasking
from dossier.customers.models import BankAccount, Contact
from dossier.customers.tests.pages import ACCOUNT_NUMBER, MOBILE, body, form_values, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world()


def add(client, here, **values):
    url = reverse("contact-new", args=[here.customer.pk])
    return client.post(url, form_values(client, url) | {"name": "赵六"} | values)


def test_a_contact_is_added_and_found(here):
    assert add(here.mine, here, mobile="13700001111").status_code == 302
    here.customer.refresh_from_db()
    assert "赵六" in here.customer.search_text
    assert here.customer.main_contact == "王芳"
    assert "13700001111" not in here.customer.search_text


def test_the_primary_contact_moves(here):
    add(here.mine, here)
    other = Contact.objects.get(name="赵六")
    url = reverse("contact-main", args=[other.pk])
    assert here.mine.get(url).status_code == 405
    assert here.stranger.post(url).status_code == 404
    assert here.reader.post(url).status_code == 403
    assert here.mine.post(url).status_code == 302
    here.customer.refresh_from_db()
    assert here.customer.main_contact == "赵六"
    assert Contact.objects.filter(customer=here.customer, is_main=True).count() == 1


def test_the_primary_contact_cannot_just_leave(here):
    contact = here.customer.contacts.get()
    url = reverse("contact-edit", args=[contact.pk])
    values = form_values(here.mine, url)
    del values["is_active"]
    assert here.mine.post(url, values).status_code == 422
    contact.refresh_from_db()
    assert contact.is_active


def test_double_submit_adds_one_contact(here):
    url = reverse("contact-new", args=[here.customer.pk])
    values = form_values(here.mine, url) | {"name": "赵六"}
    here.mine.post(url, values)
    here.mine.post(url, values)
    assert here.customer.contacts.count() == 2


@pytest.mark.parametrize("client", ["stranger", "reader", "anonymous"])
def test_others_add_nothing(here, client):
    customer = here.customer.pk
    for name in ("contact-new", "bank-account-new"):
        assert getattr(here, client).post(
            reverse(name, args=[customer]), {"name": "x", "bank": "y"}
        ).status_code in (401, 403, 404)
    assert (here.customer.contacts.count(), here.customer.bank_accounts.count()) == (1, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "无"),
        ("birthday", "2023-02-30"),
        ("mobile", "x" * 101),
        ("kind", "boss"),
        ("remark", "\x07"),
    ],
)
def test_bad_input_adds_nothing(here, field, value):
    assert add(here.mine, here, **{field: value}).status_code == 422
    assert here.customer.contacts.count() == 1


def test_a_leader_edits_without_seeing_and_without_losing_covered_values(here):
    contact = here.customer.contacts.get()
    url = reverse("contact-edit", args=[contact.pk])
    assert MOBILE not in body(here.leader.get(url))
    assert (
        here.leader.post(url, form_values(here.leader, url) | {"post": "总经理"}).status_code == 302
    )
    contact.refresh_from_db()
    assert (contact.post, contact.mobile, contact.family) == (
        "总经理",
        MOBILE,
        "两个孩子 FAMILYCANARY",
    )


def test_a_stale_contact_shows_both_versions(here):
    contact = here.customer.contacts.get()
    url = reverse("contact-edit", args=[contact.pk])
    values = form_values(here.mine, url)
    here.leader.post(url, form_values(here.leader, url) | {"post": "theirs"})
    response = here.mine.post(url, values | {"post": "mine"})
    assert response.status_code == 409
    assert "theirs" in body(response) and "mine" in body(response)
    contact.refresh_from_db()
    assert contact.post == "theirs"


def test_one_account_is_the_usual_one(here):
    url = reverse("bank-account-new", args=[here.customer.pk])
    here.mine.post(url, form_values(here.mine, url) | {"bank": "建设银行", "number": "43670001"})
    other = BankAccount.objects.get(bank="建设银行")
    assert not other.is_usual
    assert here.mine.post(reverse("bank-account-usual", args=[other.pk])).status_code == 302
    assert BankAccount.objects.get(customer=here.customer, is_usual=True) == other
    edit = reverse("bank-account-edit", args=[other.pk])
    assert here.mine.post(edit, form_values(here.mine, edit) | {"remark": "RMB"}).status_code == 302
    assert here.stranger.post(edit, {"version": "1", "bank": "x"}).status_code == 404
    other.refresh_from_db()
    assert (other.remark, other.bank) == ("RMB", "建设银行")


def test_an_account_is_made_the_usual_one_on_the_profile(here):
    other = BankAccount.objects.create(customer=here.customer, bank="建设银行", number="43670001")
    gone = BankAccount.objects.create(customer=here.customer, bank="旧银行", is_active=False)
    profile = reverse("customer", args=[here.customer.pk])
    address = reverse("bank-account-usual", args=[other.pk])
    text = body(here.mine.get(profile))
    assert f'action="{address}"' in text
    usual = here.customer.bank_accounts.get(is_usual=True)
    for one in (usual, gone):
        assert reverse("bank-account-usual", args=[one.pk]) not in text
    assert f'action="{address}"' not in body(here.reader.get(profile))
    assert here.reader.post(address).status_code == 403
    assert here.stranger.post(address).status_code == 404
    assert here.mine.get(address).status_code == 405
    assert here.mine.post(address).status_code == 302
    usual.refresh_from_db()
    other.refresh_from_db()
    assert (usual.is_usual, other.is_usual) == (False, True)


def test_revealing_is_recorded(here):
    contact = here.customer.contacts.get()
    url = reverse("value-reveal", args=["customers_contact", contact.pk, "mobile"])
    assert here.leader.get(url).status_code == 405
    response = here.leader.post(url)
    assert MOBILE in body(response)
    row = Unmasking.objects.get()
    assert (row.table, row.row_id, row.field) == ("customers_contact", str(contact.pk), "mobile")
    account = here.customer.bank_accounts.get()
    assert ACCOUNT_NUMBER in body(
        here.leader.post(
            reverse("value-reveal", args=["customers_bankaccount", account.pk, "number"])
        )
    )
    assert Unmasking.objects.count() == 2
    here.mine.post(url)
    assert Unmasking.objects.count() == 2  # owners see their own customers' plainly


@pytest.mark.parametrize(
    ("client", "status"), [("stranger", 404), ("reader", 403), ("anonymous", 302)]
)
def test_without_the_right_nothing_is_revealed(here, client, status):
    contact = here.customer.contacts.get()
    response = getattr(here, client).post(
        reverse("value-reveal", args=["customers_contact", contact.pk, "mobile"])
    )
    assert response.status_code == status
    assert MOBILE not in body(response)
    assert not Unmasking.objects.exists()


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ("people_account", "password"),
        ("customers_contact", "name"),
        ("customers_customer", "phone"),
        ("customers_contact", "customer__owner__mobile"),
    ],
)
def test_only_masked_fields_can_be_asked_for(here, table, field):
    assert here.leader.post(f"/reveal/{table}/1/{field}").status_code == 404

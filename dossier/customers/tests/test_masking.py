"""Sensitive values are covered wherever a reader without them looks, and each showing is recorded (ORG-4)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from dossier.core.models import Unmasking
from dossier.customers.models import BankAccount, Question
from dossier.customers.services import (
    bank_account_update,
    contact_update,
    question_answer,
)
from dossier.customers.tests.pages import ACCOUNT_NUMBER, MOBILE, body, world

pytestmark = pytest.mark.slow

SECRETS = (
    MOBILE,
    "13700001111",
    ACCOUNT_NUMBER,
    "4367420001112223334",
    "FAMILYCANARY",
    "1391234888",
    "ANTWORT13900002222",
    "GRUND13900003333",
)


@pytest.fixture
def here(committed_db):
    """A customer whose history is full of sensitive values: changed, doubted, answered, withdrawn."""
    found = world()
    contact, account = found.customer.contacts.get(), found.customer.bank_accounts.get()
    doubts = [
        Question.objects.create(
            customer=found.customer,
            field=field,
            given="1391234888",
            code=code,
            params={"value": "1391234888"},
        )
        for field, code in (
            ("mobile", "bad_mobile"),
            ("contact_mobile", "bad_mobile"),
            ("mobile", "bad_phone"),
        )
    ]
    question_answer(
        actor=found.seller,
        question_id=doubts[0].pk,
        answer="ANTWORT13900002222",
        source="customer",
    )
    question_answer(
        actor=found.seller, question_id=doubts[1].pk, answer="GRUND13900003333", close_as="void"
    )
    contact_update(
        actor=found.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"mobile": "13700001111", "birthday": "1981-01-02"},
    )
    bank_account_update(
        actor=found.seller,
        account_id=account.pk,
        expected_version=None,
        changes={"number": "4367420001112223334"},
    )
    Question.objects.create(
        customer=found.customer, field="mobile", given="1391234888", code="bad_mobile"
    )
    return found


def pages(here, *, change):
    pk, contact = here.customer.pk, here.customer.contacts.get().pk
    profile = reverse("customer", args=[pk])
    found = [
        profile,
        f"{profile}?at={timezone.now().isoformat().replace('+', '%2B')}",
        f"{profile}?at={timezone.localdate()}",
        reverse("customer-timeline", args=[pk]),
        reverse("contact", args=[contact]),
        reverse("questions"),
        reverse("home"),
        reverse("search") + "?q=KANARIEN",
        reverse("search-suggest") + "?q=KANARIEN",
        reverse("lookup", args=["customer"]) + "?q=KANARIEN",
        reverse("customers") + "?q=KANARIEN",
    ]
    if change:
        found.append(reverse("customer-duplicates") + f"?phone={MOBILE}")
        account = here.customer.bank_accounts.get().pk
        asked = here.customer.questions.filter(status="open")
        found += [
            reverse("contact-edit", args=[contact]),
            reverse("bank-account-edit", args=[account]),
            reverse("customer-edit", args=[pk]),
            *(reverse("question-answer", args=[one.pk]) for one in asked),
        ]
    return found


def test_covered_on_every_page_for_all_but_the_owner(here):
    for client in (here.leader, here.reader):
        for url in pages(here, change=client is here.leader):
            response = client.get(url)
            assert response.status_code == 200, url
            text = body(response).replace(f"phone={MOBILE}", "")
            for secret in SECRETS:
                assert secret not in text, (url, secret)
    assert not Unmasking.objects.exists()


def test_only_inputs_with_something_stored_are_called_covered(here):
    contact = here.customer.contacts.get()
    form = here.leader.get(reverse("contact-edit", args=[contact.pk])).context["form"]
    assert "Covered" in form.fields["mobile"].help_text
    assert not contact.education
    assert "Covered" not in form.fields["education"].help_text


def test_a_closed_question_tells_its_answer_to_the_owner_only(here):
    for question in here.customer.questions.exclude(status="open").filter(field__endswith="mobile"):
        url = reverse("question-answer", args=[question.pk])
        text = body(here.leader.get(url, follow=True))
        assert question.answer not in text and "1391234888" not in text
        assert question.answer in body(here.mine.get(url, follow=True))


def test_the_owner_sees_them_on_the_profile_and_in_the_time_line(here):
    text = body(here.mine.get(reverse("customer", args=[here.customer.pk])))
    for plain in ("13700001111", "4367420001112223334", "ANTWORT13900002222", "GRUND13900003333"):
        assert plain in text, plain


def test_each_value_is_shown_on_asking_and_recorded(here):
    contact, account = here.customer.contacts.get(), here.customer.bank_accounts.get()
    asked = [
        ("customers_contact", contact.pk, "mobile", "13700001111"),
        ("customers_contact", contact.pk, "birthday", "1981"),
        ("customers_contact", contact.pk, "family", "FAMILYCANARY"),
        ("customers_bankaccount", account.pk, "number", "4367420001112223334"),
    ]
    for count, (table, pk, field, plain) in enumerate(asked, 1):
        assert plain in body(here.leader.post(reverse("value-reveal", args=[table, pk, field])))
        assert Unmasking.objects.count() == count
        row = Unmasking.objects.latest("id")
        assert (row.table, row.row_id, row.field) == (table, str(pk), field)
        assert row.login and row.account_id


def test_an_account_names_itself_without_its_number():
    assert ACCOUNT_NUMBER not in str(BankAccount(bank="工商银行", number=ACCOUNT_NUMBER))

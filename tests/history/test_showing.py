"""`dossier history show` covers what the asker may not see plainly (ORG-4)."""

from __future__ import annotations

import pytest

from dossier.config.commands.history import _covered
from dossier.core.access import system_actor
from dossier.core.history.reading import changes
from dossier.customers.models import BankAccount, Contact, Question
from tests.factories import actor_of_role, make_customer

pytestmark = pytest.mark.django_db


def test_sensitive_values_are_covered_for_those_without_the_right():
    customer = make_customer()
    Contact.objects.create(
        customer=customer, name="赵", mobile="13812345678", family="two children"
    )
    BankAccount.objects.create(customer=customer, bank="工商银行", number="6222000011112222")
    found = changes(customer)
    auditor = actor_of_role("auditor")
    covered = str([_covered(change, auditor) for change in found])
    for secret in ("13812345678", "two children", "6222000011112222"):
        assert secret not in covered
        assert secret in str(found)
        assert secret in str([_covered(change, system_actor()) for change in found])
    assert "工商银行" in covered


def test_questions_on_sensitive_fields_are_covered_too():
    customer = make_customer()
    for field in ("mobile", "tax_number"):
        question = Question.objects.create(
            customer=customer, field=field, given=f"GIVEN-{field}", code="bad_mobile"
        )
        question.answer = f"ANSWER-{field}"
        question.save()
    found = changes(customer)
    covered = str([_covered(change, actor_of_role("auditor")) for change in found])
    for secret in ("GIVEN-mobile", "ANSWER-mobile"):
        assert secret in str(found)
        assert secret not in covered
        assert secret in str([_covered(change, system_actor()) for change in found])
    assert "GIVEN-tax_number" in covered and "ANSWER-tax_number" in covered

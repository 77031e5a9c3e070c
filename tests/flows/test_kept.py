"""A statement made once gives what Django gives for the same question, whatever values it is asked with."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Q

from dossier.core.access import system_actor
from dossier.core.kept import Kept
from dossier.customers.models import BankAccount, Contact, Customer, ProfileRules, Question
from dossier.customers.selectors import customers as selectors
from dossier.people.models import Account
from tests.factories import make_account, make_customer, make_employee, make_team

pytestmark = pytest.mark.django_db


def values(record):
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


def same(kept, plain):
    """Field by field, in order, without a further query."""
    assert [values(one) for one in kept] == [values(one) for one in plain]
    assert kept == list(plain)
    return len(kept)


@pytest.fixture
def customers():
    full = make_customer(
        "Alpha",
        owner=make_employee("Ann", team=make_team("East")),
        region_id="370602",
        founded_on=date(1999, 2, 3),
        credit_limit=Decimal("12.3400"),
        not_applicable=["website"],
        remark="by the river",
    )
    for name in ("Chen", "Dai", "Bo"):
        Contact.objects.create(customer=full, name=name)
    return [full, make_customer("Beta"), make_customer("Gamma")]


def test_parts_of_a_file_are_those_of_django(customers, django_assert_num_queries):
    found = 0
    for customer in customers:
        for kept, model, order in (
            (selectors.contacts_of, Contact, ("-is_main", "-is_active", "id")),
            (selectors.accounts_of, BankAccount, ("-is_usual", "-is_active", "id")),
        ):
            with django_assert_num_queries(1):
                parts = kept(customer)
                assert all(one.customer is customer for one in parts)
            found += same(parts, model.objects.filter(customer=customer).order_by(*order))
        open_ones = Question.objects.filter(customer=customer, status="open").order_by("id")
        found += same(selectors.open_questions_of(customer), open_ones)
    assert found >= 3
    same([selectors.profile_rules()], ProfileRules.objects.all())


def test_a_customer_comes_with_what_stands_beside_it(customers, django_assert_num_queries):
    beside = ("owner", "region", "industry", "category_node", "standing")
    for customer in customers:
        plain = Customer.objects.select_related(*beside).get(pk=customer.pk)
        with django_assert_num_queries(1):
            kept = selectors.customer_detail(system_actor(), customer.pk)
            others = [getattr(kept, name) for name in beside]
        same([kept], [plain])
        for name, other in zip(beside, others, strict=True):
            expected = getattr(plain, name)
            assert (other is None) == (expected is None), name
            assert other is None or values(other) == values(expected), name


def test_accounts_are_found_by_key_with_their_employee(django_assert_num_queries):
    account = make_account(roles=["salesperson"])
    alone = Account.objects.create(login="alone")
    for one in (account, alone):
        with django_assert_num_queries(1):
            kept = Account.objects.get(pk=one.pk)
            assert kept.employee == one.employee
        same([kept], Account.objects.filter(pk=one.pk))
        kept.language = "en"
        kept.save()  # a record like any other
        one.refresh_from_db()
        assert one.language == "en"
    assert Account.objects.get(pk=str(account.pk)) == account
    for nobody in (0, -1, alone.pk + 1, None):
        with pytest.raises(Account.DoesNotExist):
            Account.objects.get(pk=nobody)


def test_only_the_values_differ(customers, django_assert_num_queries):
    kept = Kept(
        lambda name, pk: Customer.objects.filter(Q(name=name) | Q(pk=pk), status="active").order_by(
            "name"
        ),
        name=str,
        pk=int,
    )
    alpha, beta, gamma = customers
    with django_assert_num_queries(3):
        assert kept.all(name="Alpha", pk=beta.pk) == [alpha, beta]
        assert kept.all(name="Gamma", pk=gamma.pk) == [gamma]
        assert kept.one(name="' OR true --", pk=0) is None


def test_a_blank_that_is_not_asked_for_is_a_mistake():
    kept = Kept(lambda pk, name: Customer.objects.filter(pk=pk), pk=int, name=str)
    with pytest.raises(ValueError, match="name"):
        kept.all(pk=1, name="x")

"""Computed classes and completeness of customers: kept up to date, shown with reasons, found in the list."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from dossier.catalog.models import Product
from dossier.customers.models import Customer, OwnerSum, Standing, StandingMark
from dossier.customers.services import (
    contact_update,
    customer_archive,
    customer_restore,
    customer_update,
    note_add,
    note_update,
    standing_refresh,
)
from dossier.customers.services.standing import all_standings, sum_owners, work_off_marks
from dossier.customers.tests.pages import CANARY, body, world
from dossier.people.models import RoleGrant
from dossier.sales.rules import LineInput
from dossier.sales.services import order_record, order_void
from tests.factories import (
    actor_of_role,
    client_for,
    make_account,
    make_customer,
    make_order,
    make_product,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world()


def standing(customer):
    return Standing.objects.get(pk=customer.pk)


def order(here, *, days=1, amount=5000):
    product = Product.objects.first() or make_product(list_price=1)
    return order_record(
        actor=here.seller,
        customer_id=here.customer.pk,
        ordered_on=timezone.localdate() - timedelta(days=days),
        currency="CNY",
        salesperson_id=here.seller.employee_id,
        lines=[
            LineInput(
                product_id=product.pk, quantity=Decimal(1), unit_price=Decimal(amount), line_id=None
            )
        ],
    )


def test_each_order_moves_the_classes_at_once(here):
    assert standing(here.customer).time_class == "prospective"
    first = order(here, amount=120_000)
    found = standing(here.customer)
    assert (found.time_class, found.transaction_state, found.weight) == ("new", "running", "key")
    assert (found.orders, found.recent_amount) == (1, Decimal(120_000))
    assert found.as_of == timezone.localdate()
    order_void(
        actor=here.seller, order_id=first.pk, expected_version=first.version, reason="录错了"
    )
    found = standing(here.customer)
    assert (found.time_class, found.orders) == ("prospective", 0)


def test_the_page_explains_each_class_by_its_facts(here):
    order(here, days=400)
    order(here, days=2)
    customer_update(
        actor=here.seller,
        customer_id=here.customer.pk,
        expected_version=None,
        changes={"credit_class_stated": "A", "category": "important"},
    )
    text = body(here.mine.get(reverse("customer", args=[here.customer.pk])))
    assert "Existing customer" in text and "It has bought since" in text
    assert "2 orders, the first on" in text and 'href="?tab=orders"' in text
    assert "No receipts recorded yet." in text  # nothing is computed where nothing is recorded
    assert "A: pays cash or on time" in text  # what people stated stays beside it
    assert "Occasional customer" in text and "stated-differs" in text
    colleague = client_for(make_account(roles=["salesperson"]))
    assert colleague.get(reverse("customer", args=[here.customer.pk])).status_code == 404


def test_an_intention_says_that_it_is_about_to_start_until_it_is_done(here):
    note = note_add(
        actor=here.seller,
        customer_id=here.customer.pk,
        data={"kind": "intention", "text": "明年三月换设备"},
    )
    assert standing(here.customer).transaction_state == "starting"
    note_update(
        actor=here.seller,
        note_id=note.pk,
        expected_version=note.version,
        changes={"ended_on": timezone.localdate()},
    )
    assert standing(here.customer).transaction_state == ""


def test_days_alone_make_a_customer_past_and_former(here):
    order(here, days=2)
    later = timezone.localdate() + timedelta(days=100)
    all_standings(today=later)
    assert standing(here.customer).transaction_state == "past"
    all_standings(today=later + timedelta(days=300))
    assert standing(here.customer).time_class == "former"


def test_an_ended_relationship_is_former_and_comes_back(here):
    order(here)
    leader = actor_of_role("sales_manager")
    customer_archive(actor=leader, customer_id=here.customer.pk, reason="停业")
    assert standing(here.customer).time_class == "former"
    customer_restore(actor=leader, customer_id=here.customer.pk, reason="又开业了")
    assert standing(here.customer).time_class == "new"


def test_who_writes_past_the_services_leaves_a_mark_that_the_job_works_off(here):
    work_off_marks()
    make_order(here.customer, ordered_on=timezone.localdate())
    assert standing(here.customer).orders == 0
    assert StandingMark.objects.filter(customer_id=here.customer.pk).exists()
    assert here.customer.pk in work_off_marks()
    assert standing(here.customer).orders == 1
    assert not StandingMark.objects.exists()
    assert work_off_marks() == []


def test_a_new_customer_has_a_standing_and_loses_it_with_the_file():
    one = make_customer()
    assert standing(one).computed_at is None
    assert one.pk in work_off_marks()
    assert standing(one).computed_at is not None
    one.contacts.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_customer WHERE id = %s", [one.pk])
    assert not Standing.objects.filter(pk=one.pk).exists()


def test_completeness_asks_more_of_better_grades(here):
    actor, pk = here.seller, here.customer.pk

    def set_(**changes):
        customer_update(actor=actor, customer_id=pk, expected_version=None, changes=changes)
        return standing(here.customer)

    assert "address" not in set_(grade="C", address="天津市南开区").missing
    assert "address" in set_(grade="B1").missing
    assert "address" not in set_(address="天津市南开区迎水道31号").missing
    assert "region" not in standing(here.customer).missing
    assert "region" in set_(region="120000").missing  # the city alone is not the district


def test_not_applicable_counts_as_answered(here):
    before = standing(here.customer)
    assert "legal_representative" in before.missing
    customer_update(
        actor=here.seller,
        customer_id=here.customer.pk,
        expected_version=None,
        changes={},
        not_applicable=["legal_representative"],
    )
    after = standing(here.customer)
    assert "legal_representative" not in after.missing
    assert after.completeness > before.completeness
    contact = here.customer.contacts.get()
    assert "contact.post" in after.missing
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={},
        not_applicable=["post"],
    )
    assert "contact.post" not in standing(here.customer).missing


def test_what_is_missing_leads_into_its_input(here):
    text = body(here.mine.get(reverse("customer", args=[here.customer.pk])))
    edit = reverse("customer-edit", args=[here.customer.pk])
    contact = reverse("contact-edit", args=[here.customer.contacts.get().pk])
    assert f'href="{edit}#id_grade"' in text
    assert f'href="{contact}#id_post"' in text
    assert 'id="id_grade"' in body(here.mine.get(edit))
    assert 'id="id_post"' in body(here.mine.get(contact))
    assert f"To be supplied by: {here.customer.owner}" in text
    told = body(here.reader.get(reverse("customer", args=[here.customer.pk])))
    assert "To be supplied by" in told and f'href="{edit}#' not in told  # read-only: no way in


def test_an_owner_is_missing_for_all_and_given_by_those_who_may(here):
    nobodys = make_customer("herrenlos")
    standing_refresh([nobodys.pk])
    assert "owner" in standing(nobodys).missing
    assign = f'class="gap" href="{reverse("customer-assign", args=[nobodys.pk])}"'
    for role, gives in (("customer_service", False), ("customer_information_administrator", True)):
        client = client_for(make_account(roles=[role]))
        text = body(client.get(reverse("customer", args=[nobodys.pk])))
        assert f'class="gap" href="{reverse("customer-edit", args=[nobodys.pk])}#' in text
        assert (assign in text) == gives, role


def test_the_list_filters_and_sorts_by_class_and_completeness(here):
    order(here)
    empty = make_customer("leer", owner_id=here.seller.employee_id)
    standing_refresh([empty.pk])
    url = reverse("customers")

    def names(query):
        page = here.mine.get(f"{url}?{query}")
        assert page.status_code == 200, query
        return [row["cells"][0]["text"] for row in page.context["rows"]]

    mine = here.customer.name
    assert names("time_class=new") == [mine]
    assert names("time_class=prospective") == ["leer"]
    assert names("credit_class=-") == [mine, "leer"]
    assert names("sort=completeness") == ["leer", mine]
    assert names("sort=-completeness") == [mine, "leer"]
    low = standing(empty).completeness
    assert names(f"completeness_to={low}") == ["leer"]
    for axis in ("time_class", "transaction_state", "weight", "credit_class"):
        assert sorted(names(f"sort=-{axis}")) == sorted([mine, "leer"])
    assert here.mine.get(f"{url}?time_class=bogus").status_code == 400


def test_completeness_by_owner_shows_whole_owners_within_reach_only(here):
    other = make_account(roles=["salesperson"])
    hidden = make_customer("fremd", owner=other.employee)
    standing_refresh([hidden.pk])
    sum_owners()
    assert OwnerSum.objects.count() == 2
    url = reverse("completeness")

    def owners(client):
        response = client.get(url)
        assert response.status_code == 200
        return [row.cells[0]["text"] for row in response.context["rows"]]

    assert owners(here.mine) == [str(here.customer.owner)]
    assert owners(here.leader) == [str(here.customer.owner)]
    everything = client_for(make_account(roles=["customer_information_administrator"]))
    assert owners(everything)[-1] == "All together" and len(owners(everything)) == 3
    assert here.mine.post(url).status_code == 405
    bare = client_for(make_account(roles=["system_administrator"]))
    assert bare.get(url).status_code == 403


def test_many_customers_are_computed_by_few_statements(django_assert_max_num_queries):
    ids = [make_customer().pk for _n in range(30)]
    with django_assert_max_num_queries(8):
        assert standing_refresh(ids) == 30
    assert Customer.objects.filter(standing__computed_at__isnull=False).count() == 30


def test_facts_are_told_to_those_who_may_see_the_orders(here):
    order(here)
    url = reverse("customer", args=[here.customer.pk])
    assert "1 order, on" in body(here.mine.get(url))
    account = make_account(roles=["finance"])
    RoleGrant.objects.filter(role__key="finance", kind="sales.order").delete()
    told = body(client_for(account).get(url))
    assert CANARY in told and "New customer" in told
    assert "1 order, on" not in told and "5,000" not in told
    assert "The first deal was on" not in told
    assert "Computed from records that are not yours to see." in told

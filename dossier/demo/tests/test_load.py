"""The demonstration company comes in through the imports, whole, once, and into an empty database."""

from datetime import date

import pytest
from django.db.models import Q

from dossier.catalog.models import Product
from dossier.core.access import system_actor
from dossier.core.errors import Refusal
from dossier.customers.models import Customer
from dossier.demo.load import is_loaded, load
from dossier.people.models import Account, Team, Territory
from dossier.sales.models import SalesOrderLine
from tests.factories import make_customer

TODAY = date(2026, 11, 20)


def test_it_comes_in_whole_and_a_second_time_changes_nothing(committed_db):
    assert not is_loaded()
    counts = load(actor=system_actor(), today=TODAY, customers=60)
    assert is_loaded()
    assert (counts["employees"], counts["customers"]) == (12, 60)
    assert Account.objects.count() == 13
    assert not Product.objects.filter(Q(product_class="") | Q(family=None)).exists()
    assert Team.objects.get(name="销售一部").parent.name == "销售部"
    territory = Territory.objects.get(name="鲁豫")
    assert territory.parent.name == "华东大区"
    assert [team.name for team in territory.teams.all()] == ["销售一部"]
    lines = SalesOrderLine.objects.count()
    assert lines == counts["sales"]
    load(actor=system_actor(), today=TODAY, customers=60)
    assert SalesOrderLine.objects.count() == lines
    assert Territory.objects.count() == 6
    assert Customer.objects.count() == 60


@pytest.mark.django_db
def test_real_records_are_never_mixed_with_invented_ones():
    make_customer()
    with pytest.raises(Refusal) as refused:
        load(actor=system_actor(), today=TODAY)
    assert refused.value.code == "not_empty"

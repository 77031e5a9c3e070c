"""The demonstration company comes in through the imports, whole, once, and into an empty database."""

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.db import connection
from django.db.models import F, Q

from dossier import testing
from dossier.catalog.models import Product
from dossier.core.access import system_actor
from dossier.core.errors import Refusal
from dossier.core.history.verifying import verify
from dossier.customers.models import Customer
from dossier.customers.rules import pinyin_keys
from dossier.customers.selectors import search
from dossier.demo.load import Size, is_loaded, large, load
from dossier.people.models import Account, Team, Territory
from dossier.sales.models import SalesOrderLine
from tests.factories import make_customer
from tests.sealing import seal_all

TODAY = date(2026, 11, 20)


def test_it_comes_in_whole_and_a_second_time_changes_nothing(committed_db):
    assert not is_loaded()
    counts = load(actor=system_actor(), today=TODAY, size=Size(60))
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
    load(actor=system_actor(), today=TODAY, size=Size(60))
    assert SalesOrderLine.objects.count() == lines
    assert Territory.objects.count() == 6
    assert Customer.objects.count() == 60


@pytest.mark.django_db
def test_real_records_are_never_mixed_with_invented_ones():
    make_customer()
    with pytest.raises(Refusal) as refused:
        load(actor=system_actor(), today=TODAY)
    assert refused.value.code == "not_empty"


def test_a_large_company_keeps_every_rule(committed_db, tmp_path, monkeypatch):
    monkeypatch.setenv("DOSSIER_SEAL_HEADS", str(tmp_path / "heads.jsonl"))  # not a former run's
    size = large(400, lines=3_000)
    counts = load(actor=system_actor(), today=TODAY, size=size)
    assert (counts["customers"], counts["sales"]) == (400, 3_000)
    assert is_loaded(size)
    assert SalesOrderLine.objects.count() == 3_000
    assert Team.objects.get(name="销售八部").leader.team.name == "销售八部"
    # the salespeople of the further teams have customers and sales of their own
    further = Customer.objects.filter(owner__team__name__in=["销售三部", "销售八部"])
    assert further.exists()
    assert SalesOrderLine.objects.filter(salesperson__team__name="销售三部").exists()
    # whole: every customer with contact, derived columns, and every row with its entry in the history
    assert not Customer.objects.filter(
        Q(main_contact="") | Q(sort_key="") | Q(search_text="")
    ).exists()
    with connection.cursor() as cursor:
        for table, rows in (("customers_customer", 400), ("sales_salesorderline", 3_000)):
            cursor.execute(
                "SELECT count(DISTINCT row_id) FROM history_entry WHERE table_name = %s AND op = 'I'",
                [table],
            )
            assert cursor.fetchone() == (rows,)
    # found as a person looks for it, by any two characters of the name and by its initials
    one = Customer.objects.order_by("-code").first()
    for typed in (one.short_name[:2], pinyin_keys(one.short_name)[1]):
        assert one in search(system_actor(), Customer.objects.all(), typed)
    # totals foot: what the orders' customers, days and lines say is one thing
    lines = SalesOrderLine.objects.exclude(
        customer=F("order__customer"), ordered_on=F("order__ordered_on")
    )
    assert not lines.exists()
    exact = F("quantity") * F("unit_price") * F("discount_factor")
    assert not SalesOrderLine.objects.exclude(
        amount__gte=exact - Decimal("0.005"), amount__lte=exact + Decimal("0.005")
    ).exists()
    # and nothing about the history is wrong
    seal_all(committed_db)
    with psycopg.connect(testing.owner_url(committed_db)) as owner:
        verdict = verify(owner)
    assert verdict.faults == []
    assert verdict.entries == verdict.sealed >= 3_400
    assert load(actor=system_actor(), today=TODAY, size=size) == {}


def test_a_company_of_another_size_is_refused_and_nothing_changes(committed_db):
    load(actor=system_actor(), today=TODAY, size=Size(60))
    with pytest.raises(Refusal) as refused:
        load(actor=system_actor(), today=TODAY, size=large(80, lines=200))
    assert refused.value.code == "another_size"
    assert Customer.objects.count() == 60


def test_a_large_company_begun_is_finished(committed_db, monkeypatch):
    size = large(120, lines=500)
    monkeypatch.setattr("dossier.demo.load._CUSTOMERS_A_FILE", 50)
    monkeypatch.setattr("dossier.demo.load._LINES_A_FILE", 200)

    def stop(text: str) -> None:
        if text.startswith("customers"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(actor=system_actor(), today=TODAY, size=size, say=stop)
    assert not is_loaded(size)
    load(actor=system_actor(), today=TODAY, size=size)
    assert is_loaded(size)
    assert (Customer.objects.count(), SalesOrderLine.objects.count()) == (120, 500)

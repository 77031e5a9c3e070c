"""The time line read from its newest entries alone tells the same as all entries in order (CUS-15)."""

from __future__ import annotations

from importlib import import_module

import psycopg
import pytest
from django.db import connection

from dossier.core.models import HistoryTransaction
from dossier.customers.selectors import timeline
from dossier.customers.services import customer_update
from dossier.customers.tests.pages import world
from dossier.testing import owner_url

pytestmark = pytest.mark.slow

SELECTORS = import_module("dossier.customers.selectors.timeline")  # a function has its name


@pytest.fixture
def here(committed_db):
    return world()


def all_keys(customer):
    """Every transaction of the file, by reading all its entries: the newest beginning first."""
    rows = [("customers_customer", str(customer.pk))]
    rows += [("customers_contact", str(one.pk)) for one in customer.contacts.all()]
    rows += [("customers_bankaccount", str(one.pk)) for one in customer.bank_accounts.all()]
    found = set()
    for table, key in rows:
        found |= set(
            HistoryTransaction.objects.filter(
                entries__table_name=table, entries__row_id=key
            ).values_list("at", "xid")
        )
    return [f"history:{xid:012d}" for _at, xid in sorted(found, reverse=True)]


def told(here, limit, pages=10_000):
    """The keys of the entries, page after page."""
    keys, before = [], None
    for _page in range(pages):
        events, before = timeline(here.seller, here.customer, before=before, limit=limit)
        keys += [event.key for event in events]
        if before is None:
            break
    return keys


def owner(statement, values=()):
    with psycopg.connect(owner_url(connection.settings_dict["NAME"])) as db:
        db.execute(statement, values)


def test_ten_thousand_entries_are_told_as_if_all_had_been_read(here, monkeypatch):
    """Transactions of some seconds, each fortieth of a quarter of an hour; a third writes a second part."""
    owner(
        """
        WITH begun AS (
          SELECT n AS xid, now() + n * interval '1 second' AS at,
            n + CASE WHEN n %% 40 = 0 THEN 900 ELSE (n * 7919) %% 6 END AS written
          FROM generate_series(1, 7500) n),
        transactions AS (
          INSERT INTO history_transaction (xid, at, context, db_user, client, digest)
          SELECT (SELECT max(xid) FROM history_transaction) + xid, at, '{}', 'somebody', '', '' FROM begun),
        written AS (
          SELECT xid, written, 'customers_customer' AS table_name, %(customer)s AS row_id FROM begun
          UNION ALL
          SELECT xid, written + (xid %% 5) * 40, 'customers_contact', %(contact)s FROM begun WHERE xid %% 3 = 0)
        INSERT INTO history_entry (id, xid, table_name, row_id, op, before, after, digest)
        SELECT (SELECT max(id) FROM history_entry) + row_number() OVER (ORDER BY written, xid),
          (SELECT max(xid) FROM history_transaction) + xid, table_name, row_id, 'U',
          '{"remark": "a"}', '{"remark": "b"}', ''
        FROM written
        """,
        {"customer": str(here.customer.pk), "contact": str(here.customer.contacts.get().pk)},
    )
    expected = all_keys(here.customer)
    assert len(expected) == 7501
    assert told(here, 400) == expected
    monkeypatch.setattr(SELECTORS, "_WINDOW", 16)
    monkeypatch.setattr(SELECTORS, "_WIDER", 2)
    assert told(here, 15, pages=30) == expected[:450]


def test_what_began_early_and_was_written_late_stands_where_it_began(here):
    opened = all_keys(here.customer)
    with psycopg.connect(**connection.get_connection_params()) as late:
        late.execute("SELECT set_config('dossier.context', '{\"login\": \"late\"}', true)")
        for number in range(20):
            customer_update(
                actor=here.seller,
                customer_id=here.customer.pk,
                expected_version=None,
                changes={"remark": f"remark {number}"},
            )
        late.execute(
            "UPDATE customers_contact SET remark = 'late' WHERE customer_id = %s",
            [here.customer.pk],
        )
    keys = told(here, 15)
    assert keys == all_keys(here.customer) and len(keys) == 22
    assert keys[-1:] == opened
    events, before = timeline(here.seller, here.customer, limit=20)
    assert "late" not in {event.who for event in events}
    last, _end = timeline(here.seller, here.customer, before=before)
    assert [event.who for event in last] == ["late", here.seller.name]


@pytest.mark.parametrize("window", [1, 2, 7])
def test_the_first_entries_looked_at_may_be_few(here, window, monkeypatch):
    for number in range(6):
        customer_update(
            actor=here.seller,
            customer_id=here.customer.pk,
            expected_version=None,
            changes={"remark": f"remark {number}"},
        )
    monkeypatch.setattr(SELECTORS, "_WINDOW", window)
    assert told(here, 2) == all_keys(here.customer)

"""Whatever way leads to it, a service refuses by itself what its actor may not do (SECURITY E 2, 3, 5, 7).

The pages, an import, a job and the API call the same services. Each is called with rows of another team,
and by somebody without any right: refused, and nothing at all is written.
"""

from __future__ import annotations

import pytest
from django.db import transaction

from dossier.core.access import Actor, ScopedQuerySet
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.models import HistoryEntry
from dossier.customers.models import Customer
from dossier.customers.services import customer_create, customer_update
from dossier.sales.models import SalesOrder
from dossier.sales.services import order_amend, order_record
from tests.factories import make_customer, make_order, make_product
from tests.permissions.world import BARE
from tests.security.services import INTERNAL, least, line, services

pytestmark = pytest.mark.django_db

SERVICES = dict(services())
# What a salesperson may do without naming a record of anybody.
OWN = {"customer_create"}


def ids_of(world, party):
    """The rows of a party, and those of everybody."""
    has = party.has | world.shared
    found = {kind: next(iter(values.values())) for kind, values in has.items()}
    return found | {
        "contact": has["contact"]["pk"],
        "sheet_row": has["sheet_value"]["row_id"],
        "import_run": has["import_run"]["run_id"],
        "session": has["session"]["session_id"],
        "token": has["token"]["token_id"],
    }


def refusal_of(function, actor, arguments):
    """The refusal of a call, or None; and how many changes the history saw meanwhile."""
    before = HistoryEntry.objects.count()
    mark = transaction.savepoint()
    told = None
    try:
        function(actor=actor, **arguments)
    except Refusal as refusal:
        told = refusal
    changed = HistoryEntry.objects.count() - before
    transaction.savepoint_rollback(mark)
    return told, changed


def test_every_service_is_tried():
    known = set(least(dict.fromkeys(KINDS, 1))) | set(INTERNAL)
    missing = sorted(set(SERVICES) - known)
    assert not missing, (
        f"add {missing} to `least` in tests/security/services.py with the rows it works on,"
        " or to INTERNAL with the reason why nobody's right is asked there"
    )
    assert len(SERVICES) > 45


KINDS = (
    "customer product named_map import_run category contact bank_account employee question sheet_row"
    " account team territory role session order bulk_edit saved_view note token redaction pair"
).split()


@pytest.mark.parametrize("name", sorted(set(SERVICES) - set(INTERNAL)))
def test_somebody_without_rights_can_do_nothing(name, world):
    party = world.askers[BARE]
    arguments = least(ids_of(world, world.foreign))[name]
    told, changed = refusal_of(SERVICES[name], party.actor, arguments)
    assert isinstance(told, NotAllowed | NotFound), (name, told)
    assert changed == 0, (name, "something was written")


@pytest.mark.parametrize("name", sorted(set(SERVICES) - set(INTERNAL) - OWN))
def test_a_salesperson_can_do_nothing_to_what_is_anothers(name, world):
    party = world.askers["salesperson"]
    arguments = least(ids_of(world, world.foreign))[name]
    told, changed = refusal_of(SERVICES[name], party.actor, arguments)
    assert isinstance(told, NotAllowed | NotFound), (name, told)
    assert changed == 0, (name, "something was written")


@pytest.mark.parametrize(
    "name",
    "customer_update contact_add order_void contact_update note_add note_update bulk_change".split(),
)
def test_a_service_that_forgets_the_scope_is_seen(name, world, monkeypatch):
    """The fault put in: the tests above see it."""
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda self, actor, action="view", **how: self)
    arguments = least(ids_of(world, world.foreign))[name]
    _told, changed = refusal_of(SERVICES[name], world.askers["salesperson"].actor, arguments)
    assert changed > 0


@pytest.mark.parametrize("name", ["role_create", "product_create", "category_create"])
def test_a_service_without_its_guard_is_seen(name, world, monkeypatch):
    monkeypatch.setattr(Actor, "require", lambda self, kind, action: None)
    arguments = least(ids_of(world, world.foreign))[name]
    told, _changed = refusal_of(SERVICES[name], world.askers[BARE].actor, arguments)
    assert not isinstance(told, NotAllowed)


# References to other records inside what is written (SECURITY E 3, 5) ------------------------------------


@pytest.fixture
def two(world):
    """A salesperson's own customer and order, and those of another team."""
    me = world.askers["salesperson"]
    own = make_customer("own", owner=me.employee)
    foreign = make_customer("foreign", owner=world.foreign.employee)
    product = make_product()
    return {
        "actor": me.actor,
        "me": me.employee,
        "them": world.foreign.employee,
        "own": own,
        "foreign": foreign,
        "product": product,
        "order": make_order(own, lines=[{"product": product}]),
        "foreign_order": make_order(foreign, lines=[{"product": product}]),
    }


def test_a_head_office_out_of_reach_cannot_be_named(two):
    for value in (two["foreign"], two["foreign"].code):
        with pytest.raises(Refusal):
            customer_update(
                actor=two["actor"],
                customer_id=two["own"].pk,
                expected_version=1,
                changes={"head_office": value},
            )
    two["own"].refresh_from_db()
    assert two["own"].head_office_id is None


def test_an_owner_out_of_reach_cannot_be_named_at_all(two):
    before = Customer.objects.count()
    for changes in ({"owner": two["them"]}, {"owner": two["them"].number}):
        with pytest.raises(Refusal):
            customer_update(
                actor=two["actor"],
                customer_id=two["own"].pk,
                expected_version=1,
                changes=changes,
            )
        with pytest.raises(Refusal):
            customer_create(
                actor=two["actor"],
                data={"name": "new", "phone": "010-61234567", **changes},
                contacts=[{"name": "x"}],
            )
    assert Customer.objects.count() == before
    two["own"].refresh_from_db()
    assert two["own"].owner_id == two["me"].pk


def order_values(two, **more):
    return {
        "actor": two["actor"],
        "customer_id": two["own"].pk,
        "ordered_on": two["order"].ordered_on,
        "currency": "CNY",
        "salesperson_id": two["me"].pk,
        "lines": [line(two["product"].pk)],
    } | more


def test_an_order_names_only_what_is_within_reach(two):
    before = SalesOrder.objects.count()
    foreign_line = two["foreign_order"].lines.get()
    for more in (
        {"customer_id": two["foreign"].pk},
        {"salesperson_id": two["them"].pk},
        {"lines": [line(two["product"].pk, line_id=foreign_line.pk)]},
        {"lines": [line(999_999_999)]},
    ):
        with pytest.raises(Refusal):
            order_record(**order_values(two, **more))
        with pytest.raises(Refusal):
            order_amend(
                **order_values(two, order_id=two["order"].pk, number="", expected_version=1, **more)
            )
    assert SalesOrder.objects.count() == before
    two["order"].refresh_from_db()
    assert (two["order"].customer_id, two["order"].version) == (two["own"].pk, 1)
    foreign_line.refresh_from_db()
    assert foreign_line.order_id == two["foreign_order"].pk

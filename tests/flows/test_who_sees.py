"""Who sees a record and why: the page says of everybody what every query does (ORG-4).

The proof is by worlds made at random: teams below teams with leaders from elsewhere, territories, roles with
any grant at any scope, people without account, left or closed, records with and without owner. For each
person and each record the page must say what ``for_user`` does, and give a reason exactly where it does.
"""

from __future__ import annotations

import random
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dossier.catalog.models import Product
from dossier.core.access import Facts, Scope, kind_of, system_actor
from dossier.customers.models import Customer
from dossier.customers.selectors import may_reveal, sees_plainly
from dossier.demo.load import Size, load
from dossier.people.everybody import _Reaches, everybody, organisation
from dossier.people.models import Account, Employee, Role, RoleGrant, Territory
from dossier.people.selectors import actor_for as fresh_actor
from dossier.people.selectors import may_unmask
from dossier.people.who_sees import CHANGE, COVERED, SEE, Explanation, subject_of, subjects
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.services import may_change
from tests.factories import (
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_order,
    make_product,
    make_team,
)

pytestmark = pytest.mark.django_db
REGIONS = ("110000", "110105", "370000", "370600", "370682", "310115")
KINDS = {
    "customers.customer": ("view", "change", "unmask", "unassigned"),
    "sales.order": ("view", "change"),
    "catalog.product": ("view", "change", "cost"),
    "people.employee": ("view", "change", "unmask"),
}
SEEDS = range(6)


def strange_world(seed):
    """A company of about thirty people whose rights nobody would plan so."""
    dice = random.Random(seed)
    teams = []
    for _number in range(5):
        teams.append(make_team(parent=dice.choice([None, *teams])))
    roles = []
    for number in range(7):
        role = Role.objects.create(key=f"strange-{number}", name=f"strange {number}")
        roles.append(role.key)
        for kind, actions in KINDS.items():
            for action in actions:
                if dice.random() < 0.6:
                    scope = dice.choice(list(Scope)[:3] if dice.random() < 0.85 else [Scope.ALL])
                    RoleGrant.objects.create(role=role, kind=kind, action=action, scope=scope)
    accounts = [
        make_account(roles=dice.sample(roles, dice.randint(0, 3)), team=dice.choice([None, *teams]))
        for _number in range(18)
    ]
    nobody = Account.objects.create(login=f"nobody{seed}")
    nobody.roles.add(Role.objects.get(key=roles[0]))
    people = [account.employee for account in accounts]
    people += [make_employee(team=dice.choice(teams)) for _number in range(3)]
    for team in teams:
        team.leader = dice.choice([None, *people])
        team.save()
    for number in range(4):
        area = Territory.objects.create(name=f"strange area {seed} {number}")
        area.regions.set(dice.sample(REGIONS, 2))
        area.teams.set(dice.sample(teams, dice.randint(0, 2)))
        area.employees.set(dice.sample(people, dice.randint(0, 2)))
    left, closed = accounts[-1], accounts[-2]
    Employee.objects.filter(pk=left.employee_id).update(status="left", left_on="2026-01-01")
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    customers = [
        make_customer(owner=dice.choice([None, *people]), region_id=dice.choice([None, *REGIONS]))
        for _number in range(12)
    ]
    product = make_product()
    for customer in customers[:9]:
        make_order(
            customer,
            salesperson=dice.choice([None, *people]),
            lines=[
                {"product": product, "salesperson": dice.choice([None, *people])}
                for _line in range(2)
            ],
        )


def by_account(rows):
    return {seer.person.actor.account_id: seer for seer in rows}


def all_readers():
    return Account.objects.select_related("employee").order_by("pk")


def rows_of(key):
    model = subject_of(key).model
    return list(model.objects.order_by("pk"))


def everything_agrees(most=None):
    """Holds each explanation against the queries and the services; how many answers were compared."""
    actors = {account.pk: fresh_actor(account) for account in all_readers()}
    seen = compared = 0
    for kind in subjects():
        for row in rows_of(kind.key)[:most]:
            found = by_account(Explanation(system_actor(), kind, row).seers)
            for pk, actor in actors.items():
                sees = kind.model.objects.for_user(actor).filter(pk=row.pk).exists()
                changes = kind.model.objects.for_user(actor, "change").filter(pk=row.pk).exists()
                told = found.get(pk)
                where = (kind.key, row, actor.login)
                assert (told is not None) == sees, where
                if told is None:
                    continue
                assert told.may(SEE) and told.may(CHANGE) == (changes and not kind.closed(row)), (
                    where
                )
                assert told.may(COVERED) == reads_covered(kind.key, actor, row), where
                seen += 1
            compared += len(actors)
    return seen, compared


def reads_covered(key, actor, row):
    """What the pages themselves ask."""
    if key == "customer":
        return sees_plainly(actor, row) or may_reveal(actor, row)
    if key == "employee":
        return row.pk == actor.employee_id or may_unmask(actor, row)
    return actor.can("catalog.product", "cost")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_page_says_of_everybody_what_queries_do(seed):
    strange_world(seed)
    seen, compared = everything_agrees()
    assert seen > 30 and compared - seen > 200  # neither everything nor nothing


@pytest.mark.parametrize("few", [20_000, 2, 0])
@pytest.mark.parametrize("seed", SEEDS)
def test_reach_is_the_same_read_as_a_whole(seed, few, monkeypatch):
    """Sums look up the customers within reach where they are few, a page asks of each row."""
    strange_world(seed)
    monkeypatch.setattr("dossier.core.access._FEW_KEYS", few)
    seen = 0
    for account in all_readers():
        actor = fresh_actor(account)
        for model in (Customer, SalesOrder, SalesOrderLine, Product, Employee):
            for action in ("view", "change"):
                whole = model.objects.for_user(actor, action, whole=True)
                keys = set(whole.values_list("pk", flat=True))
                each = model.objects.for_user(actor, action).values_list("pk", flat=True)
                assert keys == set(each), (account.login, model, action)
                seen += len(keys)
    assert seen > 100


def test_few_customers_are_looked_up_and_of_none_nothing_is_asked():
    salesperson = make_account(roles=["salesperson"])
    make_order(make_customer(owner=salesperson.employee))
    rows = SalesOrderLine.objects.for_user(fresh_actor(salesperson), whole=True)
    assert "= ANY (ARRAY(" in str(rows.query) and len(rows) == 1
    nobody = Account.objects.create(login="nobody")  # without an employee, so without own records
    nobody.roles.add(Role.objects.get(key="salesperson"))
    assert list(SalesOrderLine.objects.for_user(fresh_actor(nobody), whole=True)) == []


def test_it_holds_for_every_person_and_role_of_the_demo_company(committed_db):
    load(actor=system_actor(), today=date(2026, 11, 20), size=Size(40))
    seen, compared = everything_agrees(most=40)
    assert seen > 200 and compared > seen


@pytest.mark.parametrize("seed", SEEDS)
def test_all_accounts_read_at_once_are_the_actors_they_sign_in_as(seed):
    strange_world(seed)
    people = {one.actor.account_id: one.actor for one in everybody(organisation(system_actor()))}
    for account in all_readers():
        alone = fresh_actor(account)
        if account.pk not in people:
            assert not alone.grants, account.login  # left, or closed
            continue
        together = people[account.pk]
        for name in ("login", "name", "employee_id", "grants", "team_ids", "member_ids"):
            assert getattr(together, name) == getattr(alone, name), (account.login, name)
        assert together.region_codes == alone.region_codes
        assert set(together.roles) == set(alone.roles)


def test_an_order_is_changed_by_whom_the_page_names():
    strange_world(7)
    kind = subject_of("order")
    actors = {account.pk: fresh_actor(account) for account in all_readers()}
    for order in rows_of("order"):
        named = {
            pk
            for pk, one in by_account(Explanation(system_actor(), kind, order).seers).items()
            if one.may(CHANGE)
        }
        assert named == {pk for pk, actor in actors.items() if may_change(actor, order)}


def test_every_ground_of_every_kind_with_a_page_has_words():
    for kind in subjects():
        for ground in kind_of(kind.model).grounds:
            assert hasattr(ground, "told") or hasattr(ground, "model"), ground.key


# The faults put in: each must be seen, or the tests above prove nothing -------------------------------


def disagreement(seed):
    strange_world(seed)
    with pytest.raises(AssertionError) as seen:
        everything_agrees()
    return str(seen.value)


def test_a_team_left_out_of_a_reach_is_seen(monkeypatch):
    whole = _Reaches._below
    monkeypatch.setattr(
        _Reaches, "_below", lambda self, tops: (*whole(self, tops)[:1], frozenset(), ())
    )
    assert disagreement(0)


def test_a_leaver_let_in_is_seen(monkeypatch):
    monkeypatch.setattr("dossier.people.everybody._open_accounts", Account.objects.all)
    named("走了", "general_manager")
    Employee.objects.filter(name="走了").update(status="left", left_on="2026-01-01")
    assert disagreement(0)


def test_a_ground_the_page_forgets_is_seen(monkeypatch):
    opened = Facts.opened
    monkeypatch.setattr(
        Facts,
        "opened",
        lambda self, actor, action: tuple(
            one for one in opened(self, actor, action) if one.ground is None
        ),
    )
    assert disagreement(0)


def named(name, *roles, team=None):
    """An account of somebody of this name."""
    return make_account(roles=roles, employee=make_employee(name, team=team))


# In words --------------------------------------------------------------------------------------------


@pytest.fixture
def company():
    """A leader of a team with two sellers, a manager above, a sales manager, and one in another team."""
    top = make_team("销售部")
    team = make_team("销售一部", parent=top)
    other = make_team("销售二部", parent=top)
    people = {
        "above": named("上级", "team_leader", team=make_team("总部")),
        "leader": named("组长", "team_leader", team=team),
        "seller": named("张销售", "salesperson", team=team),
        "mate": named("同组", "salesperson", team=team),
        "foreign": named("外组", "salesperson", team=other),
        "manager": named("经理", "sales_manager", team=top),
    }
    for one, who in ((top, "above"), (team, "leader")):
        one.leader = people[who].employee
        one.save()
    return people


def page_of(account, key, row, **query):
    return client_for(account).get(reverse("who-sees", args=[key, row.pk]), query)


def body(response):
    assert response.status_code == 200
    return response.content.decode()


def sentences(response):
    """By person's name what is said of him or her."""
    found = response.context["people"]["rows"]
    return {
        row["cells"][0].get("text") or str(row["cells"][0]["html"]): str(row["cells"][3]["html"])
        for row in found
    }


def test_reasons_are_told_in_plain_words(company):
    customer = make_customer("自己的客户", owner=company["seller"].employee)
    said = sentences(page_of(company["manager"], "customer", customer))
    assert "Owner of the customer" in said["张销售"] and "Salesperson" in said["张销售"]
    assert "Leads 销售一部, the team of the customer&#x27;s owner" in said["组长"]
    assert "Leads 销售部, above 销售一部, the team of the customer&#x27;s owner" in said["上级"]
    mine = next(text for name, text in said.items() if "经理" in name)
    assert "Role Sales manager reaches all customer files" in mine
    assert "同组" not in said and "外组" not in said


def test_an_order_names_the_customers_side_and_the_credited_salesperson(company):
    customer = make_customer(owner=company["seller"].employee)
    order = make_order(
        customer,
        salesperson=company["foreign"].employee,
        lines=[{"salesperson": company["mate"].employee}],
    )
    said = sentences(page_of(company["manager"], "order", order))
    assert "Owner of the customer" in said["张销售"]
    assert "Credited with the order" in said["外组"] and "see" in said["外组"]
    assert "Credited with a line of the order" in said["同组"]
    found = by_account(
        Explanation(fresh_actor(company["manager"]), subject_of("order"), order).seers
    )
    assert not found[company["foreign"].pk].may(CHANGE)  # does not see the customer
    assert found[company["seller"].pk].may(CHANGE)


def test_asking_for_somebody_answers_yes_with_reasons_or_no_and_why(company):
    customer = make_customer(owner=company["seller"].employee)
    left = named("走了", "sales_manager")
    Employee.objects.filter(pk=left.employee_id).update(status="left", left_on="2026-01-01")
    without = make_employee("没有账号")
    bare = named("没有角色")
    asker = company["manager"]
    assert "Owner of the customer" in body(page_of(asker, "customer", customer, q="张销售"))
    assert "This record lies outside" in body(page_of(asker, "customer", customer, q="外组"))
    assert "own records" in body(page_of(asker, "customer", customer, q="外组"))
    assert "Has left" in body(page_of(asker, "customer", customer, q="走了"))
    assert "no open account" in body(page_of(asker, "customer", customer, q=without.name))
    assert "No role of this person" in body(page_of(asker, "customer", customer, q="没有角色"))
    assert bare.login not in body(page_of(asker, "customer", customer))
    assert "Nothing matches" in body(page_of(asker, "customer", customer, q="无此人"))


def test_who_left_or_is_closed_out_is_not_listed(company):
    customer = make_customer(owner=company["seller"].employee)
    Account.objects.filter(pk=company["leader"].pk).update(is_active=False)
    Employee.objects.filter(pk=company["above"].employee_id).update(
        status="left", left_on="2026-01-01"
    )
    said = sentences(page_of(company["manager"], "customer", customer))
    assert "组长" not in said and "上级" not in said


def test_outside_the_reach_there_is_no_such_page(company):
    customer = make_customer("夜莺", owner=company["seller"].employee)
    for account in (company["foreign"], company["mate"]):
        for key, row in (("customer", customer), ("order", make_order(customer))):
            response = page_of(account, key, row)
            assert response.status_code == 404 and "夜莺" not in response.content.decode()
    assert client_for(company["seller"]).get("/who/nothing/1/").status_code == 404


def test_colleagues_outside_the_readers_reach_are_neither_named_nor_counted(company):
    customer = make_customer(owner=company["seller"].employee)
    RoleGrant.objects.filter(role__key="salesperson", kind="people.employee", action="view").update(
        scope="own"
    )
    RoleGrant.objects.filter(role__key="salesperson", kind="people.team").delete()
    response = page_of(company["seller"], "customer", customer)
    page = body(response)
    assert [figure["value"] for figure in response.context["figures"]] == [1, 1, 1]
    for name in ("组长", "上级", "经理", "销售一部"):
        assert name not in page
    assert "people and accounts that you may see yourself" in page
    hidden = body(page_of(company["seller"], "customer", customer, q="组长"))
    assert "Has no open account" not in hidden and "Nothing matches" in hidden


def test_an_archived_file_is_changed_by_nobody(company):
    customer = make_customer(owner=company["seller"].employee)
    Customer.objects.filter(pk=customer.pk).update(
        status="archived", archived_at="2026-01-01T00:00Z"
    )
    response = page_of(company["manager"], "customer", customer)
    assert "until it is taken up again" in body(response)
    assert [figure["value"] for figure in response.context["figures"]][1] == 0


def test_reasons_filter_the_people_and_pages_hold_fifty(company):
    customer = make_customer(owner=company["seller"].employee)
    for number in range(60):
        named(f"审计{number:02}", "auditor")
    asker = company["manager"]
    first = page_of(asker, "customer", customer)
    assert len(first.context["people"]["rows"]) == 50
    second = page_of(asker, "customer", customer, page=2)
    assert len(second.context["people"]["rows"]) == first.context["people"]["count"] - 50
    key = f"role.{Role.objects.get(key='auditor').pk}"
    only = page_of(asker, "customer", customer, because=key)
    assert only.context["people"]["count"] == 60
    assert page_of(asker, "customer", customer, may="change").context["people"]["count"] == 4


def test_the_menu_of_each_record_leads_there(company):
    customer = make_customer(owner=company["seller"].employee)
    order = make_order(customer)
    records = {
        "customer": customer,
        "order": order,
        "product": Product.objects.get(pk=order.lines.first().product_id),
        "employee": company["seller"].employee,
    }
    assert set(records) == {kind.key for kind in subjects()}
    client = client_for(company["seller"])
    for key, row in records.items():
        page = client.get(subject_of(key).url(row)).content.decode()
        assert reverse("who-sees", args=[key, row.pk]) in page, key
        assert client.get(reverse("who-sees", args=[key, row.pk])).status_code == 200


def test_it_asks_no_more_of_the_database_for_many_people(company):
    order = make_order(make_customer(owner=company["seller"].employee))
    client = client_for(company["manager"])
    address = reverse("who-sees", args=["order", order.pk])
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    for _number in range(40):
        make_account(roles=["team_leader", "salesperson"], team=make_team())
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 30
    assert SalesOrder.objects.count() == 1

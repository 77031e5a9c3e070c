"""Whatever a report is split by and whoever reads it, its figures are those of the lines behind them."""

import random
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from django.test import RequestFactory

from dossier.reports.links import lines_url
from dossier.reports.registry import report_of
from dossier.reports.sales import SalesReport
from dossier.reports.tests.world import SUMMED, World, brute, seen_lines
from dossier.sales.filters import line_filters
from dossier.sales.screens.lines import line_list_screen
from tests.factories import actor_for, make_employee, make_order, make_product, make_team

pytestmark = pytest.mark.django_db
PAIRS = list(permutations([dimension.key for dimension in SalesReport.dimensions], 2))
ROLES = ("ann", "bob", "leader", "manager", "territorial")


def lines_behind(actor, url):
    """The lines the page behind a figure lists, by the page's own filters."""
    request = RequestFactory().get(url)
    request.actor = actor
    rows, _states, _chips, _q = line_list_screen(actor).narrowed(request)
    return list(rows)


@pytest.fixture
def world():
    """The random company, with a salesperson of a territory, and teams, families and products alike in name."""
    made = World(seed=11, orders=70)
    made.territorial = made.manager
    from dossier.people.models import Role, RoleGrant, Territory
    from tests.factories import make_account, make_family

    role = Role.objects.create(key="territorial", name="territorial")
    for permission in ("customers.customer.view", "sales.order.view", "reports.report.view"):
        kind, action = permission.rsplit(".", 1)
        RoleGrant.objects.create(role=role, kind=kind, action=action, scope="territory")
    RoleGrant.objects.create(role=role, kind="catalog.product", action="view", scope="all")
    made.territorial = make_account(roles=["territorial"])
    Territory.objects.get(name="East").employees.add(made.territorial.employee)
    # Two teams "South" far down, two families "lathes": names alone do not tell them apart.
    for top in ("A", "B"):
        parent = make_team("middle", parent=make_team(top))
        person = make_employee(f"Dan {top}", team=make_team("South", parent=parent))
        family = make_family(f"family {top}")
        family.__class__.objects.create(name="lathes", parent=family)
        product = make_product(family=family.children.get())
        make_order(
            made.customers[0],
            ordered_on=date(2026, 1, 7),
            salesperson=person,
            lines=[{"product": product, "amount": Decimal("11.0001" if top == "A" else "23.5")}],
        )
    return made


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_cell_of_every_pair_is_the_sum_of_the_lines_it_opens(world, role, seed):
    account, chance = getattr(world, role), random.Random(seed * 100 + ROLES.index(role))
    actor, report = actor_for(account), report_of("sales")
    measures = [m.key for m in report.measures_for(actor) if m.key in SUMMED]
    opened = 0
    for by in chance.sample(PAIRS, 12):
        question = report.question(
            actor,
            by=by,
            measures=[*measures, "lines"],
            currency=chance.choice(["CNY", "CNY", "USD"]),
            start=chance.choice([None, date(2025, 11, 20)]),
            end=chance.choice([None, date(2026, 2, 3)]),
            filters=some_filters(actor, chance),
            margins=True,
        )
        answer = report.answer(actor, question)
        seen = lines_behind(actor, lines_url(question, {}))
        assert {line.pk for line in seen} <= {
            line.pk for line in seen_lines(account, question.currency)
        }
        assert_figures(answer.totals, seen, measures)
        left = {line.pk for line in seen}
        for cell in answer.cells:
            members = dict(zip(question.by, cell.members, strict=True))
            lines = lines_behind(actor, lines_url(question, members))
            assert lines, (by, cell)
            assert_figures(cell.figures, lines, measures)
            behind = {line.pk for line in lines}
            assert behind <= left, (by, cell)  # each line lies behind one cell only
            left -= behind
            opened += 1
        assert not left, by
        for measure in [*measures, "lines"]:
            known = [cell.figures[measure] for cell in answer.cells]
            assert sum((v for v in known if v is not None), Decimal(0)) == (
                answer.totals[measure] or 0
            )
            for place in (0, 1):
                alone = [figures[measure] for figures in answer.margins[place].values()]
                assert sum((v for v in alone if v is not None), Decimal(0)) == (
                    answer.totals[measure] or 0
                )
    assert opened > 20


def assert_figures(figures, lines, measures):
    """The figures are those of the lines; what is known of none of them is unknown."""
    assert (figures["lines"] or 0) == len(lines)
    for measure in measures:
        values = [getattr(line, SUMMED[measure]) for line in lines]
        if all(value is None for value in values):
            assert figures[measure] is None, measure
        else:
            assert figures[measure] == brute(lines, measure), measure


def some_filters(actor, chance):
    """A filter or none, of those the page offers, with a value or two it offers."""
    if chance.random() < 0.5:
        return {}
    item = chance.choice([f for f in line_filters(actor) if f.options and f.name != "currency"])
    values = [str(value) for value, _label in item.options(actor)]
    return {item.name: chance.sample(values, min(len(values), 2))}


def test_groups_of_one_name_stay_apart(world):
    actor, report = actor_for(world.manager), report_of("sales")
    for by, names in (
        ("team", {"A / middle / South", "B / middle / South", "South"}),
        ("family", {"family A / lathes", "family B / lathes"}),
    ):
        question = report.question(actor, by=[by], measures=["revenue"], currency="CNY")
        codes = [cell.members[0].code for cell in report.answer(actor, question).cells]
        assert len(codes) == len(set(codes)) and names <= set(codes)

"""A user reads the sales report: true figures, only of what is theirs, each with the lines behind it."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import combinations

import openpyxl
import pytest
from django.urls import reverse

from dossier.core.errors import NotAllowed, Refusal
from dossier.reports.engine_sql import SqlEngine
from dossier.reports.output import as_json, plain
from dossier.reports.registry import report_of, reports
from dossier.reports.sales import SalesReport
from dossier.reports.tests.world import SUMMED, World, ask, brute, seen_lines
from dossier.sales.models import SalesOrder
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_order,
)

pytestmark = pytest.mark.django_db
URL = "/reports/sales/"
KEYS = [dimension.key for dimension in SalesReport.dimensions]


@pytest.fixture
def world():
    return World()


@pytest.mark.parametrize("role", ["ann", "bob", "leader", "manager"])
def test_each_reader_gets_the_sum_of_what_they_see(world, role):
    account = getattr(world, role)
    measures = [
        m.key for m in report_of("sales").measures_for(actor_for(account)) if m.key in SUMMED
    ]
    lines = seen_lines(account)
    assert lines
    for by in [*[(k,) for k in KEYS], *combinations(KEYS, 2)]:
        answer = ask(account, by, measures)
        for measure in measures:
            cells = sum((cell.figures[measure] or Decimal(0) for cell in answer.cells), Decimal(0))
            assert cells == answer.totals[measure] == brute(lines, measure), (by, measure)


@pytest.mark.parametrize("role", ["ann", "manager"])
@pytest.mark.parametrize("by", ["customer", "product"])
@pytest.mark.parametrize("measures", [("quantity", "revenue", "lines"), ("profit",)])
def test_the_largest_alone_stand_beside_the_sums_of_all(world, role, by, measures):
    account = getattr(world, role)
    measures = [
        key
        for key in measures
        if key in {m.key for m in report_of("sales").measures_for(actor_for(account))}
    ]
    if not measures:
        pytest.skip("profit is not for this role")
    whole, short = ask(account, (by,), measures), ask(account, (by,), measures, most=2)
    assert len(whole.cells) > 2 and len(short.cells) == 2
    assert short.left_out == len(whole.cells) - 2
    assert (short.totals, short.coverage) == (whole.totals, whole.coverage)
    figures = {cell.members: cell.figures for cell in whole.cells}
    assert all(figures[cell.members] == cell.figures for cell in short.cells)
    first = measures[0]
    largest = sorted((one[first] or Decimal(0) for one in figures.values()), reverse=True)
    assert [cell.figures[first] or Decimal(0) for cell in short.cells] == largest[:2]


def test_known_groups_are_right(world):
    lines = seen_lines(world.manager)
    by_month = {cell.members[0].code: cell.figures for cell in ask(world.manager, ("month",)).cells}
    for month, figures in by_month.items():
        mine = [line for line in lines if line.ordered_on.strftime("%Y-%m") == month]
        assert figures["revenue"] == brute(mine, "revenue") and figures["profit"] == brute(
            mine, "profit"
        )
    quarters = {cell.members[0].code for cell in ask(world.manager, ("quarter",)).cells}
    assert quarters == {"2025-Q4", "2026-Q1"}
    territory = {
        cell.members[0].code: cell.figures["revenue"]
        for cell in ask(world.manager, ("territory",)).cells
    }
    where = {c.pk: c.region_id for c in world.customers}
    expected = {"East": ("330200", "310101"), "Hangzhou": ("330106",), "": ("110101", None)}
    for name, regions in expected.items():
        mine = [line for line in lines if where[line.customer_id] in regions]
        assert territory.get(name, 0) == brute(mine, "revenue"), name


def test_counts_of_different_ones(world):
    lines = seen_lines(world.manager)
    answer = ask(
        world.manager, ("territory", "product"), ("orders", "customers", "lines"), margins=True
    )
    assert answer.totals == {
        "orders": len({line.order_id for line in lines}),
        "customers": len({line.customer_id for line in lines}),
        "lines": len(lines),
    }
    for place in (0, 1):
        for code, figures in answer.margins[place].items():
            mine = [
                line
                for line in lines
                if (line.product.code == code if place else _territory(world, line) == code)
            ]
            assert figures["orders"] == len({line.order_id for line in mine})
            assert figures["customers"] == len({line.customer_id for line in mine})


@pytest.mark.parametrize("by", [("team",), ("team", "month"), ("territory", "product")])
def test_counts_of_different_ones_asked_alone(world, by):
    counted = ("orders", "customers")
    alone = ask(world.manager, by, counted, margins=True)
    beside = ask(world.manager, by, ("revenue", *counted), margins=True)

    def counts(figures):
        return {key: figures[key] for key in counted}

    assert counts(alone.totals) == counts(beside.totals)
    assert {c.members: counts(c.figures) for c in alone.cells} == {
        c.members: counts(c.figures) for c in beside.cells
    }
    assert alone.margins == tuple(
        {code: counts(figures) for code, figures in margin.items()} for margin in beside.margins
    )


def _territory(world, line):
    region = next(c.region_id for c in world.customers if c.pk == line.customer_id)
    return "Hangzhou" if region == "330106" else "East" if region in ("330200", "310101") else ""


def test_unknown_cost_is_coverage_never_zero(world):
    lines = seen_lines(world.manager)
    known = [line for line in lines if line.cost is not None]
    answer = ask(world.manager, ("month",), ("profit", "coverage", "cost"))
    share = (brute(known, "revenue") / brute(lines, "revenue")).quantize(Decimal("0.000001"))
    assert answer.coverage == answer.totals["coverage"] == share
    assert answer.totals["profit"] == sum(
        (line.amount - line.cost - line.other_cost for line in known), Decimal(0)
    )
    customer = make_customer()
    make_order(customer, currency="EUR", lines=[{"cost": None, "amount": Decimal(50)}])
    answer = ask(world.manager, ("month",), ("revenue", "profit"), "EUR")
    assert (
        answer.cells[0].figures == {"revenue": Decimal(50), "profit": None} and answer.coverage == 0
    )
    page = client_for(world.manager).get(
        URL, {"currency": "EUR", "from": "", "measures": "revenue,profit"}
    )
    assert page.context["report_rows"][0]["cells"][1]["text"] == "—"
    assert "Cost known for 0" in page.content.decode()


def test_currencies_are_never_mixed(world):
    both = (
        ask(world.manager, ("month",)).totals["revenue"],
        ask(world.manager, ("month",), currency="USD").totals["revenue"],
    )
    assert both == (
        brute(seen_lines(world.manager), "revenue"),
        brute(seen_lines(world.manager, "USD"), "revenue"),
    )
    page = client_for(world.manager).get(URL, {"from": "", "to": ""})
    assert page.context["currency"] == "CNY"  # the one most used
    assert [code for code, _label in page.context["currencies"]] == ["CNY", "USD"]
    assert "USD" in page.context["report"]["notes"][0]


@pytest.mark.parametrize("role", ["ann", "leader", "manager"])
@pytest.mark.parametrize(
    "by",
    [
        ("month", "salesperson"),
        ("customer", "quarter"),
        ("team", "class"),
        ("family", "territory"),
        ("industry",),
        ("product", "year"),
        ("territory", "industry"),
    ],
)
def test_every_cell_opens_the_lines_behind_it(world, role, by):
    account = getattr(world, role)
    client = client_for(account)
    query = {
        "by1": by[0],
        "by2": by[1] if len(by) > 1 else "",
        "from": "2025-11-10",
        "to": "2026-02-20",
        "measures": "revenue,quantity",
    }
    page = client.get(URL, query)
    assert page.status_code == 200
    rows = page.context["report_rows"]
    shown = [(cell, at % 2) for row in rows for at, cell in enumerate(row["cells"])] + [
        (cell, at % 2) for at, cell in enumerate(page.context["report_totals"])
    ]
    assert shown
    for cell, is_quantity in shown[:: max(1, len(shown) // 25)]:
        if not cell["text"]:
            continue
        behind = client.get(cell["url"])
        assert behind.status_code == 200, cell
        totals = dict(
            zip(
                (c["key"] for c in behind.context["columns"]), behind.context["totals"], strict=True
            )
        )
        assert totals["quantity" if is_quantity else "amount"]["text"] == cell["text"], cell["url"]


def test_filters_narrow_figures_and_lines_alike(world):
    client = client_for(world.manager)
    product = world.products[0]
    page = client.get(
        URL,
        {
            "by1": "month",
            "by2": "salesperson",
            "product": product.code,
            "class": ["A", "-"],
            "from": "",
            "measures": "revenue",
        },
    )
    lines = [line for line in seen_lines(world.manager) if line.product_id == product.pk]
    assert page.context["report_totals"][-1]["text"].replace(",", "") == plain(
        brute(lines, "revenue")
    )
    behind = client.get(page.context["report_totals"][-1]["url"])
    assert {
        c["key"]: t["text"]
        for c, t in zip(behind.context["columns"], behind.context["totals"], strict=True)
    }["amount"] == page.context["report_totals"][-1]["text"]


def test_without_cost_no_cost(world):
    client = client_for(world.ann)
    page = client.get(URL, {"from": ""})
    assert [key for key, _label, _on in page.context["measures"]] == [
        "revenue",
        "quantity",
        "lines",
        "orders",
        "customers",
    ]
    assert not page.context["report"]["coverage"]
    for measure in ("profit", "cost", "other_cost", "coverage"):
        assert client.get(URL, {"measures": measure}).status_code == 403
        assert client.get(URL + "excel", {"measures": measure}).status_code == 403
        with pytest.raises(NotAllowed):
            ask(world.ann, ("month",), (measure,))
        question = report_of("sales").question(
            actor_for(world.manager), by=("month",), measures=(measure,), currency="CNY"
        )
        with pytest.raises(NotAllowed):  # the engine does not trust who asked
            SqlEngine().answer(actor_for(world.ann), question)


def test_names_outside_the_scope_stay_out(world):
    canary = make_customer(
        "CANARY Holding",
        short_name="",
        owner=world.bob.employee,
        region_id="330106",
        industry_id="C34",
    )
    make_order(canary, lines=[{"salesperson": world.ann.employee, "product": world.products[0]}])
    make_order(
        canary,
        lines=[{"amount": Decimal("98765.4321"), "product": world.products[0]}],
        salesperson=None,
    )
    client = client_for(world.ann)
    for query in ("by1=customer", "by1=customer&by2=month", "by1=month&by2=customer"):
        text = client.get(f"{URL}?{query}&from=").content.decode()
        assert "CANARY" not in text and canary.code in text and "98,765" not in text
    workbook = openpyxl.load_workbook(BytesIO(client.get(f"{URL}excel?by1=customer&from=").content))
    assert "CANARY" not in str([[cell.value for cell in row] for row in workbook.active])
    lines = [line for line in seen_lines(world.ann) if line.customer_id == canary.pk]
    assert len(lines) == 1
    # what kind of company it is, and where, is not known to one who is only credited with a line
    industry = {
        cell.members[0].code
        for cell in ask(world.ann, ("customer", "industry"), ("revenue",)).cells
        if cell.members[0].code == canary.code and cell.members[1].code
    }
    assert industry == set()
    assert client.get(URL, {"customer": canary.code}).status_code == 200
    hidden = make_customer("HIDDEN", owner=world.bob.employee)
    assert client.get(URL, {"customer": hidden.code}).status_code == 400


def test_json_is_as_documented(world):
    actor = actor_for(world.manager)
    report = report_of("sales")
    question = report.question(
        actor,
        by=("month", "salesperson"),
        measures=("revenue", "profit", "quantity"),
        currency="CNY",
        start=date(2025, 12, 1),
        end=date(2025, 12, 31),
    )
    made = json.loads(json.dumps(as_json(report.answer(actor, question))))
    assert list(made) == ["as_of", "currency", "measures", "by", "rows", "totals", "coverage"]
    assert made["measures"] == ["revenue", "profit", "quantity"] and made["by"] == [
        "month",
        "salesperson",
    ]
    assert made["rows"] and all(row["key"][0] == "2025-12" for row in made["rows"])
    numbers = {row["key"][1]: row["label"][1] for row in made["rows"]}
    assert numbers[world.ann.employee.number] == "Ann" and numbers.get("", "(none)") == "(none)"
    for measure in made["measures"]:
        assert sum(Decimal(row["values"][measure]) for row in made["rows"]) == Decimal(
            made["totals"][measure]
        )
    assert set(made["coverage"]) == {"profit"} and 0 < Decimal(made["coverage"]["profit"]) < 1
    assert "+08:00" in made["as_of"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("27861.8950", "27861.895"),
        ("14", "14.00"),
        ("-0.0000", "0.00"),
        ("1E+3", "1000.00"),
        ("-7.1234", "-7.1234"),
        ("0.10", "0.10"),
    ],
)
def test_numbers_are_written_plainly(value, text):
    assert plain(Decimal(value)) == text


def test_rights(world):
    assert client_for(world.ann).get("/reports/").status_code == 302
    administrator = client_for(make_account(roles=["system_administrator"]))
    for url in ("/reports/", URL, URL + "excel"):
        assert administrator.get(url).status_code == 403
    reader = client_for(make_account(roles=["purchasing"]))  # sees reports, takes none out
    assert (
        reader.get(URL).status_code == 200 and reader.get(URL).context["report"]["excel_url"] == ""
    )
    assert reader.get(URL + "excel").status_code == 403
    assert client_for(world.ann).post(URL).status_code == 405
    assert client_for(world.ann).get("/reports/nothing/").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "by1=owner__password",
        "by1='",
        "by1=month&by2=password",
        "measures=amount",
        "measures=revenue;drop",
        "from=2026-02-30",
        "to=NaN",
        "currency=cny",
        "currency=%27OR",
        "from=2026-03-01&to=2026-02-01",
        "customer=%27",
        "family=__",
        "team=-password",
        "class=_connector",
        "industry=owner__password__startswith",
        "territory=1e18",
        "salesperson=%00",
    ],
)
def test_bad_addresses(world, query):
    before = SalesOrder.objects.count()
    assert client_for(world.manager).get(f"{URL}?{query}").status_code == 400
    assert SalesOrder.objects.count() == before


def test_a_period_the_wrong_way_round_is_mended_where_it_was_typed(world):
    page = client_for(world.manager).get(
        URL, {"by1": "team", "from": "2026-03-01", "to": "2026-02-01"}
    )
    text = page.content.decode()
    assert page.status_code == 400 and "The period ends before it begins." in text
    assert 'value="2026-03-01"' in text and 'value="2026-02-01"' in text
    assert "<h2>No figures" not in text and "<table" not in text


def test_below_each_first_member_the_largest_of_the_second_come_first(world, monkeypatch):
    monkeypatch.setattr("dossier.reports.screens.WIDEST", 1)
    page = client_for(world.manager).get(
        URL, {"by1": "month", "by2": "customer", "from": "", "measures": "revenue"}
    )
    rows = [
        (row["label"].split(" · ")[0], Decimal(row["cells"][0]["text"].replace(",", "")))
        for row in page.context["report_rows"]
    ]
    assert len(rows) > 4 and rows == sorted(rows, key=lambda row: (row[0], -row[1]))


def test_unknown_parameters_do_nothing(world):
    assert (
        client_for(world.ann).get(f"{URL}?owner__password__startswith=p&_connector=OR").status_code
        == 200
    )


def test_same_dimension_twice_is_one(world):
    page = client_for(world.ann).get(URL, {"by1": "month", "by2": "month", "from": ""})
    assert page.status_code == 200
    with pytest.raises(Refusal):
        ask(world.ann, ("month", "month"))


def test_empty(world):
    page = client_for(make_account(roles=["salesperson"])).get(URL)
    assert page.status_code == 200 and not page.context["report_rows"]


def test_number_of_queries_does_not_grow(world, django_assert_max_num_queries):
    client = client_for(world.manager)
    with django_assert_max_num_queries(40):
        client.get(URL, {"by1": "customer", "by2": "month", "from": ""})


def test_chart(world):
    page = client_for(world.manager).get(
        URL, {"by1": "month", "by2": "team", "from": "", "measures": "revenue"}
    )
    chart = page.context["chart_data"]
    assert chart["categories"] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    total = sum(value or 0 for line in chart["series"] for value in line["data"])
    assert total == pytest.approx(float(brute(seen_lines(world.manager), "revenue")))
    shares = client_for(world.manager).get(
        URL, {"by1": "month", "from": "", "measures": "coverage"}
    )
    assert shares.context["chart_data"]["percent"] and not chart["percent"]
    assert len(reports()) >= 1 and reverse("report", args=["sales"]) == URL

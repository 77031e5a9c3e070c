"""`dossier report`: the same figures on the command line."""

import hashlib
import json
from datetime import date
from decimal import Decimal

import pytest

from dossier.core.models import Export
from dossier.people.models import Territory
from tests.factories import (
    make_account,
    make_customer,
    make_employee,
    make_family,
    make_order,
    make_product,
    make_team,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales():
    ann = make_employee("Ann", number="E7")
    make_account(roles=["salesperson"], employee=ann, login="ann")
    mine = make_customer("mine", owner=ann)
    make_order(mine, ordered_on=date(2023, 1, 31), lines=[{"amount": Decimal("27861.8950")}])
    make_order(
        make_customer(), ordered_on=date(2023, 2, 1), lines=[{"amount": Decimal(14), "cost": None}]
    )
    make_order(mine, ordered_on=date(2023, 2, 1), currency="USD")


def test_json(run, sales, tmp_path):
    file = tmp_path / "r.json"
    words = ["--by", "month,salesperson", "--measures", "revenue,profit", "--json", str(file)]
    assert run("sales", *words, "--currency", "CNY") == 0
    made = json.loads(file.read_text())
    assert [row["key"] for row in made["rows"]] == [["2023-01", "E7"], ["2023-02", ""]]
    assert made["rows"][0]["label"] == ["2023-01", "Ann"]
    assert [row["values"]["revenue"] for row in made["rows"]] == ["27861.895", "14.00"]
    assert made["totals"] == {"revenue": "27875.895", "profit": "27801.895"}
    assert run("sales", *words, "--as", "ann", "--measures", "revenue") == 0
    assert json.loads(file.read_text())["totals"] == {"revenue": "27861.895"}


def test_terminal(run, sales, capsys):
    assert run("sales", "--by", "year", "--from", "2023-02-01", "--only", "salesperson=-") == 0
    out, err = capsys.readouterr()
    assert "14.00" in out and "27861" not in out and "USD" in err


@pytest.mark.parametrize(
    "words",
    [
        ["nothing"], ["sales", "--by", "owner__password"], ["sales", "--by", "month,month"], ["sales", "--from", "2026-02-30"],
        ["sales", "--as", "ann", "--measures", "profit"], ["sales", "--only", "password=x"], ["sales", "--only", "customer"],
        ["sales", "--from", "2026-02-01", "--to", "2026-01-01"],
    ],
)  # fmt: skip
def test_refusals(run, sales, capsys, words):
    assert run(*words) == 1
    assert capsys.readouterr().err.strip()


def test_unknown_is_a_dash_and_null_never_zero(run, tmp_path, capsys):
    customer = make_customer()
    make_order(customer, ordered_on=date(2023, 1, 5), lines=[{"amount": 50, "cost": None}])
    words = ["sales", "--by", "month", "--measures", "revenue,cost,other_cost,profit,coverage"]
    file = tmp_path / "r.json"

    def made(*more):
        assert run(*words, *more, "--json", str(file)) == 0
        return json.loads(file.read_text())

    all_unknown = {"revenue": "50.00", "cost": None, "other_cost": "0.00", "profit": None}
    answer = made()
    assert answer["rows"][0]["values"] == answer["totals"] == all_unknown | {"coverage": "0"}
    assert run(*words) == 0
    for row in capsys.readouterr().out.splitlines()[1:]:
        assert row.split("\t")[1:] == ["50.00", "—", "0.00", "—", "0"]
    make_order(customer, ordered_on=date(2023, 2, 5), lines=[{"amount": 150, "cost": 100}])
    answer = made()
    assert [row["values"]["profit"] for row in answer["rows"]] == [None, "50.00"]
    assert answer["totals"]["profit"] == "50.00"  # of the part whose cost is known, which is:
    assert answer["totals"]["coverage"] == answer["coverage"]["profit"] == "0.75"
    # No lines at all: nothing was sold, and what it earned is not known.
    empty = made("--from", "2024-01-01")
    assert empty["rows"] == [] and empty["totals"] == {
        "revenue": "0.00", "cost": None, "other_cost": None, "profit": None, "coverage": None,
    }  # fmt: skip


@pytest.fixture
def company():
    """Two teams and two families of one name, territories, a number that looks like another's row."""
    people = [
        make_employee(name, number=number, team=team)
        for name, number, team in (
            ("Ann", "E1", make_team("South", parent=make_team("A"))),
            ("Bob", "0042", make_team("South", parent=make_team("B"))),
            ("Cy", "E3", None),
        )
    ]
    top = make_family("machines")
    lathes = [make_family("lathes"), top.__class__.objects.create(name="lathes", parent=top), None]
    Territory.objects.create(name="华东 / 沪").regions.add("310000")
    customers = [
        make_customer(region_id=region, industry_id=industry)
        for region, industry in (("310101", "C34"), ("110101", "F51"), (None, None))
    ]
    for place, (person, family) in enumerate(zip(people, lathes, strict=True)):
        product = make_product(family=family, product_class="AB"[place % 2] if place else "")
        lines = [{"product": product, "amount": Decimal(10) ** place}]
        make_order(customers[place], salesperson=person, lines=lines)
        make_order(customers[place], salesperson=None, lines=[{"product": product}])


@pytest.mark.parametrize(
    "name",
    ["customer", "salesperson", "team", "territory", "product", "class", "family", "industry"],
)
def test_the_key_of_a_group_chooses_it_again(run, company, tmp_path, name):
    file = tmp_path / "r.json"

    def rows(*more):
        assert run("sales", "--by", name, *more, "--json", str(file)) == 0
        return {row["key"][0]: row for row in json.loads(file.read_text())["rows"]}

    groups = rows()
    assert len(groups) > 1
    for key, row in groups.items():
        assert rows("--only", f"{name}={key}") == {key: row}
        if not key:
            assert rows("--only", f"{name}=-") == {key: row}


def test_names_are_keys_and_row_numbers_are_not(run, company, tmp_path, capsys):
    file = tmp_path / "r.json"
    assert run("sales", "--by", "team,family", "--json", str(file)) == 0
    keys = {key for row in json.loads(file.read_text())["rows"] for key in row["key"]}
    assert keys == {"A / South", "B / South", "lathes", "machines / lathes", ""}
    team = make_team("lonely")
    for words in (f"team={team.pk}", "team=South", "salesperson=Ann", "family=nothing"):
        assert run("sales", "--only", words) == 1, words
        assert "not among the choices" in capsys.readouterr().err


def test_json_taken_out_is_put_on_record(run, sales, tmp_path):
    file = tmp_path / "2023.json"
    words = ["sales", "--as", "ann", "--currency", "CNY", "--only", "salesperson=E7"]
    assert run(*words) == 0
    assert not Export.objects.exists()  # looked at, not taken out
    assert run(*words, "--json", str(file)) == 0
    made = Export.objects.get()
    assert (made.login, made.file_name, made.file_format) == ("ann", "2023.json", "json")
    assert made.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert {"label": "Salesperson", "values": ["E7"], "words": False} in made.said

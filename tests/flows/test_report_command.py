"""`dossier report`: the same figures on the command line."""

import json
from datetime import date
from decimal import Decimal

import pytest

from tests.factories import make_account, make_customer, make_employee, make_order

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

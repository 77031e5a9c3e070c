"""A user takes the report out as an Excel file; that it was taken out is put on record (AUD-2)."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from dossier.core.models import Export
from dossier.core.values import formula_like
from dossier.reports.declarations import Answer, Cell, Member
from dossier.reports.registry import report_of
from dossier.reports.workbook import HEAD, as_workbook
from dossier.sales.models import SalesOrderLine
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_order,
    make_product,
    make_team,
)

pytestmark = pytest.mark.django_db
URL = "/reports/sales/excel"


@pytest.fixture
def ann():
    return make_account(
        roles=["salesperson"], employee=make_employee("Ann", team=make_team("North"))
    )


@pytest.fixture
def manager():
    return make_account(roles=["sales_manager"])


def opened(response):
    assert response.status_code == 200, response
    return openpyxl.load_workbook(BytesIO(response.content))


def table(sheet):
    """Head, rows and foot under the titles."""
    head, *rows = list(sheet.iter_rows(min_row=HEAD + 1))
    return [cell.value for cell in head], rows[:-1], rows[-1]


def test_numbers_are_numbers_months_are_days_and_totals_foot(ann, manager):
    customer = make_customer("one", owner=ann.employee)
    for day, amount in (
        (date(2025, 1, 3), "12.3456"),
        (date(2025, 1, 9), "-2"),
        (date(2025, 2, 1), "7"),
    ):
        make_order(
            customer, ordered_on=day, lines=[{"amount": Decimal(amount), "cost": Decimal(1)}]
        )
    query = {
        "by1": "month",
        "by2": "salesperson",
        "measures": "revenue,profit,lines",
        "from": "2025-01-01",
    }
    book = opened(client_for(manager).get(URL, query))
    head, rows, foot = table(book.worksheets[0])
    assert head == [
        "Month", "Salesperson: key", "Salesperson", "Revenue", "Profit", "Number of lines",
    ]  # fmt: skip
    assert [row[0].value for row in rows] == [datetime(2025, 1, 1), datetime(2025, 2, 1)]  # noqa: DTZ001 - a cell has no zone
    assert rows[0][0].is_date and rows[0][0].number_format == "yyyy-mm"
    assert [row[3].value for row in rows] == [pytest.approx(10.3456), 7]
    assert all(cell.data_type == "n" for row in rows for cell in row[3:])
    assert foot[0].value == "Total"
    for place in (3, 4, 5):
        assert foot[place].value == pytest.approx(sum(row[place].value for row in rows))
    assert book.worksheets[0].freeze_panes == f"D{HEAD + 2}"
    assert book.worksheets[0].auto_filter.ref == f"A{HEAD + 1}:F{HEAD + 3}"


def test_it_says_what_it_is(ann, manager):
    product = make_product("P-1")
    make_order(make_customer("one", owner=ann.employee), lines=[{"product": product, "cost": None}])
    query = {
        "by1": "year",
        "measures": "revenue",
        "from": "2025-01-01",
        "to": "2026-12-31",
        "product": "P-1",
    }
    book = opened(client_for(ann).get(URL, query))
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "Sales and profit"
    assert sheet["A2"].value.startswith("CNY · 1 Jan 2025 – 31 Dec 2026 · as of ")
    assert sheet["A3"].value == "Scope: own records · Product: P-1 product P-1"
    about = {row[0].value: row[1] for row in book.worksheets[1].iter_rows()}
    assert about["Period to"].value == datetime(2026, 12, 31)  # noqa: DTZ001 - a cell has no zone
    assert about["As of"].is_date and about["Currency"].value == "CNY"
    assert about["Scope"].value == "own records" and about["Product"].value == "P-1 product P-1"
    assert about["Taken out by"].value == f"Ann ({ann.login})"
    assert "Cost known" not in about  # not hers to see
    book = opened(client_for(manager).get(URL, query))
    assert {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}["Cost known"] == 0


def test_unknown_is_no_number(ann, manager):
    make_order(make_customer("one", owner=ann.employee), lines=[{"cost": None}])
    book = opened(
        client_for(manager).get(URL, {"by1": "year", "measures": "revenue,profit", "from": ""})
    )
    _head, rows, foot = table(book.worksheets[0])
    assert [rows[0][2].value, foot[2].value] == ["—", "—"] and rows[0][1].value == 100


def test_in_chinese(ann):
    make_order(make_customer("one", owner=ann.employee))
    client = client_for(ann)
    response = client.get(URL, {"by1": "customer"}, headers={"accept-language": "zh-hans"})
    book = opened(response)
    head, _rows, foot = table(book.worksheets[0])
    assert book.sheetnames == ["报表", "说明"]
    assert head[1:3] == ["客户", "销售额"] and foot[0].value == "合计"
    text = str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])
    assert not any(word in text for word in ("Total", "Period", "Scope", "Taken out"))


def test_texts_that_look_like_formulas_stay_texts(manager):
    evil = make_customer("=HYPERLINK(1)", short_name="=1+1")
    make_order(evil, lines=[{"amount": Decimal("12.5")}])
    response = client_for(manager).get(URL, {"by1": "customer", "measures": "revenue", "from": ""})
    _head, rows, _foot = table(opened(response).worksheets[0])
    assert rows[0][1].value == "=1+1" and rows[0][1].data_type == "s" and rows[0][1].quotePrefix
    assert rows[0][0].number_format == "@"  # a code of digits stays one when edited
    sheet = ZipFile(BytesIO(response.content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r1",
        "\n1",
        " =1",
        "\ufeff=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\u200b＝1",
    ],
)
def test_what_may_be_taken_for_a_formula(text):
    assert formula_like(text)


@pytest.mark.parametrize("text", ["", "abc", "a=1", "1-2", "（=）", "天津格致", "0012"])
def test_what_may_not(text):
    assert not formula_like(text)


NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30
) | st.sampled_from(
    ["=1+1", "＝cmd|' /C calc'!A0", "\t=1", "-2+3", "@SUM(A1)", " +1", "{=1}", "_x000D_"]
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(code=NAMES, label=NAMES)
def test_any_name_comes_back_as_it_was(manager, code, label):
    actor, report = actor_for(manager), report_of("sales")
    question = report.question(actor, by=["product"], measures=["revenue"], currency="CNY")
    figures = {"revenue": Decimal("1.5")}
    cells = [Cell((Member(code, label),), figures)]
    answer = Answer(question, cells, figures, None, datetime.now().astimezone())
    sheet = openpyxl.load_workbook(BytesIO(as_workbook(report, answer, actor=actor))).worksheets[0]
    _head, rows, _foot = table(sheet)
    assert all(cell.data_type in ("s", "inlineStr", "n") for cell in rows[0])
    assert [unescape(cell.value or "") for cell in rows[0][:2]] == [code, label]


def test_taking_out_is_put_on_record_and_looking_is_not(ann):
    customer = make_customer("one", owner=ann.employee)
    make_order(customer)
    client = client_for(ann)
    query = {"by1": "team", "by2": "month", "measures": "revenue", "from": "2025-01-01"} | {
        "customer": customer.code,
        "team": str(ann.employee.team_id),
        "salesperson": str(ann.employee.pk),
    }
    client.get("/reports/sales/", query)
    assert client.head(URL, query).status_code == 405
    assert not Export.objects.exists()
    response = client.get(URL, query)
    made = Export.objects.get()
    assert made.sha256 == hashlib.sha256(response.content).hexdigest()
    assert made.size == len(response.content) and made.rows == 1 and made.login == ann.login
    assert made.file_name in response.headers["Content-Disposition"]
    assert (made.kind, made.title, made.scope) == ("reports.report", "Sales and profit", ["own"])
    assert made.columns == ["Team", "Month", "Revenue"]
    said = {one["label"]: one["values"] for one in made.said}
    assert said | {"As of": 0} == {
        "As of": 0,
        "Split by": ["Team", "Month"],
        "Currency": ["CNY"],
        "Period from": ["2025-01-01"],
        "Customer": [customer.code],
        "Team": ["North"],
        "Salesperson": [ann.employee.number],
    }


def test_what_cannot_be_put_on_record_is_not_handed_over(ann, monkeypatch):
    make_order(make_customer("one", owner=ann.employee))

    def fails(**facts):
        raise RuntimeError("no record")

    monkeypatch.setattr("dossier.reports.exports.record_export", fails)
    client = client_for(ann)
    client.raise_request_exception = False
    assert client.get(URL).status_code == 500


def test_the_file_holds_only_what_its_reader_sees(ann):
    make_order(make_customer("one", owner=ann.employee), lines=[{"amount": Decimal(5)}])
    make_order(make_customer("CANARY"), lines=[{"amount": Decimal("98765.43")}])
    book = opened(client_for(ann).get(URL, {"by1": "customer", "measures": "revenue", "from": ""}))
    _head, rows, foot = table(book.worksheets[0])
    assert len(rows) == 1 and foot[2].value == 5
    assert SalesOrderLine.objects.count() == 2
    with translation.override("en"):
        assert "CANARY" not in str([[c.value for c in r] for s in book for r in s.iter_rows()])

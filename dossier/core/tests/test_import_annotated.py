"""The annotated copy shows what is wrong, changes nothing else, and can be brought in again."""

from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.core.imports.annotated import CellProblem, annotated_copy
from dossier.core.imports.columns import PROBLEMS_TITLE, ROW_KEY_TITLE
from dossier.core.imports.pipeline import read_records
from dossier.core.imports.registry import kind_of
from dossier.core.values import formula_like

CUSTOMERS = kind_of("customers").columns
DANGEROUS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\ufeff=1",
    "＝1+1",
    "　＠x",
    "\u200b=1",
]


def source(tmp_path, below):
    book = xlsxwriter.Workbook(str(tmp_path / "s.xlsx"))
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.merge_range("A1:D1", "客户表")
    sheet.write_row(1, 0, ["客户编号", "公司名称", "建档日期", "注册资本", "", "自定"])
    for at, cells in enumerate(below, 2):
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(at, column, cell, day)
            elif cell != "":
                (sheet.write_string if isinstance(cell, str) else sheet.write)(at, column, cell)
    book.close()
    return read_records(tmp_path / "s.xlsx", "s.xlsx", CUSTOMERS)


BELOW = [
    ["000840", "甲公司", date(2023, 5, 6), 120.5, "无名", "x"],
    ["", "", "", "", "", ""],
    [841, "=HYPERLINK(1)", "2019.01.27", "1.2万", "", "y", "超出"],
    ["000842", "", "", True, "", ""],
]


def test_cells_come_back_as_what_they_were(tmp_path):
    reading = source(tmp_path, BELOW)
    keys = {record.row: f"k{record.row}" for record in reading.records()}
    copy = read_records(annotated_copy(reading, {}, keys), "copy.xlsx", CUSTOMERS)
    before, after = list(reading.records()), list(copy.records())
    assert copy.header.row_number == 2
    assert [r.row for r in after] == [r.row for r in before] == [3, 5, 6]
    assert [r.values for r in after] == [r.values for r in before]
    assert [r.extra for r in after] == [r.extra for r in before]
    assert [r.fingerprint for r in after] == [r.fingerprint for r in before]
    assert [r.row_key for r in after] == ["k3", "k5", "k6"]
    assert before[1].extra == {"自定": "y", "G": "超出"}


def test_problems_are_listed_coloured_and_commented(tmp_path):
    reading = source(tmp_path, BELOW)
    column = reading.column_of("name")
    problems = {6: [CellProblem("Name is missing", "error", column), CellProblem("No telephone", "error")],
                3: [CellProblem("Unlikely date", "warning", reading.column_of("filed_on"))]}  # fmt: skip
    sheet = openpyxl.load_workbook(BytesIO(annotated_copy(reading, problems, {6: "k6"}))).active
    assert sheet["A2"].value == PROBLEMS_TITLE
    assert sheet["A6"].value == "Name is missing\nNo telephone"
    assert "Name is missing" in sheet["C6"].comment.text
    assert sheet["C6"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["D3"].fill.fgColor.rgb == "FFFFEB9C"
    assert sheet["C3"].comment is None
    key = next(cell for cell in sheet[2] if cell.value == ROW_KEY_TITLE)
    assert sheet.cell(6, key.column).value == "k6"
    assert sheet.column_dimensions[key.column_letter].hidden


def test_refused_rows_alone_can_be_had(tmp_path):
    reading = source(tmp_path, BELOW)
    problems = {6: [CellProblem("missing", "error", 1)], 3: [CellProblem("odd", "warning", 2)]}
    copy = read_records(
        annotated_copy(reading, problems, {6: "k6"}, refused_only=True), "c.xlsx", CUSTOMERS
    )
    assert [(r.row_key, r.values["code"]) for r in copy.records()] == [("k6", "000842")]


def test_a_copy_of_a_copy_has_one_problems_column_and_the_same_keys(tmp_path):
    reading = source(tmp_path, BELOW)
    keys = {record.row: f"k{record.row}" for record in reading.records()}
    once = read_records(
        annotated_copy(reading, {3: [CellProblem("old")]}, keys), "c.xlsx", CUSTOMERS
    )
    again = {record.row: record.row_key for record in once.records()}
    data = annotated_copy(once, {5: [CellProblem("new", "error", once.column_of("name"))]}, again)
    sheet = openpyxl.load_workbook(BytesIO(data)).active
    heads = [cell.value for cell in sheet[2]]
    assert (heads.count(PROBLEMS_TITLE), heads.count(ROW_KEY_TITLE)) == (1, 1)
    assert (sheet["A3"].value, sheet["A5"].value, sheet["C5"].comment is not None) == (
        None,
        "new",
        True,
    )
    twice = list(read_records(data, "c.xlsx", CUSTOMERS).records())
    assert [r.fingerprint for r in twice] == [r.fingerprint for r in reading.records()]
    assert [r.row_key for r in twice] == ["k3", "k5", "k6"]


def test_a_text_file_becomes_a_workbook_with_its_zeros(tmp_path):
    data = "客户编号,公司名称\n000840,甲\n\n000841,=1+1\n".encode("gb18030")
    reading = read_records(data, "a.csv", CUSTOMERS)
    copy = read_records(annotated_copy(reading, {}, {}), "b.xlsx", CUSTOMERS)
    assert [r.values for r in copy.records()] == [
        {"code": "000840", "name": "甲"},
        {"code": "000841", "name": "=1+1"},
    ]


@pytest.mark.parametrize("text", DANGEROUS)
def test_nothing_typed_becomes_a_formula(text):
    assert formula_like(text)
    quoted = text.replace('"', '""')
    data = f'客户编号,公司名称\n1,"{quoted}"\n'.encode()
    reading = read_records(data, "a.csv", CUSTOMERS)
    message = CellProblem(text, "error", 1)
    cell = openpyxl.load_workbook(
        BytesIO(annotated_copy(reading, {2: [message]}, {2: text}))
    ).active
    for found in (cell["A2"], cell["C2"], cell["D2"]):
        assert found.data_type == "s"
    assert cell["C2"].quotePrefix


@pytest.mark.parametrize("text", ["甲公司", "a=1", "010-1234", "", "  ", "1-2", "(=)", "’=1"])
def test_ordinary_texts_are_not_taken_for_formulas(text):
    assert not formula_like(text)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*DANGEROUS, "_x0041_", "_x000D_", "a\x01b", " a ", "\u2028", "😀"]),
            st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"),
                max_size=20,
            ),
            st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
            st.booleans(),
            st.dates(min_value=date(1901, 1, 1)),
            st.datetimes(min_value=datetime.fromisoformat("1901-01-01")).map(
                lambda d: d.replace(microsecond=0)
            ),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_any_cell_survives_the_way_out_and_in(written):
    class Held:
        """A table in memory."""

        form, name, folder = "text", "held", None

        def rows(self):
            yield 1, ["客户编号", "自定"]
            for number, cell in enumerate(written, 2):
                yield number, [f"n{number}", cell]

    reading = read_records("客户编号,自定\n1,2\n".encode(), "a.csv", CUSTOMERS)
    reading.table = Held()
    copy = read_records(annotated_copy(reading, {}, {}), "b.xlsx", CUSTOMERS)
    for record, cell in zip(copy.records(), written, strict=True):
        found = record.raw[2]
        if isinstance(cell, str):
            assert found.replace("\r\n", "\n").replace("\r", "\n") == cell.replace(
                "\r\n", "\n"
            ).replace("\r", "\n")
        elif isinstance(cell, date):
            assert found == cell or found == cell.date()
        else:
            assert found == pytest.approx(cell, rel=1e-14)

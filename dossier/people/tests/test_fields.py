"""Every field of an employee is decided on every surface, and brought in where it says so."""

from __future__ import annotations

from datetime import date

import pytest

from dossier.core.fields import ALL_SURFACES
from dossier.people.fields import EMPLOYEE, EMPLOYEE_SHEET_ONLY
from dossier.people.models import Employee
from tests.factories import make_employee
from tests.field_lists import check_sheets, check_titles, check_words, first_names
from tests.imports import import_file, sheet

LISTS = [(Employee, EMPLOYEE)]
UNLISTED = {"id", "version", "created_at", "updated_at"}  # the record's own, shown by its history


def test_every_field_is_listed_and_every_surface_decided():
    columns = {field.name for field in Employee._meta.concrete_fields}
    assert columns == {spec.name for spec in EMPLOYEE} | UNLISTED
    for spec in EMPLOYEE:
        assert spec.surfaces | spec.off == ALL_SURFACES, spec.name
        assert not spec.surfaces & spec.off, spec.name


def test_every_field_brought_in_has_a_name_of_its_own_in_sheets():
    check_sheets("employees", LISTS, EMPLOYEE_SHEET_ONLY)


def test_titles_of_an_export_are_known_again():
    check_titles("employees", LISTS)


def test_choices_are_understood_as_they_are_shown():
    check_words(LISTS)


CELLS = {  # word of the sheet → cell, column of the record, what it holds then
    "number": ("E007", "number", "E007"),
    "name": ("张伟", "name", "张伟"),
    "mobile": ("１３５８８１６１５７３", "mobile", "13588161573"),
    "email": ("zw@EXAMPLE.com", "email", "zw@example.com"),
    "team": ("销售一部", "team__name", "销售一部"),
    "position": ("销售员", "position", "销售员"),
    "supervisor": ("李明", "supervisor__name", "李明"),
    "hired_on": ("2018年3月1日", "hired_on", date(2018, 3, 1)),
    "status": ("离职", "status", "left"),
    "left_on": ("2024.6.30", "left_on", date(2024, 6, 30)),
    "remark": ("转岗", "remark", "转岗"),
}


@pytest.mark.usefixtures("committed_db")
def test_every_field_brought_in_really_comes_in():
    make_employee("李明")
    header, row = first_names(LISTS, {key: cell for key, (cell, *_rest) in CELLS.items()})
    result = import_file("employees", sheet(header, row))
    assert (result.created, result.problems) == (1, [])
    kept = Employee.objects.filter(number="E007").values(*(name for _c, name, _v in CELLS.values()))
    assert list(kept) == [{name: value for _cell, name, value in CELLS.values()}]


@pytest.mark.usefixtures("committed_db")
def test_a_doubtful_status_of_somebody_with_a_day_of_leaving_is_left():
    result = import_file(
        "employees", sheet(["姓名", "状态", "离职日期"], ["张伟", "外派", "2024-06-30"])
    )
    assert [(one.field, one.code) for _row, one in result.problems] == [("status", "bad_choice")]
    assert Employee.objects.get().status == "left"

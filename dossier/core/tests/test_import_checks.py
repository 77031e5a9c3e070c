"""A field is read by what its entry says; what its entry cannot say needs a rule."""

from __future__ import annotations

import pytest

from dossier.core.fields import Kind, field, sheet_column
from dossier.core.imports.checks import Cells, PlainFields
from dossier.core.imports.result import Row
from dossier.core.models import Industry, NumberScheme


def read(model, *specs, own=(), titles=(), **values):
    row = Row(2, b"", 0, "[]", "")
    known: dict[str, object] = {}
    plain = PlainFields(model, specs, columns=values.keys(), titles=dict(titles), own=own)
    plain.read(Cells(row, values), known)
    return known, [(one.field, one.code) for one in row.problems]


def test_text_is_as_long_as_its_column():
    prefix = field("prefix", Kind.TEXT, sheet="前缀")
    longest = NumberScheme._meta.get_field("prefix").max_length
    assert read(NumberScheme, prefix, prefix="K" * longest) == ({"prefix": "K" * longest}, [])
    assert read(NumberScheme, prefix, prefix="K" * (longest + 1)) == ({}, [("prefix", "too_long")])


def test_a_field_is_read_under_the_word_of_the_sheet_and_kept_under_its_own():
    prefix = field("prefix", Kind.TEXT, sheet="前缀", sheet_field="code_prefix")
    assert read(NumberScheme, prefix, code_prefix="K") == ({"prefix": "K"}, [])


def test_only_columns_of_the_sheet_are_read_and_none_with_a_rule_of_its_own():
    prefix, width = field("prefix", Kind.TEXT, sheet="a"), field("width", Kind.COUNT, sheet="b")
    assert read(NumberScheme, prefix, width, own={"prefix"}, prefix="K", width="viele") == (
        {},
        [("width", "bad_count")],
    )
    assert read(NumberScheme, prefix, width, width="6个") == ({"width": 6}, [])


@pytest.mark.parametrize("kind", [Kind.REF, Kind.PHONE, Kind.CHOICE])
def test_a_kind_that_cannot_be_read_by_itself_is_a_mistake_of_the_program(kind):
    with pytest.raises(TypeError, match=r"Industry\.name .* needs a rule"):
        read(Industry, field("name", kind, sheet="名称"), name="x")


def test_a_column_of_sheets_alone_is_on_no_other_surface():
    spec = sheet_column("city", "城市, city,", label="City", kept=True)
    assert [surface.value for surface in spec.surfaces] == ["import"]
    assert (spec.sheet, spec.sheet_key, spec.kept) == (("城市", "city"), "city", True)

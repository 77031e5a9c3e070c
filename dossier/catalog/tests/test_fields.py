"""Every field of a product is brought in from sheets where it says so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dossier.catalog.fields import PRODUCT_FIELDS, PRODUCT_SHEET_ONLY
from dossier.catalog.models import Product
from tests.field_lists import check_sheets, check_titles, check_words, first_names
from tests.imports import found, import_file, sheet

LISTS = [(Product, PRODUCT_FIELDS)]


def test_every_field_brought_in_has_a_name_of_its_own_in_sheets():
    check_sheets("products", LISTS, PRODUCT_SHEET_ONLY)


def test_titles_of_an_export_are_known_again():
    check_titles("products", LISTS)


def test_choices_are_understood_as_they_are_shown():
    check_words(LISTS)


CELLS = {  # word of the sheet → cell, column of the record, what it holds then
    "code": ("Pa-1", "code", "Pa-1"),
    "name": ("专业拓展方案", "name", "专业拓展方案"),
    "specification": ("两天", "specification", "两天"),
    "unit": ("场", "unit", "场"),
    "product_class": ("B类", "product_class", "B"),
    "family": ("拓展培训", "family__name", "拓展培训"),
    "status": ("草稿", "status", "draft"),
    "list_price": ("￥2,600.00", "list_price", Decimal(2600)),
    "cost": ("1,170.5", "cost", Decimal("1170.5")),
    "currency": ("美元", "currency", "USD"),
    "tax_rate": ("6%", "tax_rate", Decimal("0.06")),
    "safety_stock": ("12.5", "safety_stock", Decimal("12.5")),
    "remark": ("含午餐", "remark", "含午餐"),
}


@pytest.mark.usefixtures("committed_db")
def test_every_field_brought_in_really_comes_in():
    header, row = first_names(LISTS, {key: cell for key, (cell, *_rest) in CELLS.items()})
    result = import_file("products", sheet(header, row))
    assert (result.created, result.problems) == (1, [])
    kept = Product.objects.values(*(name for _c, name, _v in CELLS.values()))
    assert list(kept) == [{name: value for _cell, name, value in CELLS.values()}]


@pytest.mark.usefixtures("committed_db")
def test_a_price_of_too_many_digits_is_put_aside():
    result = import_file(
        "products", sheet(["产品编码", "产品名称", "价格"], ["P1", "甲", "200000000000000"])
    )
    assert found(result, "too_large", "list_price", "warning") == [2]
    assert Product.objects.get().list_price is None


@pytest.mark.usefixtures("committed_db")
def test_a_price_under_a_heading_in_ten_thousands_is_in_yuan():
    import_file("products", sheet(["产品编码", "产品名称", "售价（万元）"], ["P1", "甲", "1.25"]))
    assert Product.objects.get().list_price == 12_500

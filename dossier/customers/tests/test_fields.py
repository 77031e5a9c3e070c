"""Every model field is decided on every surface, and brought in from sheets where it says so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dossier.core.fields import Kind
from dossier.core.screens.lookups import get_lookup
from dossier.customers.fields import (
    BANK_ACCOUNT_FIELDS,
    CONTACT_FIELDS,
    CUSTOMER_FIELDS,
    CUSTOMER_SHEET_ONLY,
    UNLISTED,
)
from dossier.customers.models import BankAccount, Contact, Customer, CustomerCategory
from tests.factories import make_customer, make_employee
from tests.field_lists import check_sheets, check_titles, check_words, first_names
from tests.imports import found, import_file, sheet

LISTS = [(Customer, CUSTOMER_FIELDS), (Contact, CONTACT_FIELDS), (BankAccount, BANK_ACCOUNT_FIELDS)]


@pytest.mark.parametrize(("model", "specs"), LISTS)
def test_every_field_is_listed_or_said_why_not(model, specs):
    listed = [spec.name for spec in specs]
    assert len(listed) == len(set(listed))
    unlisted = UNLISTED[model.__name__]
    assert not set(listed) & set(unlisted)
    assert {f.name for f in model._meta.concrete_fields} == set(listed) | set(unlisted)
    assert all(unlisted.values())


def test_look_ups_of_references_exist():
    for spec in CUSTOMER_FIELDS:
        if spec.kind is Kind.REF:
            assert get_lookup(spec.lookup)


def test_required_fields_cannot_be_answered_none():
    for _model, specs in LISTS:
        assert not [spec.name for spec in specs if spec.must and spec.na]


def test_every_field_brought_in_has_a_name_of_its_own_in_sheets():
    check_sheets("customers", LISTS, CUSTOMER_SHEET_ONLY)


def test_titles_of_an_export_are_known_again():
    check_titles("customers", LISTS)


def test_choices_are_understood_as_they_are_shown():
    check_words(LISTS)


CELLS = {  # word of the sheet → cell, column of the record, what it holds then
    "name": ("烟台翔辰物流有限公司", "name", "烟台翔辰物流有限公司"),
    "short_name": ("翔辰", "short_name", "翔辰"),
    "code": ("840", "code", "000840"),
    "invoice_name": ("烟台翔辰物流", "invoice_name", "烟台翔辰物流"),
    "tax_number": ("91370682 MA3C0A0A0X", "tax_number", "91370682MA3C0A0A0X"),
    "grade": ("B1级", "grade", "B1"),
    "category": ("重要客户", "category", "important"),
    "category_code": ("07", "category_node__code", "07"),
    "region": ("山东省烟台市莱阳市", "region_id", "370682"),
    "industry": ("批发和零售业", "industry_id", "F"),
    "credit_class": ("良好", "credit_class_stated", "A"),
    "direct": ("经销商", "direct", "indirect"),
    "nature": ("政府机关", "nature", "government"),
    "head_office": ("翔辰集团", "head_office__name", "翔辰集团"),
    "address": ("新华路481号", "address", "山东省烟台市莱阳市新华路481号"),
    "registered_address": ("莱阳市五龙路2号", "registered_address", "莱阳市五龙路2号"),
    "delivery_address": ("五龙路3号", "delivery_address", "五龙路3号"),
    "invoice_address": ("五龙路4号", "invoice_address", "五龙路4号"),
    "postal_code": ("265200", "postal_code", "265200"),
    "phone": ("010-78922658", "phone", "010-78922658"),
    "fax": ("010-78922659", "fax", "010-78922659"),
    "company_email": ("office@xc.example.com", "email", "office@xc.example.com"),
    "website": ("www.xc.example.com", "website", "www.xc.example.com"),
    "enterprise_form": ("民营", "enterprise_form", "private"),
    "organisation_form": ("有限责任公司", "organisation_form", "有限责任公司"),
    "legal_representative": ("郑大", "legal_representative", "郑大"),
    "registered_capital": ("500万", "registered_capital", Decimal(5_000_000)),
    "assets": ("12000000.5", "assets", Decimal("12000000.5")),
    "founded_on": ("2001年5月6日", "founded_on", date(2001, 5, 6)),
    "employee_count": ("约50人", "employee_count", 50),
    "scale": ("中型", "scale", "中型"),
    "business_line": ("公路运输", "business_line", "公路运输"),
    "business_scope": ("普通货运；仓储", "business_scope", "普通货运；仓储"),
    "credit_limit": ("10万", "credit_limit", Decimal(100_000)),
    "payment_term_days": ("30天", "payment_term_days", 30),
    "owner": ("张伟", "owner__name", "张伟"),
    "source": ("老客户介绍", "source", "relationship"),
    "filed_on": ("2023-06-01", "filed_on", date(2023, 6, 1)),
    "first_contact_on": ("2023.5.1", "first_contact_on", date(2023, 5, 1)),
    "first_deal_on": ("20230701", "first_deal_on", date(2023, 7, 1)),
    "remark": ("周五休息", "remark", "周五休息"),
    "contact": ("郑涛", "contacts__name", "郑涛"),
    "contact_post": ("采购经理", "contacts__post", "采购经理"),
    "contact_phone": ("010-78922660", "contacts__phone", "010-78922660"),
    "mobile": ("13588161573", "contacts__mobile", "13588161573"),
    "email": ("zt@example.com", "contacts__email", "zt@example.com"),
    "decision_role": ("拍板人", "contacts__decision_role", "拍板人"),
    "contact_remark": ("下午联系", "contacts__remark", "下午联系"),
    "bank": ("中国银行莱阳支行", "bank_accounts__bank", "中国银行莱阳支行"),
    "bank_account": ("6222 0216 0600 1", "bank_accounts__number", "6222021606001"),
}  # fmt: skip


@pytest.mark.usefixtures("committed_db")
def test_every_field_brought_in_really_comes_in():
    make_employee("张伟")
    make_customer("翔辰集团")
    CustomerCategory.objects.create(code="07", name="物流")
    header, row = first_names(LISTS, {key: cell for key, (cell, *_rest) in CELLS.items()})
    result = import_file("customers", sheet(header, row))
    assert result.created == 1
    assert found(result, "check_digit", "tax_number") == [2]
    assert len(result.problems) == 1
    kept = Customer.objects.filter(code="000840").values(*(name for _c, name, _v in CELLS.values()))
    assert list(kept) == [{name: value for _cell, name, value in CELLS.values()}]

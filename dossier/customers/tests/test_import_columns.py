"""Columns of a sheet of customers that may mean one thing or another, and such as have no place (AUD-4)."""

from __future__ import annotations

import pytest
from django.utils import translation

from dossier.core.imports.columns import suggest_mapping
from dossier.core.imports.messages import field_label
from dossier.core.imports.registry import kind_of
from dossier.core.models import ImportRow
from dossier.customers.models import Contact, Customer, CustomerCategory, Question
from dossier.customers.questions import question_text
from tests.factories import make_customer
from tests.imports import found, import_file, sheet

pytestmark = pytest.mark.usefixtures("committed_db")
HEADER = ["客户编号", "公司名称", "联系人", "联系电话"]
ROW = ["000007", "烟台翔辰物流有限公司", "郑涛", "010-78922658"]


def bring(more, row=(), **options):
    """The sheet of one customer with more columns, by their names."""
    cells = [row[at] if row else cell for at, cell in enumerate(ROW)]
    return import_file("customers", sheet([*HEADER, *more], [*cells, *more.values()]), **options)


def test_a_registered_address_alone_is_also_where_to_reach_the_company():
    bring({"注册地址": "山东省烟台市莱阳市新华路481号"})
    customer = Customer.objects.get()
    assert customer.address == customer.registered_address == "山东省烟台市莱阳市新华路481号"
    assert customer.region_id == "370682"


def test_a_registered_address_beside_another_is_kept_apart():
    bring({"注册地址": "北京市海淀区中关村大街1号", "公司地址": "山东省烟台市莱阳市新华路481号"})
    customer = Customer.objects.get()
    assert customer.address == "山东省烟台市莱阳市新华路481号"
    assert (customer.registered_address, customer.region_id) == (
        "北京市海淀区中关村大街1号",
        "370682",
    )


def test_a_registered_address_takes_no_address_away():
    bring({"公司地址": "山东省烟台市莱阳市新华路481号"})
    result = bring({"注册地址": "北京市海淀区中关村大街1号"})
    assert result.updated == 1
    customer = Customer.objects.get()
    assert (customer.address, customer.registered_address, customer.region_id) == (
        "山东省烟台市莱阳市新华路481号",
        "北京市海淀区中关村大街1号",
        "370682",
    )


def test_a_line_of_business_too_long_for_its_field_is_the_scope():
    long = "道路普通货物运输、" * 30
    assert bring({"主营业务": long}).problems == []
    customer = Customer.objects.get()
    assert (customer.business_line, customer.business_scope) == ("", long)
    result = bring({"主营业务": long, "经营范围": "货运"})
    assert found(result, "too_long", "business_line") == [2]
    customer.refresh_from_db()
    assert (customer.business_line, customer.business_scope) == ("", "货运")


@pytest.mark.parametrize("title", ["客户类别", "客户性质", "Customer Category", "分类编码"])
def test_a_word_of_the_categories_is_the_category_whatever_the_column_is_called(title):
    assert bring({title: "重要客户"}).problems == []
    assert Customer.objects.get().category == "important"


@pytest.mark.parametrize("said", ["07", "物流企业"])
@pytest.mark.parametrize("title", ["客户分类", "客户分类编码", "所属分类"])
def test_a_node_of_the_tree_is_known_by_code_and_by_name(title, said):
    CustomerCategory.objects.create(code="07", name="物流企业")
    assert bring({title: said}).problems == []
    customer = Customer.objects.get()
    assert customer.category_node is not None and customer.category_node.code == "07"
    assert customer.category == ""


def test_with_a_column_for_each_nothing_is_taken_for_another():
    CustomerCategory.objects.create(code="07", name="物流企业")
    result = bring({"客户类别": "07", "客户分类编码": "重要客户", "客户性质": "普通客户"})
    assert found(result, "bad_choice", "category") == [2]
    assert found(result, "unknown_category", "category_code") == [2]
    assert found(result, "bad_choice", "nature") == [2]
    customer = Customer.objects.get()
    assert (customer.category, customer.category_node, customer.nature) == ("", None, "")


def test_who_is_in_charge_becomes_a_contact_once():
    bring({"公司负责人": "郑大"})
    people = Contact.objects.order_by("id").values_list("name", "kind", "is_main")
    assert list(people) == [("郑涛", "contact", True), ("郑大", "manager", False)]
    assert "郑大" in Customer.objects.get().search_text
    again = bring({"总经理": "郑大", "备注": "新"})
    assert again.updated == 1
    assert Contact.objects.count() == 2
    bring({"总经理": "郑小"})
    assert list(Contact.objects.filter(kind="manager").values_list("name", flat=True)) == [
        "郑大",
        "郑小",
    ]
    assert "郑小" in Customer.objects.get().search_text


def test_the_contact_in_charge_is_one_person():
    bring({"公司负责人": "郑涛"})
    assert Contact.objects.get().kind == "contact"


def test_a_telephone_of_the_contact_is_telephone_enough():
    result = import_file("customers", sheet(["公司名称", "联系人", "联系人座机"], ["甲厂", "王某", "010-78922660"]))  # fmt: skip
    assert result.created == 1
    customer = Customer.objects.get()
    assert (customer.phone, customer.main_phone) == ("", "010-78922660")


def test_none_as_head_office_is_an_answer_until_there_is_one():
    make_customer("翔辰集团")
    bring({"总公司": "无"})
    customer = Customer.objects.get(code="000007")
    assert customer.not_applicable == ["head_office"]
    bring({"总公司": "翔辰集团"})
    customer.refresh_from_db()
    assert customer.head_office is not None and customer.not_applicable == []


def test_an_industry_answers_none_no_more_once_it_is_known():
    bring({"所属行业": "无"})
    assert Customer.objects.get().not_applicable == ["industry"]
    bring({"所属行业": "批发和零售业"})
    assert Customer.objects.get().not_applicable == []


def test_capital_in_ten_thousands_keeps_its_last_yuan():
    result = bring({"注册资本（万元）": "1234.5678", "信用额度（万元）": "3万"})
    assert result.problems == []
    customer = Customer.objects.get()
    assert (customer.registered_capital, customer.credit_limit) == (12_345_678, 30_000)


def test_what_has_no_place_on_a_file_is_known_as_such_and_kept_with_its_row():
    columns = kind_of("customers").columns
    assert columns.kept == {"im", "settlement", "annual_revenue", "currency", "status", "team"}
    names = ["微信", "结算方式", "年营业额", "币种", "客户状态", "部门"]
    assert set(suggest_mapping(names, columns.specs, columns.decoys).values()) == columns.kept
    assert bring({"微信": "xc-001", "结算方式": "月结"}).problems == []
    assert {"xc-001", "月结"} <= set(ImportRow.objects.get().cells)


def test_a_field_has_one_name_on_the_profile_and_in_problems():
    assert field_label("credit_class", "customers") == "Credit class (stated)"
    assert field_label("name", "customers") == "Customer name"
    assert field_label("name", "employees") == "Name"
    result = bring({}, row=["000007", "", "郑涛", "010-78922658"])
    assert [one["message"] for one in result.as_json()["problems"]] == [
        "Customer name is missing and must be there. Fill in this cell."
    ]


def test_a_refused_choice_names_the_values_as_people_read_them():
    result = bring({"客户来源": "火星"})
    with translation.override("zh-hans"):
        said = result.as_json()["problems"][0]["message"]
        assert "市场活动、合作伙伴" in said
        assert question_text(Question.objects.get(), plainly=True) == said

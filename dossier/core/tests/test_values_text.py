"""Clean text, the words for 'none', codes, choices and safe exports (AUD-4, CUS-2, CUS-7)."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.core.values import (
    NOT_APPLICABLE,
    ValueProblem,
    answer,
    choice_words,
    digits_lost,
    formula_safe,
    halfwidth,
    is_none_word,
    multiline_text,
    parse_choice,
    parse_code,
    parse_email,
    parse_yes_no,
    restore_formula_safe,
    text,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" 锦州华丰 建材有限公司\u3000", "锦州华丰 建材有限公司"),
        ("\ufeff云盛（沈阳）", "云盛（沈阳）"),
        ("一\r\n 二\n\n三", "一 二 三"),
        ("a\x00b\u200bc", "abc"),
        (13588161573.0, "13588161573"),
        (840, "840"),
        (0.1, "0.1"),
        (Decimal("1200.50"), "1200.5"),
        (float("nan"), ""),
        (None, ""),
        (True, "TRUE"),
        (dt.date(2023, 5, 6), "2023-05-06"),
        (dt.datetime(2023, 5, 6, 7, 45), "2023-05-06 07:45:00"),  # noqa: DTZ001 - cells have no zone
    ],
)
def test_text_is_cleaned(value, expected):
    assert text(value) == expected


def test_halfwidth_changes_digits_and_brackets_text_does_not():
    assert halfwidth("（１２Ａ）\u3000") == "(12A)"
    assert text("（１２Ａ）") == "（１２Ａ）"


def test_remarks_keep_their_lines():
    assert multiline_text("一 \r\n\r\n二\u3000") == "一\n二"


@pytest.mark.parametrize("word", "无 暂无 没有 / - — —— － N/A NA n/a none nil null".split())
def test_none_words(word):
    assert is_none_word(word)
    assert answer(f" {word} ") is NOT_APPLICABLE


def test_empty_and_unknown_are_not_answered():
    assert answer("") == answer(None) == answer("不详") == ""
    assert answer("无锡") == "无锡"


def test_long_numbers_of_spreadsheets_are_noticed():
    assert digits_lost(6.297666671686562e18)
    assert not digits_lost(13588161573.0)


@pytest.mark.parametrize("value", [840.0, 840, "840", "000840", "840.0", "８４０", "'000840"])
def test_eaten_zeros_come_back(value):
    assert parse_code(value, 6) == "000840"


def test_codes_are_upper_case_and_limited():
    assert parse_code("kh-01", extra="-") == "KH-01"
    for wrong in ("kh-01", "客户1", "", "A" * 21, 1.5):
        with pytest.raises(ValueProblem) as raised:
            parse_code(wrong)
        assert raised.value.code == "bad_code"
        assert raised.value.params["max_length"] == 20


def test_email():
    assert parse_email("Li.Ming@Example.COM") == "Li.Ming@example.com"
    assert parse_email("李明 <a@qq。com>") == "a@qq.com"
    for wrong in ("", "a@b", "a@b.com;c@d.com", "a..b@c.com", "x y@z.com"):
        with pytest.raises(ValueProblem, match="bad_email"):
            parse_email(wrong)


def test_yes_no_and_choices():
    assert [parse_yes_no(word) for word in ("是", "√", "Y", 1.0, True)] == [True] * 5
    assert [parse_yes_no(word) for word in ("否", "×", "n", 0, False)] == [False] * 5
    words = choice_words([("state", ["国有企业", "国企"])])
    assert parse_choice(" 国 企 ", words) == "state"
    with pytest.raises(ValueProblem) as raised:
        parse_choice("火星企业", words)
    assert raised.value.params["allowed"] == "state"


@pytest.mark.parametrize(
    "risky", ["=1+1", "+1", "-1", "@a", "\t=1", "\rx", " \ufeff=1", "＝1", "\u200b＠a", "'=1"]
)
def test_formulas_are_defused_and_restored(risky):
    assert formula_safe(risky) == "'" + risky
    assert restore_formula_safe(formula_safe(risky)) == risky


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\ufeff ＝"), st.characters()), max_size=12)
)
def test_export_round_trip(value):
    safe = formula_safe(value)
    assert restore_formula_safe(safe) == value
    assert not safe.lstrip("\ufeff\u200b \t\r\n").startswith(("=", "+", "-", "@", "＝"))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_text_is_stable(value):
    once = text(value)
    assert text(once) == once == once.strip()
    assert halfwidth(halfwidth(value)) == halfwidth(value)

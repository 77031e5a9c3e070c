"""Telephone numbers as people write them (CUS-1, CUS-13)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dossier.core.values import ValueProblem, parse_phone, parse_phones


@pytest.mark.parametrize(
    ("written", "number", "kind"),
    [
        ("13588161573", "13588161573", "mobile"), (13588161573.0, "13588161573", "mobile"),
        ("１８８１０９５８９８６", "18810958986", "mobile"), ("182-3122-4075", "18231224075", "mobile"),
        ("+86 135 8816 1573", "13588161573", "mobile"), ("008613588161573", "13588161573", "mobile"),
        ("010-78922658", "010-78922658", "landline"), ("031167204774", "0311-67204774", "landline"),
        ("(010)78922658", "010-78922658", "landline"), ("+86 10 78922658", "010-78922658", "landline"),
        (1078922658.0, "010-78922658", "landline"), ("010-78922658转801", "010-78922658-801", "landline"),
        ("010-78922658-801", "010-78922658-801", "landline"), ("010-78922658 ext. 801", "010-78922658-801", "landline"),
        ("0311-2345678-1", "0311-2345678-1", "landline"), ("100转0", "100转0", "service"), ("7892-2658", "78922658", "landline"),
        ("400-800-1234", "400-800-1234", "service"), ("10086", "10086", "service"),
        ("(5) 555-4729", "(5) 555-4729", "foreign"), ("030-0074321", "030-0074321", "foreign"),
        ("(171) 555-2222", "(171) 555-2222", "foreign"), ("+44 20 7946 0958", "+44 20 7946 0958", "foreign"),
    ],
)  # fmt: skip
def test_numbers_are_understood(written, number, kind):
    phone = parse_phone(written)
    assert (phone.number, phone.kind, phone.doubtful) == (number, kind, None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1358816157", "bad_mobile"),
        ("1380013", "bad_mobile"),
        ("135881615733", "bad_mobile"),
        ("abc", "bad_phone"),
        ("12", "bad_phone"),
    ],
)
def test_doubtful_numbers_are_marked_and_kept(written, code):
    phone = parse_phone(written)
    assert phone.doubtful == code
    assert phone.given == written


def test_the_same_number_has_the_same_digits():
    ways = (
        "010-78922658",
        "01078922658",
        "+86-10-78922658",
        "（010）7892 2658",
        "010-78922658转801",
    )
    assert {parse_phone(way).digits for way in ways} == {"01078922658"}


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("010-78922658/13588161573", ["010-78922658", "13588161573"]),
        ("13588161573、13912345678；", ["13588161573", "13912345678"]),
        ("13588161573 13912345678", ["13588161573", "13912345678"]),
        ("010-78922658/59", ["010-78922658", "010-78922659"]),
        ("010-78922658、78922659", ["010-78922658", "010-78922659"]),
        ("13588161573\n13912345678", ["13588161573", "13912345678"]),
        ("", []),
        (None, []),
    ],
)
def test_several_numbers_in_a_cell(written, numbers):
    assert [phone.number for phone in parse_phones(written)] == numbers


def test_an_empty_cell_is_no_number():
    with pytest.raises(ValueProblem, match="bad_phone"):
        parse_phone("  ")


@settings(max_examples=150, deadline=None)
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mobile_is_read_back(number):
    assert parse_phone(number) == parse_phone(f" {number}")._replace(given=number)
    assert parse_phone(float(number)).number == parse_phone(f"+86{number}").number == number


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="0123456789-()+ 转/", max_size=20))
def test_what_is_shown_reads_the_same_again(written):
    for phone in parse_phones(written):
        if phone.kind in ("mobile", "landline", "service") and not phone.doubtful:
            again = parse_phone(phone.number)
            assert (again.number, again.digits) == (phone.number, phone.digits)


@pytest.mark.parametrize("given", ["0535-6612345", "022-28391234", "0371-65123456"])
def test_a_plain_landline_reads_like_one_with_blanks_around_its_dash(given):
    [plain], [spaced] = parse_phones(given), parse_phones(given.replace("-", " - "))
    assert plain[:4] == spaced[:4]

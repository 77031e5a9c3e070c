"""The short pieces under which a record is found: any fragment of it has none that the record lacks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dossier.core.search import bare, fragments, searchable

HAN = "天津格致重庆众瑞科技贸易有限公司上海北京龘"
_texts = st.text(alphabet=HAN + "abcXYZ0123456789 -（）·", min_size=1, max_size=24)


@given(_texts, st.data())
def test_every_fragment_of_a_text_is_among_its_terms(text, data):
    whole = bare(text)
    if not whole:
        return
    start = data.draw(st.integers(0, len(whole) - 1))
    stop = data.draw(st.integers(start + 1, len(whole)))
    kept = searchable([text])
    (piece,) = fragments(whole[start:stop])
    assert set(piece.terms) <= set(kept.terms)
    assert piece.text in kept.text


@given(
    st.lists(st.sampled_from("tian jin ge zhi a o zhong rui lv".split()), min_size=1, max_size=8)
)
def test_a_sound_is_found_from_the_beginning_of_each_syllable(syllables):
    kept = searchable([], [syllables])
    for at in range(len(syllables)):
        rest = "".join(syllables[at:])
        for length in range(2, len(rest) + 1):
            (piece,) = fragments(rest[:length])
            assert set(piece.sound) <= set(kept.terms)
            assert piece.text in kept.text


def test_a_sound_is_not_found_from_within_a_syllable():
    kept = searchable([], [["tian", "jin"]])
    (piece,) = fragments("ianj")
    assert not set(piece.sound) & set(kept.terms)
    assert not set(piece.terms) <= set(kept.terms)


@given(_texts)
def test_terms_are_numbers_of_the_column_and_stand_once(text):
    terms = searchable([text], [["tian", "jin"]]).terms
    assert len(terms) == len(set(terms))
    assert all(-(2**31) <= term < 2**31 for term in terms)


def test_signs_width_and_case_do_not_count():
    assert fragments("（ＡＢＣ） 022-8123·4567") == fragments("abc 02281234567")
    assert fragments(" - () ") == []


def test_no_more_than_eight_fragments_are_asked_for():
    assert len(fragments("a b c d e f g h i j k")) == 8

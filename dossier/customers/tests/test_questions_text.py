"""A question on a profile says what is doubtful and what to do."""

import pytest

from dossier.customers.models import Question
from dossier.customers.questions import question_text
from tests.factories import make_customer

pytestmark = pytest.mark.django_db

# Every kind of question an import leaves on a profile.
CODES = (
    "not_in_post",
    "unknown_owner",
    "ambiguous_owner",
    "impossible_date",
    "bad_date",
    "bad_mobile",
    "bad_phone",
    "check_digit",
    "bad_length",
    "unknown_industry",
    "unknown_category",
    "possible_duplicate",
    "duplicate_code",
    "digits_lost",
    "negative",
)


@pytest.mark.parametrize("code", CODES)
def test_every_kind_has_its_own_sentence(code):
    question = Question(
        customer=make_customer(),
        field="owner",
        given="given",
        code=code,
        params={"other": "a foreign file"},
    )
    text = question_text(question, plainly=True)
    assert "could not be taken as it was given" not in text
    assert "%(" not in text
    assert "a foreign file" not in text or code == "duplicate_code"

"""Understands cells as people and spreadsheets write them (AUD-4).

Pure functions: no database, no clock, no request. Each takes the raw cell (text, int, float,
Decimal, bool, date, datetime or None) and returns the value or raises `ValueProblem`.
"""

from dossier.core.values.chinese import chinese_integer
from dossier.core.values.codes import (
    choice_key,
    choice_words,
    formula_like,
    formula_safe,
    parse_choice,
    parse_code,
    parse_email,
    parse_yes_no,
    restore_formula_safe,
)
from dossier.core.values.dates import parse_date
from dossier.core.values.numbers import Count, parse_count, parse_decimal
from dossier.core.values.phones import Phone, parse_phone, parse_phones
from dossier.core.values.problems import PROBLEM_MESSAGES, ValueProblem
from dossier.core.values.text import (
    NOT_APPLICABLE,
    NotApplicable,
    answer,
    digits_lost,
    halfwidth,
    is_none_word,
    is_unknown_word,
    multiline_text,
    text,
)

__all__ = [
    "NOT_APPLICABLE",
    "PROBLEM_MESSAGES",
    "Count",
    "NotApplicable",
    "Phone",
    "ValueProblem",
    "answer",
    "chinese_integer",
    "choice_key",
    "choice_words",
    "digits_lost",
    "formula_like",
    "formula_safe",
    "halfwidth",
    "is_none_word",
    "is_unknown_word",
    "multiline_text",
    "parse_choice",
    "parse_code",
    "parse_count",
    "parse_date",
    "parse_decimal",
    "parse_email",
    "parse_phone",
    "parse_phones",
    "parse_yes_no",
    "restore_formula_safe",
    "text",
]

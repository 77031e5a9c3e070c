"""Pure calculation about customers: names, codes, tax numbers, duplicates (CUS-2, CUS-3, CUS-8)."""

from dossier.customers.rules.codes import (
    TAX_PROBLEMS,
    code_number,
    next_code,
    normalise_tax_number,
    uscc_check,
)
from dossier.customers.rules.duplicates import (
    DuplicateGroup,
    DuplicatePair,
    DuplicateRow,
    name_similarity,
    possible_duplicates,
)
from dossier.customers.rules.names import NameKey, normalise_name
from dossier.customers.rules.sound import Spoken, pinyin_keys, sort_key, spoken

__all__ = [
    "TAX_PROBLEMS",
    "DuplicateGroup",
    "DuplicatePair",
    "DuplicateRow",
    "NameKey",
    "Spoken",
    "code_number",
    "name_similarity",
    "next_code",
    "normalise_name",
    "normalise_tax_number",
    "pinyin_keys",
    "possible_duplicates",
    "sort_key",
    "spoken",
    "uscc_check",
]

"""Customer codes (CUS-2) and tax numbers (CUS-4, CUS-13 bad check digit)."""

from __future__ import annotations

import re
from operator import mul
from typing import TYPE_CHECKING, Final, Literal

from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric

from dossier.core.values import ValueProblem, halfwidth

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CODE_LENGTH: Final = 20
_TAX_NOISE: Final = re.compile(r"[\s\-—_.·']+")

# GB 32100-2015: the signs of a unified social credit code and the weights of all but the last. Checked
# here and not by python-stdnum, which takes a tenth of the time of a whole row of an import.
_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES: Final = {sign: value for value, sign in enumerate(_SIGNS)}
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_USCC: Final = re.compile(rf"[0-9]{{8}}[{_SIGNS}]{{10}}")

TaxProblem = Literal["check_digit", "bad_length", "bad_characters", "doubtful_length"]

TAX_PROBLEMS: Final[dict[TaxProblem, _StrPromise]] = {
    "check_digit": _(
        "The check digit of “%(value)s” is wrong. Compare the number with the business licence."
    ),
    "bad_length": _(
        "“%(value)s” has the wrong length. A unified social credit code has 18 characters, an old tax number 15."
    ),
    "bad_characters": _(
        "“%(value)s” holds characters a tax number cannot have. Use digits and capital letters; I, O, S, V and Z do not occur in a unified social credit code."
    ),
    "doubtful_length": _(
        "“%(value)s” has the length of a tax number no longer issued. Ask for the unified social credit code of 18 characters."
    ),
}


def normalise_tax_number(value: object) -> str:
    """A tax number in its stored form: half-width capitals and digits, no blanks or dashes."""
    return _TAX_NOISE.sub("", halfwidth(value)).upper()


def uscc_check(code: str) -> TaxProblem | None:
    """What is wrong with a normalised tax number, None where nothing is.

    18 characters must carry the check digit of a unified social credit code (GB 32100-2015) or, for
    a sole trader, of an identity number. Old numbers of 15 characters are taken without a check;
    17 and 20 (numbers of persons before 2016) are `doubtful_length`; other lengths `bad_length`.
    """
    if not (code.isascii() and code.isalnum()):
        return "bad_characters" if code else "bad_length"
    if len(code) in (17, 20):
        return "doubtful_length"
    if len(code) == 15:
        return None if code[:6].isdigit() else "bad_characters"
    if len(code) != 18:
        return "bad_length"
    if _USCC.fullmatch(code):
        total = sum(map(mul, map(_VALUES.__getitem__, code), _WEIGHTS))
        if _SIGNS[-total % 31] == code[-1]:
            return None
        problem: TaxProblem = "check_digit"
    else:
        problem = "bad_characters"
    return None if _is_identity_number(code) else problem


def _is_identity_number(code: str) -> bool:
    return code[:17].isdigit() and bool(ric.is_valid(code))


def next_code(prefix: str, width: int, highest: int) -> str:
    """The code after the highest number ever issued in a scheme (CUS-2): `('BJ', 4, 12)` → `BJ0013`.

    `width` counts digits; a number that outgrows it simply gets longer. Raises ValueProblem
    `bad_code` where the code would have more than 20 characters.
    """
    code = f"{prefix}{highest + 1:0{width}d}"
    if len(code) > CODE_LENGTH:
        raise ValueProblem("bad_code", code, max_length=CODE_LENGTH)
    return code


def code_number(prefix: str, code: str) -> int | None:
    """The number in a code of this scheme, None where the code belongs to another."""
    rest = code[len(prefix) :]
    if code.startswith(prefix) and rest.isascii() and rest.isdigit():
        return int(rest)
    return None

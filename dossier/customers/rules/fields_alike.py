"""How alike two values of one kind are: equal, near, different; the values made comparable first (CUS-3).

Pure; one function per step, each with a memory of its own where values repeat.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from dossier.customers.rules.names import normalise_name, simplified

Likeness = Literal[0, 1, 2]
"""0 different, 1 near, 2 equal."""


class FieldKind(StrEnum):
    """What a column of any file holds, as far as comparing goes."""

    COMPANY = "company"
    NAME = "name"
    SURNAME = "surname"
    TEXT = "text"
    ADDRESS = "address"
    NUMBER = "number"
    CODE = "code"
    DATE = "date"
    ID = "id"
    PHONE = "phone"
    EMAIL = "email"


_NOTHING: Final = frozenset(
    "无 没有 暂无 不详 未知 空 na n/a none null nan nil unknown - -- / // \\ . ? 0000-00-00".split()
)
_NOISE: Final = re.compile(r"[\W_]+")
_PARTS: Final = re.compile(r"\d+")
_ROADS: Final = {
    "st": "street", "str": "street", "rd": "road", "av": "avenue", "ave": "avenue", "dr": "drive",
    "pl": "place", "cct": "circuit", "cir": "circuit", "crt": "court", "ct": "court", "cres": "crescent",
    "cr": "crescent", "ln": "lane", "tce": "terrace", "hwy": "highway", "pde": "parade", "cl": "close",
    "sq": "square", "blvd": "boulevard", "apt": "unit", "flat": "unit", "no": "", "mt": "mount",
}  # fmt: skip
_NEAR_RATIO: Final = 0.75
_NEAR_JARO: Final = 0.88


def comparable(kind: FieldKind, value: str) -> str:
    """The value in the form in which it is compared; '' where it says nothing.

    Width, case, accents, traditional characters, blanks and punctuation do not count. Of a date the
    digits count, year first; of a telephone the last ones; of an e-mail the part before + and the domain.
    """
    text = simplified(unicodedata.normalize("NFKC", value).casefold()).strip()
    if not text or text in _NOTHING:
        return ""
    return _COMPARABLE.get(kind, _words)(text)


def _words(text: str) -> str:
    if not text.isascii():
        text = "".join(
            char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char)
        )
    return " ".join(_NOISE.sub(" ", text).split())


def _address(text: str) -> str:
    return " ".join(filter(None, (_ROADS.get(word, word) for word in _words(text).split())))


def _joined(text: str) -> str:
    return _NOISE.sub("", text)


def _number(text: str) -> str:
    return _joined(text).lstrip("0")


def _date(text: str) -> str:
    """YYYYMMDD where it can be read so, else the digits as they stand."""
    parts = _PARTS.findall(text)
    if len(parts) >= 3:
        year, month, day = parts[:3]
        if len(year) != 4 and len(parts[2]) == 4:
            day, month, year = parts[:3]
        return f"{year.zfill(4)}{month.zfill(2)}{day.zfill(2)}"
    return "".join(parts)


def _phone(text: str) -> str:
    digits = "".join(_PARTS.findall(text)).removeprefix("0086")
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return digits.lstrip("0")


def _email(text: str) -> str:
    name, at, domain = text.rpartition("@")
    return f"{name.partition('+')[0]}@{domain.strip()}" if at else text


def _company(text: str) -> str:
    return normalise_name(text).core


_COMPARABLE: Final[dict[FieldKind, Callable[[str], str]]] = {
    FieldKind.ADDRESS: _address,
    FieldKind.NUMBER: _number,
    FieldKind.CODE: _joined,
    FieldKind.ID: _joined,
    FieldKind.DATE: _date,
    FieldKind.PHONE: _phone,
    FieldKind.EMAIL: _email,
    FieldKind.COMPANY: _company,
}


def likeness(kind: FieldKind, first: str, second: str) -> Likeness:
    """Whether two comparable values, neither empty, are equal, near or different."""
    if first == second:
        return 2
    if first > second:
        first, second = second, first
    return _near_of(kind)(first, second)


def _near_of(kind: FieldKind) -> Callable[[str, str], Likeness]:
    return _NEAR.get(kind, _near_text)


@lru_cache(maxsize=500_000)
def _near_text(first: str, second: str) -> Likeness:
    """Words alike: sound starts, one or two slips, the same words in another order, or run together."""
    if JaroWinkler.similarity(first, second, score_cutoff=_NEAR_JARO):
        return 1
    if DamerauLevenshtein.normalized_similarity(first, second, score_cutoff=_NEAR_RATIO):
        return 1
    if " " in first or " " in second:
        a, b = first.replace(" ", ""), second.replace(" ", "")
        if DamerauLevenshtein.normalized_similarity(a, b, score_cutoff=_NEAR_RATIO):
            return 1
        if sorted(first.split()) == sorted(second.split()):
            return 1
    return 0


@lru_cache(maxsize=500_000)
def _near_code(first: str, second: str) -> Likeness:
    """Codes, dates, identity numbers: one slip (two in long ones), or the same signs in another order."""
    slips = 1 if len(first) < 6 else 2
    if abs(len(first) - len(second)) <= slips and (
        DamerauLevenshtein.distance(first, second, score_cutoff=slips) <= slips
        or sorted(first) == sorted(second)
    ):
        return 1
    return 0


_NEAR: Final[dict[FieldKind, Callable[[str, str], Likeness]]] = dict.fromkeys(
    (FieldKind.NUMBER, FieldKind.CODE, FieldKind.DATE, FieldKind.ID, FieldKind.PHONE), _near_code
)

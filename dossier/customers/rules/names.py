"""Comparable keys of company names (CUS-3)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final, NamedTuple

from opencc import OpenCC

from dossier.core.reference.places import leading_place, place_named


class NameKey(NamedTuple):
    """What is compared of a name.

    `full` is the whole name in comparable form, the code of the place first; `core` is without place and legal
    form; `place` is the six-digit code of the place in the name, '' where there is none.
    """

    full: str
    core: str
    place: str


_BRACKETS: Final = re.compile(
    r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|〔([^〔〕]*)〕|<([^<>]*)>"
)
_HEAD_OFFICE_WORDS: Final = "总部 本部 总公司 总店 总厂 总行 公司总部 集团总部 集团 筹 筹备 新 原 旧 停用 作废 重复 hq headoffice headquarters"
_HEAD_OFFICE: Final = frozenset(_HEAD_OFFICE_WORDS.split())
_COUNTRY: Final = frozenset({"中国", "中华", "china", "prc"})
_BRANCH: Final = re.compile(
    r"分公司|分行|支行|分店|分厂|办事处|营业部|代表处|分部|分校|分院|支公司|子公司"
)
_FORM_WORDS: Final = (
    "股份有限公司 有限责任公司 有限公司 股份公司 责任公司 集团公司 总公司 公司 集团 控股 股份 有限合伙 普通合伙 "
    "有限 厂 总厂 联合公司 实业公司 合伙企业 个人独资企业 有限责任 独资 企业集团"
)
_FORM_NAMES: Final = frozenset(_FORM_WORDS.split())
_FORMS: Final[dict[str, list[str]]] = {
    last: sorted((form for form in _FORM_NAMES if form.endswith(last)), key=len, reverse=True)
    for last in {form[-1] for form in _FORM_NAMES}
}
"""Legal forms by their last character, the longest first."""
_WESTERN_FORMS: Final = re.compile(
    r"(?:[\s,.&-]+(?:co(?:mpany)?|corp(?:oration)?|inc(?:orporated)?|l\.?\s?t\.?\s?d|limited|llc|l\.l\.c|llp|lp|plc|"
    r"g\.?m\.?b\.?h|ag|kg|ohg|s\.?\s?a|s\.?a\.?r\.?l|s\.?\s?r\.?\s?l|s\.?p\.?a|b\.?v|n\.?v|a/s|aps|oy|ab|pty|pte|"
    r"group|holdings?|k\.?k|s\.?a\.?s)\.?)+\s*$"
)
_FIRST_TRADITIONAL: Final = "\u3400"


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


class _Simplified(dict[int, str | int]):
    """A translation table that learns each character on first sight."""

    def __missing__(self, point: int) -> str | int:
        char = chr(point)
        found: str | int = point
        if char >= _FIRST_TRADITIONAL:
            converted = str(_converter().convert(char))
            found = converted if len(converted) == 1 else point
        self[point] = found
        return found


_SIMPLIFIED: Final = _Simplified()


def simplified(text: str) -> str:
    """Traditional characters made simplified one by one; for comparing, not for showing."""
    return text if text.isascii() else text.translate(_SIMPLIFIED)


@lru_cache(maxsize=200_000)
def normalise_name(name: str) -> NameKey:
    """The comparable key of a customer name.

    Width, case, traditional characters, blanks and punctuation do not count; a place in brackets or
    in front is taken out into `place`; legal forms (有限公司, 集团, Co., Ltd …) and remarks such as
    （总部） fall away. A branch (分公司, 办事处 …) keeps that word: it is not its company. An empty name
    gives empty keys.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    text = simplified(text)
    place = ""
    if not text.isascii() or "(" in text:
        text, place = _without_brackets(text)
    if text[-1:].isascii():  # a western form stands at the end
        text = _WESTERN_FORMS.sub("", text)
    if not text.isalnum():
        text = "".join(char for char in text if char.isalnum())
    if text.startswith("中国") and len(text) > 6:
        text = text[2:]
    bare, form = _without_form(text)
    if not place:
        found = leading_place(bare)
        if found:
            where, length = found
            rest = bare[length:]
            enough = 4 if where.level == 3 else 2
            if len(rest) >= enough and rest[0] not in "省市区县路":
                place, bare = where.code, rest
    core = bare or text
    return NameKey(f"{place}{core}{form}", core, place)


def _without_brackets(text: str) -> tuple[str, str]:
    """The name with brackets resolved, and the code of a place that stood in one."""
    place = front = ""

    def resolve(match: re.Match[str]) -> str:
        nonlocal place, front
        inside = "".join(
            char for char in next(g for g in match.groups() if g is not None) if char.isalnum()
        )
        if inside in _HEAD_OFFICE or inside in _COUNTRY or inside in _FORM_NAMES:
            return ""
        found = place_named(inside)
        if found and not place:
            place = found.code
            return ""
        if 2 <= len(inside) <= 4 and not inside.isascii() and not _BRANCH.search(inside):
            front += inside  # most likely a place we do not know, written in front elsewhere
            return ""
        return inside

    rest = _BRACKETS.sub(resolve, text)
    return front + rest, place


def _without_form(text: str) -> tuple[str, str]:
    """The name without legal forms at its end, and the forms taken away."""
    if _BRANCH.search(text):
        return text, ""
    end = len(text)
    found = True
    while found:
        found = False
        for form in _FORMS.get(text[end - 1 : end], ()):
            if end - len(form) >= 2 and text.endswith(form, 0, end):
                end -= len(form)
                found = True
                break
    return text[:end], text[end:]

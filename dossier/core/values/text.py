"""Text as it arrives in a cell, made clean without changing what was meant (AUD-4, CUS-7)."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from decimal import Decimal
from enum import Enum
from typing import Final, Literal

LARGEST_EXACT_FLOAT: Final = 2**53
"""Whole numbers from here on lose digits when a spreadsheet keeps them as a number."""

_LONGEST_INTEGER: Final = 10**400

_DROPPED: Final = {
    **dict.fromkeys(range(0x00, 0x20)),
    **dict.fromkeys(range(0x7F, 0xA0)),
    **dict.fromkeys(range(0x200B, 0x2010)),  # zero width, direction marks
    **dict.fromkeys(range(0x202A, 0x202F)),
    **dict.fromkeys(range(0x2060, 0x2070)),
    **dict.fromkeys(range(0xD800, 0xE000)),  # lone surrogates cannot be stored
    **dict.fromkeys(range(0xFFF0, 0xFFFC)),
    **dict.fromkeys((0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF, 0xFFFE, 0xFFFF)),
}
_ODD_SPACES: Final = (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_LINE_ENDS: Final = (0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)
_ONE_LINE: Final = {
    **_DROPPED,
    **dict.fromkeys((0x09, *_ODD_SPACES), " "),
    **dict.fromkeys(_LINE_ENDS, "\n"),
}
_LINES: Final = re.compile(r" *\n[ \n]*")


class _NotApplicable(Enum):
    """The type of `NOT_APPLICABLE`; an enum so that type checkers can narrow it."""

    NOT_APPLICABLE = "not applicable"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "NOT_APPLICABLE"


NOT_APPLICABLE: Final = _NotApplicable.NOT_APPLICABLE
"""The field was answered with 'none' (无); an empty text means it was not answered (CUS-7)."""
NotApplicable = _NotApplicable
"""Type of `NOT_APPLICABLE`, for annotations."""

_NONE_WORDS: Final = frozenset(
    [
        "无",
        "暂无",
        "暂时没有",
        "没有",
        "无此项",
        "无内容",
        "不适用",
        "不涉及",
        "不需要",
        "無",
        "暫無",
        "沒有",
        "不適用",
        "空",
        "/",
        "//",
        "\\",
        "-",
        "--",
        "---",
        "—",
        "——",
        "———",
        "–",
        "―",
        "－",
        "／",
        "−",
        "─",
        "──",
        "·",
        "n/a",
        "n.a.",
        "n.a",
        "na",
        "n\\a",
        "#n/a",
        "none",
        "nil",
        "null",
        "(无)",
        "(空)",
        "none.",
        "无。",
    ]
)
_UNKNOWN_WORDS: Final = frozenset(
    [
        "未知",
        "不详",
        "不祥",
        "不清楚",
        "不清",
        "待查",
        "待补",
        "待补充",
        "待定",
        "待填",
        "待确认",
        "未填",
        "未提供",
        "不知道",
        "不詳",
        "unknown",
        "unk",
        "tbd",
        "tbc",
        "tba",
        "?",
        "??",
        "???",
        "？",
        "？？",
        "…",
        "...",
    ]
)


def text(value: object) -> str:
    """One line of clean text from a cell.

    Strips blanks of every kind (also U+3000), drops control characters, zero-width characters
    and byte-order marks, and turns line ends and tabs into one space. Whole floats become integer
    text (`13588161573.0` → `'13588161573'`), dates ISO text, None and NaN the empty text. Chinese
    full-width punctuation stays. Never raises.
    """
    if type(value) is str:
        if value.isprintable():
            return value.strip()
        return _LINES.sub(" ", value.translate(_ONE_LINE)).strip()
    if value is None:
        return ""
    return _text_of_other(value)


def _text_of_other(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        if value.time() == dt.time.min:
            return value.date().isoformat()
        return value.isoformat(sep=" ")
    if isinstance(value, Decimal):
        if not value.is_finite():
            return "" if value.is_nan() else str(value)
        if abs(value.adjusted()) > 40:
            return str(value)
        shown = format(value, "f")
        return shown.rstrip("0").rstrip(".") if "." in shown else shown
    if isinstance(value, int) and abs(value) >= _LONGEST_INTEGER:
        return repr(float("inf") if value > 0 else float("-inf"))  # beyond any cell
    return text(str(value))


def multiline_text(value: object) -> str:
    """Like `text`, but keeps line ends (as `\\n`, runs of blank lines as one), for remarks."""
    if type(value) is str and not value.isprintable():
        cleaned = value.replace("\r\n", "\n").translate(_ONE_LINE)
        return _LINES.sub("\n", cleaned).strip()
    return text(value)


def halfwidth(value: object) -> str:
    """`text` with full-width digits, letters, brackets and blanks made half-width (NFKC).

    For codes, numbers, telephones and comparing; not for names as they are printed.
    """
    cleaned = text(value)
    if cleaned.isascii():
        return cleaned
    return text(unicodedata.normalize("NFKC", cleaned))


def digits_lost(value: object) -> bool:
    """Whether a spreadsheet kept so long a number that its last digits are no longer true.

    A bank account of 19 digits that arrives as a float is only right in its first 15 digits.
    """
    return isinstance(value, float) and not abs(value) < LARGEST_EXACT_FLOAT


def is_none_word(value: str) -> bool:
    """Whether the text answers 'there is none' (无, 暂无, /, —, N/A …), see CUS-7."""
    return len(value) < 8 and value.strip().lower() in _NONE_WORDS


def is_unknown_word(value: str) -> bool:
    """Whether the text says 'not yet known' (不详, 待定, ? …), which counts as not answered."""
    return len(value) < 8 and value.strip().lower() in _UNKNOWN_WORDS


def answer(value: object) -> str | _NotApplicable:
    """What an optional field was answered with (CUS-7).

    Returns the clean text, `NOT_APPLICABLE` for a word meaning 'none', or the empty text when
    nothing or 'unknown' was given.
    """
    cleaned = text(value)
    if len(cleaned) < 8:
        word = cleaned.lower()
        if word in _NONE_WORDS:
            return NOT_APPLICABLE
        if word in _UNKNOWN_WORDS:
            return ""
    return cleaned

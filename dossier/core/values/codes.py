"""Codes, e-mail addresses, choices, and text that is safe in a spreadsheet (CUS-2, AUD-4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, TypeVar

from dossier.core.values.problems import ValueProblem
from dossier.core.values.text import halfwidth, text

CODE_LENGTH: Final = 20
_EATEN: Final = re.compile(r"([0-9]+)\.0+")
_EMAIL: Final = re.compile(
    r"(?P<local>[^\s@\"(),:;<>\[\]\\.]+(?:\.[^\s@\"(),:;<>\[\]\\.]+)*)"
    r"@(?P<domain>(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_])"
)
_LOOSE_EMAIL: Final = re.compile(r"(?:mailto:)?\s*(?:[^<>@]{0,80}<)?([^<>\s]+)>?", re.IGNORECASE)

T = TypeVar("T")


def parse_code(
    value: object, width: int | None = None, *, extra: str = "", max_length: int = CODE_LENGTH
) -> str:
    """A code in its stored form: half-width, upper case, without blanks around it.

    A code of digits shorter than `width` gets back the leading zeros a spreadsheet has eaten
    (`840.0` → `000840`). `extra` lists signs allowed besides letters and digits (`"-_."`).

    Raises ValueProblem `bad_code` when it is empty, longer than `max_length`, or holds other signs.
    """
    code = value if type(value) is str else text(value)
    if not (code.isascii() and code.isalnum()):
        code = halfwidth(code)
        if code.startswith("'"):
            code = code[1:]
        if width is not None:
            eaten = _EATEN.fullmatch(code)
            if eaten:
                code = eaten[1]
    code = code.upper()
    if width is not None and len(code) < width and code.isdigit():
        code = code.zfill(width)
    bare = code
    for sign in extra:
        bare = bare.replace(sign, "")
    if not (bare.isascii() and bare.isalnum()) or len(code) > max_length:
        raise ValueProblem("bad_code", text(value), max_length=max_length)
    return code


def parse_email(value: object) -> str:
    """One e-mail address, its domain in lower case.

    Takes away `mailto:`, a name before `<…>`, and full-width signs. Raises ValueProblem `bad_email`
    when it is empty, holds several addresses, or cannot be delivered to as written.
    """
    given = halfwidth(value)
    if len(given) > 254:
        raise ValueProblem("bad_email", given)
    loose = _LOOSE_EMAIL.fullmatch(given.replace("。", "."))
    match = _EMAIL.fullmatch(loose[1]) if loose else None
    if match is None or len(match["local"]) > 64:
        raise ValueProblem("bad_email", given)
    return f"{match['local']}@{match['domain'].lower()}"


_YES: Final = frozenset(
    ["是", "有", "对", "真", "已", "√", "✓", "✔", "y", "yes", "true", "t", "1", "on", "是的", "☑"]
)
_NO: Final = frozenset(
    [
        "否",
        "无",
        "不",
        "不是",
        "没有",
        "错",
        "假",
        "未",
        "×",
        "✗",
        "✘",
        "x",
        "n",
        "no",
        "false",
        "f",
        "0",
        "off",
        "☐",
        "非",
    ]
)


def parse_yes_no(value: object) -> bool:
    """Yes or no (是/否, 有/无, √/×, Y/N, 1/0, true/false). Raises ValueProblem `bad_yes_no`."""
    if isinstance(value, bool):
        return value
    word = halfwidth(value).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueProblem("bad_yes_no", text(value))


_CHOICE_NOISE: Final = re.compile(r"[\s\-_/、，,.·（）()]+")


def choice_key(value: object) -> str:
    """The comparable form of a choice: half-width, case-folded, without blanks and punctuation."""
    return _CHOICE_NOISE.sub("", halfwidth(value)).casefold()


def choice_words(pairs: Iterable[tuple[T, Iterable[str]]]) -> dict[str, T]:
    """A mapping for `parse_choice` from (value, its names) pairs; the first name given wins."""
    words: dict[str, T] = {}
    for value, names in pairs:
        for name in names:
            words.setdefault(choice_key(name), value)
    return words


def parse_choice(value: object, mapping: Mapping[str, T]) -> T:
    """The value a word stands for in `mapping`, whose keys are `choice_key` forms.

    Raises ValueProblem `bad_choice` with the parameter `allowed`, the values comma-separated.
    """
    found = mapping.get(text(value))
    if found is None:
        found = mapping.get(choice_key(value))
    if found is None:
        allowed = ", ".join(dict.fromkeys(str(one) for one in mapping.values()))
        raise ValueProblem("bad_choice", text(value), allowed=allowed)
    return found


def formula_like(value: str) -> bool:
    """Whether a spreadsheet program might take the text for a formula when it is typed or pasted.

    True for a tab or line end at the start, and for = + - @ after blanks of any kind or characters that
    cannot be seen, other forms of these signs (full width, small, raised) included (CVE-2026-55154).
    """
    if value[:1] in ("\t", "\r", "\n"):
        return True
    for char in value:
        begins = _begins_formula(char)
        if begins is not None:
            return begins
    return False


@lru_cache(maxsize=10_000)  # texts begin with few different characters
def _begins_formula(char: str) -> bool | None:
    """Whether a text beginning with the character is like a formula; None: the next character tells."""
    if char in "\t\r":
        return True
    if char.isspace() or unicodedata.category(char) in ("Cc", "Cf"):
        return None
    return unicodedata.normalize("NFKC", char)[:1] in set("=+-@\u2212")


def formula_safe(value: str) -> str:
    """Text that a spreadsheet shows instead of calculating it, for CSV and XLSX exports (AUD-4).

    What begins (after blanks, invisible or full-width forms included) with = + - @, or with a tab
    or line end, gets a leading apostrophe. `restore_formula_safe` takes exactly that away again.
    """
    return "'" + value if formula_like(value.lstrip("'")) else value


def restore_formula_safe(value: str) -> str:
    """The text that `formula_safe` was given; other text unchanged."""
    if value[:1] == "'" and formula_like(value.lstrip("'")):
        return value[1:]
    return value

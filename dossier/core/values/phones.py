"""Telephone numbers as people write them (CUS-1, CUS-13 dead telephone format, AUD-4)."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from dossier.core.values.problems import ValueProblem
from dossier.core.values.text import halfwidth, text

Kind = Literal["mobile", "landline", "service", "foreign", "unknown"]


class Phone(NamedTuple):
    """One telephone number.

    `number` is shown (010-78922658, 13588161573, 010-78922658-801 with extension,
    10086转1 after a number without area code); `digits` is
    compared (area code included, no extension, country code for foreign ones); `doubtful` is the
    problem code `bad_phone` or `bad_mobile`, or None; `given` is what was typed.
    """

    number: str
    digits: str
    kind: Kind
    doubtful: str | None
    given: str
    extension: str = ""


_SHORT_AREAS: Final = frozenset({"010", *(f"02{n}" for n in range(10))})
_AREA_RANGES: Final = (
    "310-319 335 349-359 370-379 391-396 398 410-419 421 427 429 431-440 448 451-459 464 467-479 "
    "482 483 510-520 523 527 530-539 543 546 550-566 570-580 591-599 631-635 660 662 663 668 "
    "691 692 701 710-719 722 724 728 730-739 743-746 750-769 770-779 790-799 812 813 816-818 "
    "825-827 830-839 851-859 870-879 883 886-888 891-899 901-903 906 908 909 911-919 930-939 941 "
    "943 951-955 970-977 979 990-999"
)
_LONG_AREAS: Final = frozenset(
    f"0{number}"
    for part in _AREA_RANGES.split()
    for number in range(int(part.split("-")[0]), int(part.split("-")[-1]) + 1)
)
"""Four-digit area codes of the mainland."""

_DASHES: Final = str.maketrans(
    dict.fromkeys("−–—―‐‑‒─﹣～~·.", "-") | dict.fromkeys("[【{", "(") | dict.fromkeys("]】}", ")")
)
_EXTENSION: Final = re.compile(
    r"^(?P<main>.*[0-9)\s])[\s,(-]*(?:转接|转|分机号?|内线|ext(?:ension)?\.?|x|#)\s*[:-]?\s*(?P<ext>[0-9]{1,6})\)?$",
    re.IGNORECASE | re.DOTALL,
)
_LABEL: Final = re.compile(
    r"^(?:办公|公司|固定|联系|移动|传真|家庭|热线)?(?:电话|手机|座机|传真|号码|tel|fax|mobile|mob|phone|cell|t|m|f)?\.?\s*[:：]\s*"
    r"|^(?:tel|fax|mobile|phone)\.?\s*(?=[0-9+(])|^(?:电话|手机|座机|传真)\s*",
    re.IGNORECASE,
)
_CHINA: Final = re.compile(
    r"^(?:\(?\s*(?:\+|00)\s*86\s*\)?|\(86\)|86(?=[\s-]|1[3-9][0-9]{9}$))[\s-]*(?:\(0\))?"
)
_ABROAD: Final = re.compile(r"^\(?\s*(?:\+|00)\s*(?=[1-9])")
_GROUPS: Final = re.compile(r"[0-9]+")
_NOT_PHONE: Final = re.compile(r"[^0-9()\s+/-]")
_PLAIN_LANDLINE: Final = re.compile(r"0[1-9][0-9]{1,2}-[0-9]{7,8}")
_SERVICE: Final = re.compile(
    r"1[0-2][0-9]{1,4}|9[56][0-9]{3,6}|[48]00[0-9]{7}|1(?:60|68)[0-9]{2,5}"
)
_SEPARATORS: Final = re.compile(
    r"[;、,，；|\n\r\t]+|\s*[/\\]\s*|\s+(?:或|和|及|or|and)\s+|[或和及]|\s{2,}"
)
_SIDE_BY_SIDE: Final = re.compile(
    r"(?<=[0-9]{7})\s+(?=(?:1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|[48]00)(?![0-9]))"
)
_NUMBER_CELL: Final = re.compile(r"([0-9]{7,13})\.0")
_LINE_ENDS: Final = re.compile(r"[\r\n]+")


def parse_phone(value: object) -> Phone:
    """The one telephone number in a cell; a doubtful one is marked, never refused.

    A Chinese mobile is 1, 3 to 9, and nine more digits, whatever a numbering plan says. A landline
    is a mainland area code with 7 or 8 digits, with or without a dash, or 7 or 8 digits alone. What
    fits neither is foreign or unknown and only doubtful with fewer than 5 or more than 17 digits, or
    letters in it. Number cells get back the leading zero of a mainland area code.

    Raises ValueProblem `bad_phone` only when nothing was given.
    """
    given = value if type(value) is str else text(value)
    if (
        len(given) == 11
        and given.isascii()
        and given.isdigit()
        and given[0] == "1"
        and given[1] > "2"
    ):
        return Phone(given, given, "mobile", None, given)
    given = text(given)
    if not given:
        raise ValueProblem("bad_phone", "")
    if type(value) is not str:
        return _read(given, _with_leading_zero(given))
    match = _NUMBER_CELL.fullmatch(given)
    if match:  # a number cell that came through a text file
        return _read(given, _with_leading_zero(match[1]))
    return _read(given, given)


def parse_phones(value: object) -> list[Phone]:
    """All numbers of a cell, where several are separated by / ; 、 , or line ends.

    `010-78922658/59` is two numbers (the last digits change), `010-78922658、78922659` shares the
    area code. An empty cell gives an empty list.
    """
    raw = value if type(value) is str else text(value)
    if len(raw) == 11 and raw.isascii() and raw.isdigit():
        return [parse_phone(value)]
    if _PLAIN_LANDLINE.fullmatch(raw):  # nearly all others
        digits = raw.replace("-", "", 1)
        landline = _domestic(raw, digits, None, "")
        if landline is not None:
            return [landline]
    cleaned = text(_LINE_ENDS.sub(";", raw)).strip(";；、,，/ ")
    if not cleaned:
        return []
    if type(value) is not str or _NUMBER_CELL.fullmatch(cleaned):
        return [parse_phone(value)]
    parts = [part.strip() for part in _SEPARATORS.split(cleaned)]
    parts = [piece for part in parts if part for piece in _SIDE_BY_SIDE.split(part)]
    phones: list[Phone] = []
    for part in parts:
        phone = _read(part, part)
        if phones:
            phone = _continued(phones[-1], phone)
        phones.append(phone)
    return phones


def _continued(before: Phone, phone: Phone) -> Phone:
    """The number a shortened second one stands for, after the one before it."""
    if before.kind != "landline" or before.doubtful or phone.digits != phone.number:
        return phone
    area, dash, local = before.number.partition("-")
    if not dash or before.extension:
        return phone
    if len(phone.digits) <= 4 and phone.kind in ("unknown", "service"):
        local = local[: -len(phone.digits)] + phone.digits
    elif len(phone.digits) == len(local) and phone.kind == "landline":
        local = phone.digits
    else:
        return phone
    return Phone(f"{area}-{local}", area + local, "landline", None, phone.given)


def _with_leading_zero(digits: str) -> str:
    """Digits of a number cell, with the zero put back that a spreadsheet ate before an area code."""
    if not digits.isdigit():
        return digits
    if len(digits) == 10 and (digits[:2] == "10" or digits[0] == "2"):
        return "0" + digits
    if len(digits) in (10, 11) and digits[0] in "3456789" and "0" + digits[:3] in _LONG_AREAS:
        return "0" + digits
    return digits


def _read(given: str, digits_restored: str) -> Phone:
    cleaned = _LABEL.sub("", halfwidth(digits_restored).translate(_DASHES))
    extension = ""
    match = _EXTENSION.match(cleaned) if len(cleaned) < 80 else None
    if match:
        cleaned, extension = match["main"].rstrip(" ,(-"), match["ext"]
    bracketed = cleaned.startswith("(") and not cleaned.startswith("(0")
    domestic, changed = _CHINA.subn("", cleaned)
    if changed:
        cleaned, bracketed = domestic.strip(), False
    elif _ABROAD.match(cleaned):
        return _abroad(given, cleaned, extension)
    groups = _GROUPS.findall(cleaned)
    digits = "".join(groups)
    if changed and digits[:1] != "0" and not (digits[:1] == "1" and digits[1:2] > "2"):
        digits = _with_leading_zero(digits)
    doubtful = "bad_phone" if _NOT_PHONE.search(cleaned) else None
    known = None if bracketed else _domestic(given, digits, doubtful, extension)
    if len(groups) > 1 and not extension and not bracketed:
        tail = groups[-1]
        if len(tail) < 7 and cleaned.rstrip(")").endswith("-" + tail):  # 010-78922658-801
            before = _domestic(given, digits[: -len(tail)], doubtful, tail)
            if before and (known is None or before.kind == "landline"):
                known = before  # 0311-2345678-1 is no number of eight digits
    if known is not None:
        return known
    if not bracketed and digits[:1] == "1" and digits[1:2] > "2" and 6 <= len(digits) <= 13:
        return Phone(_shown(cleaned, extension), digits, "unknown", "bad_mobile", given, extension)
    if not 5 <= len(digits) <= 17:
        doubtful = "bad_phone"
    kind: Kind = "foreign" if len(digits) > 7 and (bracketed or digits[:1] == "0") else "unknown"
    return Phone(_shown(cleaned, extension), digits, kind, doubtful, given, extension)


def _domestic(given: str, digits: str, doubtful: str | None, extension: str) -> Phone | None:
    """The mainland number these digits are, or None."""
    size = len(digits)
    kind: Kind = "landline"
    if size == 11 and digits[0] == "1" and digits[1] > "2":
        number, kind = digits, "mobile"
    elif size == 12 and digits.startswith("01") and digits[2] > "2":  # 0 before a mobile
        digits = digits[1:]
        number, kind = digits, "mobile"
    elif digits[:1] == "0":
        if digits[:3] in _SHORT_AREAS and size == 11:
            number = f"{digits[:3]}-{digits[3:]}"
        elif digits[:4] in _LONG_AREAS and size in (11, 12):
            number = f"{digits[:4]}-{digits[4:]}"
        else:
            return None
    elif _SERVICE.fullmatch(digits):
        number, kind = digits, "service"
        if size == 10:
            number = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    elif size in (7, 8) and digits[0] > "1":
        number = digits
    else:
        return None
    if extension:
        sign = "-" if kind == "mobile" or digits[0] == "0" else "转"
        number = f"{number}{sign}{extension}"
    return Phone(number, digits, kind, doubtful, given, extension)


def _abroad(given: str, cleaned: str, extension: str) -> Phone:
    number = _ABROAD.sub("+", cleaned)
    if cleaned.startswith("("):
        number = number.replace(")", " ", 1)
    digits = "".join(_GROUPS.findall(number))
    letters = _NOT_PHONE.search(cleaned)
    doubtful = "bad_phone" if letters or not 5 <= len(digits) <= 17 else None
    return Phone(_shown(number, extension), digits, "foreign", doubtful, given, extension)


def _shown(cleaned: str, extension: str) -> str:
    shown = " ".join(cleaned.split())
    return f"{shown} ext. {extension}" if extension else shown

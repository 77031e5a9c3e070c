"""How names sound: pinyin for searching and for the Chinese order (CUS-3)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from dossier.core.pinyin import first_reading, without_tone
from dossier.customers.rules.names import simplified

_WORDS: Final = {
    "重庆": "chong2 qing4",
    "厦门": "xia4 men2",
    "六安": "lu4 an1",
    "蚌埠": "beng4 bu4",
    "台州": "tai1 zhou1",
    "番禺": "pan1 yu2",
    "乐清": "yue4 qing1",
    "东阿": "dong1 e1",
    "洪洞": "hong2 tong2",
    "单县": "shan4 xian4",
    "莘县": "shen1 xian4",
    "丽水": "li2 shui3",
    "银行": "yin2 hang2",
    "商行": "shang1 hang2",
    "行业": "hang2 ye4",
    "音乐": "yin1 yue4",
    "乐器": "yue4 qi4",
    "会计": "kuai4 ji4",
    "大厦": "da4 sha4",
    "长子": "zhang3 zi3",
    "成长": "cheng2 zhang3",
    "校长": "xiao4 zhang3",
    "朝阳": "chao2 yang2",
    "六合": "lu4 he2",
    "重工": "zhong4 gong1",
    "都匀": "du1 yun2",
    "成都": "cheng2 du1",
    "浚县": "xun4 xian4",
    "铅山": "yan2 shan1",
    "大夫": "dai4 fu5",
    "调味": "tiao2 wei4",
    "调料": "tiao2 liao4",
    "空调": "kong1 tiao2",
    "便宜": "pian2 yi2",
    "曾": "zeng1",
    "单": "dan1",
    "都": "du1",
}
"""Words whose reading differs from the first readings of their characters, with tones."""
_READ_TOGETHER: Final = re.compile("|".join(word for word in _WORDS if len(word) > 1))
_FIRST_HAN: Final = "\u3400"


def _syllable(char: str) -> str:
    """The reading of one character with its tone as a digit, '' where it has none."""
    return _WORDS.get(char) or first_reading(char)


class _Said(NamedTuple):
    """A character as it sounds without tone, and its place in the order; a sign that is not read: ''."""

    plain: str
    order: str


def _said(char: str, syllable: str) -> _Said:
    if not syllable:
        return _Said(char, char)
    return _Said(without_tone(syllable), f"{syllable}{char}")


class _Characters(dict[str, _Said]):
    """Characters by their first reading, learnt on first sight."""

    def __missing__(self, char: str) -> _Said:
        made = _Said("", "")
        if char.isalnum():
            made = _said(char, _syllable(char) if char >= _FIRST_HAN else "")
        self[char] = made
        return made


_CHARACTERS: Final = _Characters()


def _read(text: str) -> list[_Said]:
    """Each letter, digit and Chinese character as it is read."""
    prepared = simplified(unicodedata.normalize("NFKC", text).casefold())
    found = [_CHARACTERS[char] for char in prepared]
    for word in _READ_TOGETHER.finditer(prepared):
        for at, syllable in enumerate(_WORDS[word.group()].split(), word.start()):
            found[at] = _said(prepared[at], syllable)
    return found if prepared.isalnum() else [said for said in found if said.plain]


class Spoken(NamedTuple):
    """How a name is read: syllables without tones (letters and digits one by one), and its order."""

    syllables: tuple[str, ...]
    sort_key: str

    @property
    def full(self) -> str:
        """All syllables in one."""
        return "".join(self.syllables)

    @property
    def initials(self) -> str:
        """The first letter of each syllable."""
        return "".join([syllable[0] for syllable in self.syllables])

    def part(self, at: int, end: int) -> Spoken:
        """The sound of the characters from ``at`` to ``end``, as they are read in the whole."""
        return Spoken(self.syllables[at:end], " ".join(self.sort_key.split(" ")[at:end]))


def spoken(text: str) -> Spoken:
    """Sound and order of a name, its characters looked up once; see `pinyin_keys` and `sort_key`."""
    found = _read(text)
    return Spoken(tuple([said.plain for said in found]), " ".join([said.order for said in found]))


def pinyin_keys(text: str) -> tuple[str, str]:
    """(full, initials): `重庆众瑞` → `('chongqingzhongrui', 'cqzr')`.

    No tones, ü as v; letters and digits stay, everything else falls away. Ambiguous characters take
    their first reading, common words their own.
    """
    said = spoken(text)
    return said.full, said.initials


class _Sounds(dict[int, str | int]):
    """A translation table from characters to their first reading without tone, learnt on first sight."""

    def __missing__(self, point: int) -> str | int:
        char = chr(point)
        found: str | int = point
        if char >= _FIRST_HAN and (syllable := _syllable(char)):
            found = without_tone(syllable)
        self[point] = found
        return found


_SOUNDS: Final = _Sounds()


def sound(text: str) -> str:
    """How a normalised text sounds character by character, for comparing; see `pinyin_keys` for showing."""
    return text.translate(_SOUNDS)


def sort_key(name: str) -> str:
    """A key that puts names in Chinese dictionary order by plain comparison (collation "C").

    Character by character: sound, tone, then the character itself, so that equal characters stand
    together; digits and Latin letters come first.
    """
    return spoken(name).sort_key

"""First readings of Chinese characters, for searching and for the Chinese order (CUS-3)."""

from __future__ import annotations

import os
from functools import lru_cache

# Characters are read one by one here; the words pypinyin would load take 44 MB in every process.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin import Style, pinyin


@lru_cache(maxsize=30_000)
def first_reading(char: str) -> str:
    """The first reading of one character with its tone as a digit, ü as ü; '' where it has none."""
    read = pinyin(
        char, style=Style.TONE3, heteronym=False, errors="ignore", neutral_tone_with_five=True
    )
    return str(read[0][0]) if read and read[0] else ""


def without_tone(syllable: str) -> str:
    """A reading as it is typed: no tone, ü as v."""
    return syllable[:-1].replace("ü", "v")

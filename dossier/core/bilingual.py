"""Texts that are needed before Django is set up: the command line, the embedded database.

Everything a person meets later goes through gettext. These few sentences come earlier (a help page, a
second `run` refused, a database that does not start), so both languages stand side by side in the code.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

ZH = "zh-hans"
EN = "en"


def terminal_language() -> str:
    """The language of the terminal: `DOSSIER_LANG`, else the usual locale variables; zh* is Chinese."""
    for name in ("DOSSIER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return ZH if value.lower().startswith("zh") else EN
    return EN


def bilingual(en: str, zh: str) -> str:
    """The sentence in the language of the terminal."""
    return zh if terminal_language() == ZH else en


def listed(names: Iterable[object]) -> str:
    """Names in one line as the reader's language strings them together."""
    from django.utils.translation import get_language

    return ("、" if (get_language() or ZH).startswith("zh") else ", ").join(map(str, names))

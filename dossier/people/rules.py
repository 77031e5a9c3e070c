"""Pure rules about people: logins, devices, names by sound; no ORM, no clock."""

from __future__ import annotations

import functools
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dossier.core.errors import Refusal
from dossier.core.pinyin import first_reading, without_tone

LOGIN_LONGEST = 60
_LOGIN = re.compile(r"[\w.@+-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PASSWORD_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet without signs that look alike


def clean_login(text: str) -> str:
    """The login as it is stored: half-width, no blanks around it. Empty when it cannot be one."""
    login = unicodedata.normalize("NFKC", text).strip()
    if len(login) > LOGIN_LONGEST or not _LOGIN.fullmatch(login):
        return ""
    return login


def login_key(text: str) -> str:
    """What two spellings of one login share; failed sign-ins are counted under it."""
    return _CONTROL.sub("", unicodedata.normalize("NFKC", text)).strip().lower()[:150]


def new_password() -> str:
    """A password to be told once and changed at the first sign-in: four groups of four signs."""
    groups = ("".join(secrets.choice(_PASSWORD_SIGNS) for _sign in range(4)) for _group in range(4))
    return "-".join(groups)


def makes_cycle(start: int, parent: int | None, parent_of: Callable[[int], int | None]) -> bool:
    """Whether putting ``start`` under ``parent`` would make it its own ancestor."""
    seen: set[int] = set()
    at = parent
    while at is not None and at not in seen:
        if at == start:
            return True
        seen.add(at)
        at = parent_of(at)
    return False


def has_left(name: str, *, field: str) -> Refusal:
    """The refusal of somebody who left where only one in post may stand (ORG-1)."""
    return Refusal(
        "not_in_post",
        gettext_lazy("%(name)s has left. Choose someone in post."),
        field=field,
        params={"name": name},
    )


_BROWSERS = (
    ("MicroMessenger", "微信 WeChat"),
    ("DingTalk", "钉钉 DingTalk"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_name(agent: str) -> str:
    """Browser and system in words, from what the browser says of itself."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part) or _("unknown device")


@functools.lru_cache(maxsize=10_000)
def _sounds(name: str) -> tuple[str, str]:
    said = [without_tone(reading) if (reading := first_reading(char)) else char for char in name]
    return "".join(said).lower(), "".join(one[:1] for one in said).lower()


def sounds_like(names: Iterable[tuple[int, str]], typed: str) -> list[int]:
    """Keys of the names whose pinyin or initials begin with what was typed."""
    typed = typed.lower().replace(" ", "")
    return [key for key, name in names if any(sound.startswith(typed) for sound in _sounds(name))]


def tree_order(
    parents: Mapping[int, int | None], names: Mapping[int, str]
) -> list[tuple[int, int]]:
    """Keys of a forest with their depth, parents before children, siblings by name."""
    children: dict[int | None, list[int]] = {}
    for key, parent in parents.items():
        children.setdefault(parent if parent in parents else None, []).append(key)
    found: list[tuple[int, int]] = []
    waiting = [
        (key, 0) for key in sorted(children.get(None, ()), key=names.__getitem__, reverse=True)
    ]
    while waiting:
        key, depth = waiting.pop()
        found.append((key, depth))
        below = sorted(children.get(key, ()), key=names.__getitem__, reverse=True)
        waiting.extend((child, depth + 1) for child in below)
    return found

"""What the menu shows; departments register entries in their ``screens.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from dossier.core.access import Actor


@dataclass(frozen=True)
class NavItem:
    """One entry of the menu. ``permission`` ("kind.action") hides it from others; ``key`` is the
    second key of the ``g`` shortcut; ``order`` places it; ``group`` is the heading it stands under."""

    url_name: str
    label: str | Promise
    icon: str
    order: int
    permission: str = ""
    group: str | Promise = ""
    key: str = ""
    prefix: str | tuple[str, ...] = ""  # addresses under it light the entry up; default: its own
    badge: Callable[[Actor], str] | None = None
    shown: Callable[[Actor], bool] | None = None  # where one permission does not tell


@dataclass(frozen=True)
class CreateLink:
    """One entry of the 'New' menu."""

    url_name: str
    label: str | Promise
    icon: str
    order: int
    permission: str


_items: dict[str, NavItem] = {}
_creates: dict[str, CreateLink] = {}


def nav(item: NavItem) -> None:
    """Register a menu entry."""
    _items[item.url_name] = item


def create_link(item: CreateLink) -> None:
    """Register an entry of the 'New' menu."""
    _creates[item.url_name] = item


def nav_items() -> list[NavItem]:
    """All entries in order."""
    return sorted(_items.values(), key=lambda i: i.order)


def create_links() -> list[CreateLink]:
    """All 'New' entries in order."""
    return sorted(_creates.values(), key=lambda i: i.order)

"""Where higher departments add to customers' pages: tabs, search results, tiles of the home page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from dossier.core.access import Actor
from dossier.customers.models import Customer


@dataclass(frozen=True)
class Tab:
    """A part of the customer's page under ``?tab=<key>``.

    ``context`` gives what ``screens/detail.html`` shows there: figures, facts, tables. ``permission``
    ("kind.action") hides it; ``count`` is shown beside the label (empty: nothing).
    """

    key: str
    label: str | Promise
    order: int
    context: Callable[[HttpRequest, Customer], dict[str, Any]]
    permission: str = ""
    count: Callable[[Actor, Customer], str] | None = None


@dataclass(frozen=True)
class SearchSource:
    """A group of the search: ``find(actor, text, most)`` gives up to ``most`` items of the actor's
    reach, each a dict with url, title, hint and perhaps badge and color; ``all_url`` leads to all."""

    key: str
    label: str | Promise
    order: int
    find: Callable[[Actor, str, int], list[dict[str, Any]]]
    permission: str = ""
    all_url: Callable[[str], str] | None = None


@dataclass(frozen=True)
class FirstStep:
    """A step of the page shown while the archive is empty; ``done`` is empty while it is still to do."""

    key: str
    title: str | Promise
    text: str | Promise
    order: int
    url: Callable[[], str]
    permission: str = ""
    done: Callable[[], str] | None = None


@dataclass
class _Registries:
    tabs: dict[str, Tab] = field(default_factory=dict)
    sources: dict[str, SearchSource] = field(default_factory=dict)
    steps: dict[str, FirstStep] = field(default_factory=dict)
    tiles: dict[str, Callable[[Actor], list[dict[str, Any]]]] = field(default_factory=dict)


_all = _Registries()


def register_tab(tab: Tab) -> None:
    """Add a tab to the customer's page."""
    _all.tabs[tab.key] = tab


def register_search(source: SearchSource) -> None:
    """Add a group to the search of everything."""
    _all.sources[source.key] = source


def register_step(step: FirstStep) -> None:
    """Add a step to the page of the empty archive."""
    _all.steps[step.key] = step


def register_tiles(key: str, tiles: Callable[[Actor], list[dict[str, Any]]]) -> None:
    """Add tiles to the home page: label, value, and perhaps url, hint and tone (good, bad)."""
    _all.tiles[key] = tiles


def _allowed(actor: Actor, permission: str) -> bool:
    return not permission or actor.can(*permission.rsplit(".", 1))


def tabs(actor: Actor) -> list[Tab]:
    """The tabs this actor may open, in order."""
    return sorted(
        (t for t in _all.tabs.values() if _allowed(actor, t.permission)), key=lambda t: t.order
    )


def sources(actor: Actor) -> list[SearchSource]:
    """The search groups this actor may use, in order."""
    return sorted(
        (s for s in _all.sources.values() if _allowed(actor, s.permission)), key=lambda s: s.order
    )


def steps(actor: Actor) -> list[FirstStep]:
    """The first steps this actor may take, in order."""
    return sorted(
        (s for s in _all.steps.values() if _allowed(actor, s.permission)), key=lambda s: s.order
    )


def more_tiles(actor: Actor) -> list[dict[str, Any]]:
    """Tiles of higher departments."""
    return [tile for tiles in _all.tiles.values() for tile in tiles(actor)]

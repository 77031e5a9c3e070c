"""Where higher departments add to customers' pages: tabs, search results, tiles of the home page; and the
facts from which a customer's classes are computed, and the checks that open data queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from dossier.core.access import Actor
from dossier.core.fields import Mask
from dossier.customers.models import Customer, ProfileRules, Standing


@dataclass(frozen=True)
class Tab:
    """A part of the customer's page under ``?tab=<key>``.

    ``context`` gives what ``screens/detail.html`` shows there: figures, facts, tables. ``permission``
    ("kind.action") hides it; ``count`` is shown beside the label (empty: nothing).
    ``template`` extends ``screens/detail.html`` where the part has something of its own.
    """

    key: str
    label: str | Promise
    order: int
    context: Callable[[HttpRequest, Customer], dict[str, Any]]
    permission: str = ""
    count: Callable[[Actor, Customer], str] | None = None
    template: str = "screens/detail.html"


@dataclass(frozen=True)
class FactSource:
    """Facts of a department about customers (CUS-8).

    ``sql`` gives one row per customer of ``%(ids)s`` that has any: ``customer_id`` and some columns of
    `rules.classes.Facts`, bound by ``%(since)s`` (the first of the days that weigh) and
    ``%(currency)s``. ``told`` says the same in words for a reader with ``permission`` ("kind.action"):
    items with text and perhaps url.
    """

    key: str
    order: int
    permission: str
    sql: str
    told: Callable[[Actor, Customer, Standing, ProfileRules], list[dict[str, str]]]


@dataclass(frozen=True)
class Check:
    """A check of recorded data that opens data queries and closes them again when it is right (CUS-13).

    ``sql`` gives ``customer_id, field, given, params`` (jsonb) of what is doubtful, bound by
    ``%(ids)s`` (null: all customers), ``%(today)s`` and the columns of `ProfileRules`. ``judge``, where
    given, decides on each row's ``given`` and gives the code of what is wrong, or None. ``again`` lets
    it be asked anew after an answer. ``message`` is the sentence, with ``%(value)s`` and the params.
    """

    code: str
    label: str | Promise
    message: str | Promise
    sql: str
    judge: Callable[[str], str | None] | None = None
    again: bool = False
    mask: Mask | None = None


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
    facts: dict[str, FactSource] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)


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


def register_facts(source: FactSource) -> None:
    """Add facts from which classes are computed."""
    _all.facts[source.key] = source


def register_check(check: Check) -> None:
    """Add a check that opens data queries."""
    _all.checks[check.code] = check


def fact_sources() -> list[FactSource]:
    """All sources of facts, in order."""
    return sorted(_all.facts.values(), key=lambda source: source.order)


def checks() -> list[Check]:
    """All checks, in the order of the layers."""
    return list(_all.checks.values())


def check_of(code: str) -> Check | None:
    """The check that opens questions of this code."""
    return _all.checks.get(code)


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

"""Places as company names carry them: 烟台…, …（沈阳）… (CUS-3)."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

DATA: Final = Path(__file__).resolve().parent / "data"


class Place(NamedTuple):
    """A province (level 1), prefecture (2) or county-level city (3) by one of its names."""

    name: str
    code: str
    level: int


@cache
def load_places() -> dict[str, tuple[Place, ...]]:
    """Places by the first two characters of their name, longest name first."""
    found: dict[str, list[Place]] = {}
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = Place(row["name"], row["code"], int(row["level"]))
            found.setdefault(place.name[:2], []).append(place)
    return {
        start: tuple(sorted(places, key=lambda place: -len(place.name)))
        for start, places in found.items()
    }


def place_named(name: str) -> Place | None:
    """The place that has exactly this name, full or short."""
    for place in load_places().get(name[:2], ()):
        if place.name == name:
            return place
    return None


def leading_place(text: str) -> tuple[Place, int] | None:
    """The deepest place a text begins with and how many characters name it.

    `山东烟台翔辰` gives 烟台 and 4; a lower place counts only where it lies in the one before it.
    """
    found: Place | None = None
    at = 0
    places = load_places()
    while True:
        for place in places.get(text[at : at + 2], ()):
            if text.startswith(place.name, at) and (found is None or _within(place, found)):
                found = place
                at += len(place.name)
                break
        else:
            return (found, at) if found else None


def _within(inner: Place, outer: Place) -> bool:
    significant = outer.code[:2] if outer.level == 1 else outer.code[:4]
    return inner.level > outer.level and inner.code.startswith(significant)

"""Files with known duplicates, made from a seed: persons with slips of the keyboard, companies in disguise."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

GIVEN = (
    "james mary john patricia robert jennifer michael linda william elizabeth david barbara richard susan joseph"
    " jessica thomas sarah charles karen christopher nancy daniel lisa matthew betty anthony margaret mark sandra"
    " emma olivia lachlan joshua kayla jacob isabella harry sophie ella jack mia noah chloe ethan ruby liam grace"
).split()
SURNAMES = (
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson"
    " anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis"
    " robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall"
    " rivera campbell mitchell carter roberts clarke webb ryan white morrison waller berry"
).split()
ROADS = "station church victoria albert mill park george high queen king london north south river bridge hill".split()
FORMS = "street road avenue place crescent circuit close".split()
SUBURBS = (
    "kingston burwood richmond preston ashfield carlton newtown ballina dubbo orange geelong toowoomba cairns"
    " mildura bendigo hobart launceston albury wagga tamworth armidale lismore nowra goulburn bathurst cessnock"
).split()
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Persons(NamedTuple):
    """Rows of ``columns`` and, for each, the number of the person it is."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    person: list[int]


COLUMNS = (
    "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "date_of_birth", "soc_sec_id",
)  # fmt: skip


def persons(
    seed: int,
    *,
    count: int,
    copies: int,
    slips: tuple[int, int],
    household: tuple[int, int] = (1, 1),
    columns: Sequence[str] = COLUMNS,
) -> Persons:
    """``count`` persons living in households of a size between the two given, ``copies`` of them again
    with as many slips (each in any column) as the two given bounds say."""
    draw = random.Random(seed)
    people: list[list[str]] = []
    while len(people) < count:
        home = [
            draw.choice(SURNAMES), str(draw.randint(1, 200)), f"{draw.choice(ROADS)} {draw.choice(FORMS)}",
            draw.choice(SUBURBS), str(draw.randint(2000, 8999)),
        ]  # fmt: skip
        names = draw.sample(GIVEN, draw.randint(*household))
        for given in names:
            born = f"{draw.randint(1920, 2015)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
            people.append([given, *home, born, str(draw.randint(1_000_000, 9_999_999))])
    rows = [(list(row), at) for at, row in enumerate(people)]
    for _ in range(copies):
        at = draw.randrange(len(people))
        row = list(people[at])
        for _slip in range(draw.randint(*slips)):
            column = draw.randrange(len(row))
            row[column] = slip(draw, row[column])
        rows.append((row, at))
    draw.shuffle(rows)
    kept = [COLUMNS.index(name) for name in columns]
    return Persons(
        tuple(columns), [[row[at] for at in kept] for row, _at in rows], [at for _row, at in rows]
    )


def slip(draw: random.Random, text: str) -> str:
    """One mistake: a sign wrong, left out, put in, two changed over, or the cell left empty."""
    if not text:
        return text
    at = draw.randrange(len(text))
    sign = draw.choice("0123456789" if text[at].isdigit() else LETTERS)
    what = draw.random()
    if what < 0.35:
        return text[:at] + sign + text[at + 1 :]
    if what < 0.55:
        return text[:at] + text[at + 1 :]
    if what < 0.75:
        return text[:at] + sign + text[at:]
    if what < 0.92 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return ""


def pairs_of(groups: Iterable[Iterable[int]]) -> set[tuple[int, int]]:
    """All pairs within groups."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def true_pairs(person: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs of rows that are one person."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for position, one in enumerate(person):
        found[one].append(position)
    return pairs_of(found.values())


def quality(ours: set[tuple[int, int]], theirs: set[tuple[int, int]]) -> tuple[float, float, float]:
    """(precision, recall, F1) of pairs."""
    right = len(ours & theirs)
    precision = right / len(ours) if ours else 1.0
    recall = right / len(theirs) if theirs else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall or 1)

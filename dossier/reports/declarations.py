"""What reports are made of, apart from where they are computed: measures, dimensions, a question,
its answer. An engine (PostgreSQL today, a column store later) computes; nothing here knows SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from dossier.core.access import Actor


class MeasureKind(StrEnum):
    """What a figure counts; decides how it is shown."""

    MONEY = "money"
    QUANTITY = "quantity"
    COUNT = "count"
    RATIO = "ratio"


@dataclass(frozen=True)
class Total:
    """The sum of a column over the lines; ``known`` names a column that must not be unknown."""

    column: str
    known: str = ""


@dataclass(frozen=True)
class CountOf:
    """How many lines there are, or how many different values a column has."""

    distinct: str = ""


@dataclass(frozen=True)
class Share:
    """One total divided by another, worked out after summing; nothing where the whole is zero."""

    part: Total
    whole: Total


@dataclass(frozen=True)
class Measure:
    """A figure of a report. ``needs_cost``: only for those who may see cost and profit."""

    key: str
    label: str | Promise
    kind: MeasureKind
    formula: Total | CountOf | Share
    needs_cost: bool = False

    @property
    def adds_up(self) -> bool:
        """Whether the figure of a whole is the sum of the figures of its parts."""
        return isinstance(self.formula, Total) or self.formula == CountOf()


class Source(StrEnum):
    """What a line is grouped by before it is named; an engine knows where each is found."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOMER = "customer"
    SALESPERSON = "salesperson"
    TEAM = "team"
    REGION = "region"
    PRODUCT = "product"
    CLASS = "class"
    FAMILY = "family"
    INDUSTRY = "industry"


@dataclass(frozen=True)
class Member:
    """One group of a dimension: its key for programs, its name for people, what the filter of lines
    chooses it by, and its place among the others where that is given."""

    code: str
    label: str
    choose: str = ""
    place: str = ""


@dataclass(frozen=True)
class Dimension:
    """What figures are split by.

    ``named`` turns raw groups into members; ``merge`` first maps several raw groups to one (regions
    to their territory). ``filter_name`` is the filter of lines that chooses one member; a period of
    time has none and chooses by dates. ``many``: it may have a hundred thousand members.
    """

    key: str
    label: str | Promise
    source: Source
    named: Callable[[Actor, Collection[Any]], Mapping[Any, Member]]
    filter_name: str = ""
    merge: Callable[[], Mapping[Any, Any]] | None = None
    is_time: bool = False
    many: bool = False


@dataclass(frozen=True)
class Question:
    """What is asked: by at most two dimensions, of one currency, from one day to another inclusive.

    ``filters`` are filters of lines by name with their chosen values; ``margins`` asks for the figures
    of each member alone as well. ``most``: of one dimension of many members those with the largest first
    figure are enough, so many of them; an engine may give all.
    """

    by: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    currency: str
    start: date | None = None
    end: date | None = None
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    margins: bool = False
    most: int | None = None


Figures = dict[str, Decimal | None]


@dataclass(frozen=True)
class Cell:
    """The figures of one combination of members."""

    members: tuple[Member, ...]
    figures: Figures


@dataclass(frozen=True)
class Answer:
    """The figures: cells, the totals of all lines (of figures that do not add up computed by themselves), how
    much of the revenue has a known cost, and the moment all of it stood like this.

    ``margins`` are the figures of each member of each dimension alone, as the foot of a table needs
    them where figures do not add up.
    """

    question: Question
    cells: list[Cell]
    totals: Figures
    coverage: Decimal | None
    as_of: datetime
    margins: tuple[dict[str, Figures], ...] = ()
    left_out: int = 0  # cells that are not given because ``Question.most`` was enough

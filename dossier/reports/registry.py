"""Reports: each is one class; page, chart, filters, drill-down, Excel and command follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.catalog.fields import may_see_cost
from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, Refusal
from dossier.reports.access import REPORT
from dossier.reports.declarations import Answer, Dimension, Measure, Question
from dossier.reports.engine import engine


class Report:
    """A report over the order lines. A subclass names its measures, dimensions and first view."""

    key: ClassVar[str]
    title: ClassVar[str | Promise]
    measures: ClassVar[tuple[Measure, ...]]
    dimensions: ClassVar[tuple[Dimension, ...]]
    first_by: ClassVar[tuple[str, ...]]
    first_measures: ClassVar[tuple[str, ...]]

    def measures_for(self, actor: Actor) -> tuple[Measure, ...]:
        """The figures this actor may see."""
        costs = may_see_cost(actor)
        return tuple(measure for measure in self.measures if costs or not measure.needs_cost)

    def measure(self, actor: Actor, key: str) -> Measure:
        """A figure by key; refused when there is none, or when it is not the actor's to see."""
        for measure in self.measures:
            if measure.key == key:
                if measure.needs_cost and not may_see_cost(actor):
                    raise NotAllowed(
                        "not_allowed",
                        _("Your role does not include seeing cost and profit."),
                        field="measures",
                    )
                return measure
        raise _unknown("measures", key, [m.key for m in self.measures_for(actor)])

    def dimension(self, key: str) -> Dimension:
        """A dimension by key."""
        for dimension in self.dimensions:
            if dimension.key == key:
                return dimension
        raise _unknown("by", key, [d.key for d in self.dimensions])

    def question(
        self,
        actor: Actor,
        *,
        by: Sequence[str],
        measures: Sequence[str],
        currency: str,
        start: date | None = None,
        end: date | None = None,
        filters: dict[str, list[str]] | None = None,
        margins: bool = False,
        most: int | None = None,
    ) -> Question:
        """What is asked, checked: one or two different dimensions, one currency."""
        if not 1 <= len(by) <= 2 or len(set(by)) != len(by):
            raise Refusal("bad_by", _("Choose one dimension, or two different ones."), field="by")
        if start is not None and end is not None and start > end:
            raise Refusal("bad_period", _("The period ends before it begins."), field="from")
        chosen = tuple(self.measure(actor, key) for key in dict.fromkeys(measures))
        if not chosen:
            raise Refusal("no_measures", _("Choose at least one figure."), field="measures")
        return Question(
            by=tuple(self.dimension(key) for key in by),
            measures=chosen,
            currency=currency,
            start=start,
            end=end,
            filters=filters or {},
            margins=margins and len(by) == 2,
            most=most,
        )

    def answer(self, actor: Actor, question: Question) -> Answer:
        """The figures, cut to what the actor may see."""
        actor.require(REPORT.key, "view")
        return engine().answer(actor, question)


def _unknown(field: str, key: str, known: list[str]) -> Refusal:
    return Refusal(
        "unknown",
        _("There is no “%(key)s” here. Choose from: %(known)s."),
        field=field,
        params={"key": key[:40], "known": ", ".join(known)},
    )


_reports: dict[str, Report] = {}


def report(cls: type[Report]) -> type[Report]:
    """Register a report (a decorator of its class)."""
    _reports[cls.key] = cls()
    return cls


def reports() -> dict[str, Report]:
    """All reports by key."""
    return _reports


def report_of(key: str) -> Report:
    """A report by key."""
    if key not in _reports:
        raise _unknown("report", key, list(_reports))
    return _reports[key]

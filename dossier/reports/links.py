"""The way from a figure of a report to the lines behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote_plus, urlencode

from django.urls import reverse

from dossier.reports.declarations import Dimension, Member, Question
from dossier.reports.members import span_of


class Links:
    """Addresses of the lines behind figures: those of the report's own filters, narrowed to members.

    A table of a thousand rows has one for each, which several cells share: what all have in common is
    written once.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        parameters: dict[str, Sequence[str]] = {"currency": [question.currency], **question.filters}
        # a member takes the place of the filter it belongs to
        for dimension in question.by:
            parameters.pop(dimension.filter_name, None)
        self.common = f"{reverse('order-lines')}?{urlencode(parameters, doseq=True)}"
        self.made: dict[tuple[Member | None, ...], str] = {}
        self.periods: dict[tuple[date | None, date | None], str] = {}

    def to(self, *members: Member | None) -> str:
        """The lines of a member of each dimension; None where all its members count."""
        if members not in self.made:
            self.made[members] = self._narrowed(members)
        return self.made[members]

    def _narrowed(self, members: tuple[Member | None, ...]) -> str:
        start, end = self.question.start, self.question.end
        parts = [self.common]
        by = self.question.by
        for dimension, member in zip(by, (*members, None, None)[: len(by)], strict=True):
            name = dimension.filter_name
            if member is None:
                chosen = self.question.filters.get(name, ())
                parts += [f"{name}={quote_plus(one)}" for one in chosen]
            elif dimension.is_time:
                low, high = span_of(member)
                start = max(start, low) if start else low
                end = min(end, high) if end else high
            else:
                parts.append(f"{name}={quote_plus(member.choose)}")
        return "&".join(parts) + self._period(start, end)

    def _period(self, start: date | None, end: date | None) -> str:
        """The days as the address says them; a thousand customers share them."""
        if (start, end) not in self.periods:
            days = {"ordered_from": start, "ordered_to": end}
            said = {name: day.isoformat() for name, day in days.items() if day}
            self.periods[start, end] = f"&{urlencode(said)}" if said else ""
        return self.periods[start, end]


def lines_url(question: Question, members: Mapping[Dimension, Member]) -> str:
    """The lines behind a figure of these members."""
    return Links(question).to(*(members.get(dimension) for dimension in question.by))

"""The way from a figure of a report to the lines behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

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

    def to(self, *members: Member | None) -> str:
        """The lines of a member of each dimension; None where all its members count."""
        if members not in self.made:
            self.made[members] = self._narrowed(members)
        return self.made[members]

    def _narrowed(self, members: tuple[Member | None, ...]) -> str:
        start, end = self.question.start, self.question.end
        more: list[tuple[str, str]] = []
        by = self.question.by
        for dimension, member in zip(by, (*members, None, None)[: len(by)], strict=True):
            if member is None:
                chosen = self.question.filters.get(dimension.filter_name, ())
                more += [(dimension.filter_name, one) for one in chosen]
            elif dimension.is_time:
                low, high = span_of(member)
                start = max(start, low) if start else low
                end = min(end, high) if end else high
            else:
                more.append((dimension.filter_name, member.choose))
        if start:
            more.append(("ordered_from", start.isoformat()))
        if end:
            more.append(("ordered_to", end.isoformat()))
        return f"{self.common}&{urlencode(more)}" if more else self.common


def lines_url(question: Question, members: Mapping[Dimension, Member]) -> str:
    """The lines behind a figure of these members."""
    return Links(question).to(*(members.get(dimension) for dimension in question.by))

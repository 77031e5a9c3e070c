"""What is put on record when a report's figures are taken out as a file (AUD-2)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.exports import Said, record_export
from dossier.core.models import Export
from dossier.reports.access import REPORT
from dossier.reports.declarations import Answer
from dossier.reports.registry import Report
from dossier.sales.access import ORDER
from dossier.sales.filters import key_of_value, line_filters


def record_answer(
    *,
    actor: Actor,
    report: Report,
    answer: Answer,
    content: bytes,
    file_name: str,
    file_format: str,
) -> Export:
    """Put the file of an answer on record: what was asked, by which scope it was cut, the file's hash."""
    question = answer.question
    return record_export(
        actor=actor,
        kind=REPORT.key,
        title=report.title,
        content=content,
        file_name=file_name,
        file_format=file_format,
        rows=len(answer.cells),
        columns=[
            *(dimension.label for dimension in question.by),
            *(measure.label for measure in question.measures),
        ],
        said=_said(actor, answer),
        scope=actor.scopes(ORDER.key, "view"),
    )


def _said(actor: Actor, answer: Answer) -> Iterator[Said]:
    """The question in codes: the record is read by people who may not know the customers' names."""
    question = answer.question
    yield Said(_("As of"), [f"{timezone.localtime(answer.as_of):%Y-%m-%d %H:%M:%S}"])
    yield Said(_("Split by"), [dimension.label for dimension in question.by], words=True)
    yield Said(_("Currency"), [question.currency])
    if question.start:
        yield Said(_("Period from"), [question.start.isoformat()])
    if question.end:
        yield Said(_("Period to"), [question.end.isoformat()])
    labels = {item.name: item.label for item in line_filters(actor)}
    for name, values in question.filters.items():
        chosen = [key_of_value(actor, name, value) for value in values if value]
        if chosen:
            yield Said(labels[name], chosen)

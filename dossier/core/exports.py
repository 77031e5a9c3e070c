"""The record of what is taken out of the program as a file (AUD-2): who, when, what, how much, of which hash.

Whoever makes a file for somebody calls ``record_export`` before handing it over; a file that cannot be put
on record is not handed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, ObjectKind, Scope, declare
from dossier.core.errors import NotFound
from dossier.core.models import Export
from dossier.core.services import command

Words = str | Promise

EXPORT = declare(
    ObjectKind(
        key="core.export",
        label=_("the record of exports"),
        actions={"view": _("see")},
        scopes=(Scope.ALL,),
    )
)


@dataclass(frozen=True)
class Said:
    """One thing that was asked for. Values are codes that stand for records, or with ``words`` message ids."""

    label: Words
    values: Sequence[Words]
    words: bool = False


@dataclass(frozen=True)
class FileFacts:
    """What is kept of a file that is too large to hold: its size and hash."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> FileFacts:
        """Of a file in memory."""
        return cls(len(content), hashlib.sha256(content).hexdigest())


def record_export(
    *,
    actor: Actor,
    kind: str,
    title: Words,
    content: bytes | FileFacts,
    file_name: str,
    file_format: str,
    rows: int,
    columns: Iterable[Words],
    said: Iterable[Said] = (),
    scope: Iterable[str] = (),
) -> Export:
    """Put a file on record, as it is handed over: ``rows`` of data under ``columns``."""
    facts = FileFacts.of(content) if isinstance(content, bytes) else content
    with command(actor, why="export"):
        return Export.objects.create(
            account_id=actor.account_id,
            login=actor.login[:150],
            name=actor.name[:150],
            via=actor.via[:20],
            ip=actor.ip[:45],
            kind=kind,
            title=_message_id(title)[:200],
            said=[
                {
                    "label": _message_id(one.label),
                    "values": [_message_id(value) for value in one.values],
                    "words": one.words,
                }
                for one in said
            ],
            scope=sorted(scope),
            columns=[_message_id(column) for column in columns],
            rows=rows,
            file_name=file_name[:255],
            file_format=file_format[:10],
            size=facts.size,
            sha256=facts.sha256,
        )


def exports_seen(actor: Actor) -> QuerySet[Any]:
    """All records for whoever may see them, else one's own."""
    if actor.can(EXPORT.key, "view"):
        return Export.objects.all()
    if actor.account_id is None:
        return Export.objects.none()
    return Export.objects.filter(account_id=actor.account_id)


def export_seen(actor: Actor, pk: int) -> Export:
    """One record, or NotFound."""
    found: Export | None = exports_seen(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return found


def _message_id(words: Words) -> str:
    """The text in no language: of a translatable one its message id."""
    with translation.override(None):
        return str(words)

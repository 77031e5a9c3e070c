"""What every business record has."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Record(models.Model):
    """A business record: numbered versions for stale edits, and when it was made and last changed.

    Who, what and why are in the history. ``history_skip`` names derived columns that the history
    leaves out, ``history_secret`` columns whose value it keeps only as a digest.
    """

    history_skip: tuple[str, ...] = ("version", "created_at", "updated_at")
    history_secret: tuple[str, ...] = ()

    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        abstract = True

"""Files brought in, their rows as typed and maps kept by name (AUD-4)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from dossier.core.base_models import Record


class ImportRun(Record):
    """A file brought in: what it was, how it was read, what came of it (AUD-4)."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        RUNNING = "running", _("being brought in")
        DONE = "done", _("brought in")
        FAILED = "failed", _("not brought in")
        UNDONE = "undone", _("undone")

    history_skip = (*Record.history_skip, "result", "progress_done")

    kind = models.CharField(max_length=30)
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    options = models.JSONField(
        default=dict
    )  # mapping, valid_only, create_missing, unassigned, currency …
    result = models.JSONField(default=dict)  # the JSON of an import, as stated in the manual
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(null=True)
    started_by_id = models.BigIntegerField(null=True)  # account
    started_by = models.CharField(max_length=150)  # login
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-id"], name="import_run_kind")]


class ImportRow(models.Model):
    """One row of a file as it was typed, and what became of it; rows are only ever added.

    ``fingerprint`` and ``ordinal`` know the row again when the file comes a second time.
    """

    class Outcome(models.TextChoices):
        CREATED = "created", _("new")
        UPDATED = "updated", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REJECTED = "rejected", _("refused")

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(
        ImportRun,
        models.DO_NOTHING,
        related_name="rows",
        db_index=False,  # import_row_once begins with it
    )
    row = models.PositiveIntegerField()
    fingerprint = models.BinaryField()
    ordinal = models.PositiveIntegerField()
    cells = models.JSONField()  # as typed
    outcome = models.CharField(max_length=9, choices=Outcome)
    target_table = models.CharField(max_length=63, blank=True)
    target_id = models.BigIntegerField(null=True)
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="import_row_once")]
        indexes = [
            models.Index(fields=["fingerprint", "ordinal"], name="import_row_known"),
            models.Index(fields=["target_table", "target_id"], name="import_row_target"),
        ]


class SavedMapping(Record):
    """A column mapping remembered for files with the same header."""

    kind = models.CharField(max_length=30)
    header_key = models.CharField(max_length=64)  # digest of the normalised header
    mapping = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "header_key"], name="saved_mapping_once")
        ]


class NamedMap(Record):
    """A map kept under a name, to be chosen for later files: its TOML text (AUD-4)."""

    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=80)
    text = models.TextField()
    saved_by = models.CharField(max_length=150)  # login

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="named_map_once")]

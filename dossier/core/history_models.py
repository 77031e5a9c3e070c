"""The history, its seals and what was asked of it (AUD-1, AUD-3)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from dossier.core.base_models import Record


class HistoryTransaction(models.Model):
    """One committed write: who, when, from where, why. Written by triggers alone (AUD-1)."""

    xid = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    context = models.JSONField()
    db_user = models.CharField(max_length=63)
    client = models.CharField(max_length=100)
    digest = models.BinaryField()

    class Meta:
        db_table = "history_transaction"


class HistoryEntry(models.Model):
    """One row's change: I (whole row after), U (changed columns before and after), D (whole before)."""

    id = models.BigAutoField(primary_key=True)
    transaction = models.ForeignKey(
        HistoryTransaction,
        models.DO_NOTHING,
        db_column="xid",
        db_constraint=False,
        db_index=False,  # history_entry_xid begins with it
        related_name="entries",
    )
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=40)
    op = models.CharField(max_length=1)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    digest = models.BinaryField()

    class Meta:
        db_table = "history_entry"
        indexes = [
            models.Index(fields=["table_name", "row_id", "id"], name="history_entry_row"),
            models.Index(fields=["transaction", "id"], name="history_entry_xid"),
        ]


class HistorySeal(models.Model):
    """A batch of finished history entries sealed into the keyed chain; rows are only ever added."""

    id = models.BigIntegerField(primary_key=True)
    from_xid = models.BigIntegerField()
    to_xid = models.BigIntegerField()  # exclusive
    entry_ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()  # 32 bytes per entry, in the order of entry_ids
    transaction_ids = ArrayField(models.BigIntegerField())
    transaction_digests = models.BinaryField()
    previous_mac = models.BinaryField()
    mac = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "history_seal"


class Verification(models.Model):
    """A verification of the history that somebody asked for on the page, and what it found (AUD-1)."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("could not be done")

    asked_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    asked_by_id = models.BigIntegerField(null=True)  # account
    asked_by = models.CharField(max_length=150)  # login
    asked_name = models.CharField(max_length=150, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    as_owner = models.BooleanField()  # read as the database's owner, not as the application's role
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=60, blank=True)  # why it could not be done
    entries = models.BigIntegerField(null=True)
    sealed = models.BigIntegerField(null=True)
    seals = models.BigIntegerField(null=True)
    fault_count = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)


class Redaction(Record):
    """A request to empty values in the history of one record: asked by one person, approved by another (AUD-3).

    Holds none of the values. ``approval`` and ``certificate`` are keyed with the secret of the seals, so that
    whoever has the database but not the key cannot make an approval. ``counts`` says how many values of each
    column were emptied.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waits for approval")
        APPROVED = "approved", _("approved, being carried out")
        REFUSED = "refused", _("refused")
        DONE = "done", _("carried out")

    class Ground(models.TextChoices):
        CONSENT_WITHDRAWN = "consent_withdrawn", _("consent withdrawn")
        PURPOSE_ENDED = "purpose_ended", _("no longer needed for its purpose")
        RETENTION_ENDED = "retention_ended", _("kept for as long as agreed")
        NO_BASIS = "no_basis", _("recorded without a right to it")
        ORDERED = "ordered", _("ordered by an authority or a court")

    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    subject = models.CharField(max_length=40)  # of core.history.subjects
    table = models.CharField(max_length=63)
    row_id = models.CharField(max_length=40)
    columns = ArrayField(models.CharField(max_length=63))
    ground = models.CharField(max_length=20, choices=Ground)
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    asked_by_id = models.BigIntegerField()  # account
    asked_by = models.CharField(max_length=150)  # login
    asked_name = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_name = models.CharField(max_length=150, blank=True)
    decision = models.CharField(max_length=300, blank=True)  # what the second person said to it
    approval = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True)
    entry_count = models.PositiveIntegerField(null=True)
    counts = models.JSONField(default=dict)
    certificate = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by_id__isnull=True)
                | ~models.Q(decided_by_id=models.F("asked_by_id")),
                name="redaction_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(status="waiting", decided_by_id__isnull=True)
                | models.Q(status="refused", decided_by_id__isnull=False)
                | (
                    models.Q(status__in=("approved", "done"), decided_by_id__isnull=False)
                    & ~models.Q(approval="")
                ),
                name="redaction_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="done")
                | (models.Q(done_at__isnull=False) & ~models.Q(certificate="")),
                name="redaction_certified",
            ),
        ]
        indexes = [models.Index(fields=["table", "row_id"], name="redaction_row")]


class RedactedEntry(models.Model):
    """A history entry emptied by a redaction, and the digest of what is left; written by the owner alone (AUD-3)."""

    id = models.BigAutoField(primary_key=True)
    redaction = models.ForeignKey(Redaction, models.DO_NOTHING, related_name="entries")
    entry_id = models.BigIntegerField()
    columns = ArrayField(models.CharField(max_length=63))
    emptied_digest = models.CharField(max_length=64)  # hex; the entry keeps its own digest

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry_id", "redaction"], name="redacted_entry_once")
        ]


class HistoryClock(models.Model):
    """Added to the server's transaction ids, so that a restored database goes on counting upward."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    xid_offset = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "history_clock"

"""Tables that belong to no department: reference data, numbers, history, imports, unmaskings."""

from __future__ import annotations

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


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


class Region(models.Model):
    """An administrative division (GB/T 2260): province, city or district, by six-digit code."""

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=60)
    full_name = models.CharField(max_length=180)
    level = models.PositiveSmallIntegerField()  # 1 province, 2 city, 3 district
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    def __str__(self) -> str:
        return self.full_name


class Industry(models.Model):
    """An industry section or division of GB/T 4754-2017, by code (``I``, ``I65``)."""

    code = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=100)
    level = models.PositiveSmallIntegerField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    def __str__(self) -> str:
        return self.name


class NumberScheme(models.Model):
    """How the numbers of one kind of record are formed, and the highest issued so far (CUS-2)."""

    history_skip = ("highest",)

    key = models.CharField(max_length=40, primary_key=True)
    prefix = models.CharField(max_length=8, blank=True)
    width = models.PositiveSmallIntegerField(default=6)
    longest = models.PositiveSmallIntegerField(default=20)
    highest = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.key


class Submission(models.Model):
    """A form's one-time key: a repeated submission finds what the first one made."""

    key = models.CharField(max_length=64, primary_key=True)
    what = models.CharField(max_length=60)
    login = models.CharField(max_length=150)
    result = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_default=Now())


class ApiAnswer(models.Model):
    """What a write through the API was answered, so that the same request sent again gets it again (SYS-3).

    ``digest`` is of the request; kept for a day.
    """

    token_id = models.BigIntegerField()
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)  # 0: still being worked on
    body = models.BinaryField(default=bytes)
    location = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_id", "key"], name="api_answer_once")]
        indexes = [models.Index(fields=["at"], name="api_answer_at")]


class Unmasking(models.Model):
    """A masked value was shown to somebody (ORG-4); rows are only ever added."""

    at = models.DateTimeField(auto_now_add=True, db_default=Now())
    account_id = models.BigIntegerField(null=True)
    login = models.CharField(max_length=150)
    ip = models.CharField(max_length=45, blank=True)
    table = models.CharField(max_length=63)
    row_id = models.CharField(max_length=40)
    field = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["table", "row_id"], name="unmasking_row")]


class Export(models.Model):
    """Data taken out of the program as a file (AUD-2); rows are only ever added.

    Words in ``title``, ``columns`` and ``said`` are message ids, shown in the language of whoever reads
    the record. ``said`` is what was asked for: ``[{"label", "value", "words"}]``, in codes, never names of
    customers. ``scope`` holds the scopes by which the rows were cut.
    """

    at = models.DateTimeField(auto_now_add=True, db_default=Now())
    account_id = models.BigIntegerField(null=True)
    login = models.CharField(max_length=150)
    name = models.CharField(max_length=150, blank=True)
    via = models.CharField(max_length=20, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    kind = models.CharField(max_length=60)  # of core.access
    title = models.CharField(max_length=200)
    said = models.JSONField(default=list)
    scope = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    rows = models.PositiveBigIntegerField()
    file_name = models.CharField(max_length=255)
    file_format = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["at", "id"], name="export_at"),
            models.Index(fields=["account_id", "at"], name="export_account"),
        ]


class ExportFile(models.Model):
    """The file of a long list on its way to whoever asked for it, for a day (AUD-2)."""

    class Status(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waiting")
        WORKING = "working", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        GONE = "gone", _("no longer kept")

    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    account_id = models.BigIntegerField(null=True)
    login = models.CharField(max_length=150)
    list_key = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    form = models.CharField(max_length=20)
    file_format = models.CharField(max_length=10)
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.WAITING)
    rows_done = models.PositiveBigIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    stored_as = models.CharField(max_length=64, blank=True)
    export = models.ForeignKey(Export, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["account_id", "created_at"], name="export_file_account")]


class SavedView(Record):
    """A list as somebody likes it: filters, sort and columns under a name (CUS-4).

    ``account_id`` is whose it is; a shared one is seen by everybody who may open the list, each with
    the rows of their own reach.
    """

    list_key = models.CharField(max_length=60)
    account_id = models.BigIntegerField()
    owner_name = models.CharField(max_length=150, blank=True)
    name = models.CharField(max_length=40, verbose_name=_("name"))
    query = models.TextField(blank=True)
    is_pinned = models.BooleanField(default=False, verbose_name=_("stands above the list"))
    is_shared = models.BooleanField(default=False, verbose_name=_("shared with everybody"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "list_key", "name"], name="saved_view_name"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_named"),
        ]
        indexes = [models.Index(fields=["list_key"], name="saved_view_list")]

    def __str__(self) -> str:
        return self.name


class BulkEdit(models.Model):
    """One value given to many records at once; what each had before is kept, so that it can be undone."""

    at = models.DateTimeField(auto_now_add=True, db_default=Now())
    account_id = models.BigIntegerField(null=True)
    login = models.CharField(max_length=150)
    name = models.CharField(max_length=150, blank=True)
    list_key = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    value = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=200)
    changed = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True)
    undone = models.PositiveIntegerField(default=0)
    not_undone = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["account_id", "at"], name="bulk_edit_account")]


class BulkEditRow(models.Model):
    """A record a bulk edit changed: the value before and after, as a form has it."""

    edit = models.ForeignKey(BulkEdit, models.PROTECT, related_name="rows")
    row_id = models.BigIntegerField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edit", "row_id"], name="bulk_edit_row")]


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


class Restoration(models.Model):
    """The database was brought back from a backup (SYS): from which, and what of the history it left behind.

    Written by the restore itself as the owner; the program only reads. Its line is in the history's heads too,
    so that a restore neither looks like tampering nor can be kept quiet.
    """

    at = models.DateTimeField(auto_now_add=True, db_default=Now())
    backup_id = models.CharField(max_length=32)
    backup_made_at = models.DateTimeField()
    backup_sha256 = models.CharField(max_length=64)
    program = models.CharField(max_length=40)  # version that made the backup
    restored_by = models.CharField(max_length=150)  # login
    kept_seal = models.BigIntegerField()  # the backup's last seal; 0: none
    kept_mac = models.CharField(max_length=64, blank=True)
    seen_seal = (
        models.BigIntegerField()
    )  # the last seal known here before; above kept_seal: left behind
    signed = models.BooleanField()  # False: restored without the key it was made with


class BackupRun(models.Model):
    """A backup that was made, or failed (SYS); rows are only ever added."""

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    scheduled = models.BooleanField()
    asked_by = models.CharField(max_length=150)  # login
    problem = models.CharField(max_length=60, blank=True)  # a refusal's code; empty: it was made
    detail = models.CharField(max_length=700, blank=True)
    path = models.CharField(max_length=700)
    size = models.BigIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(default=0)
    files = models.BigIntegerField(default=0)
    encrypted = models.BooleanField(default=False)
    checked = models.BooleanField(default=False)  # read again and found whole

    class Meta:
        indexes = [models.Index(fields=["-began_at"], name="backup_run_began")]


class BackupPlan(Record):
    """When backups are made and how long they are kept; one row, and none means what stands here (SYS)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    enabled = models.BooleanField(default=True, db_default=True)
    at = models.TimeField(default=time(2, 30))  # of the company's time zone
    keep_daily = models.PositiveSmallIntegerField(default=7)
    keep_weekly = models.PositiveSmallIntegerField(default=4)
    keep_monthly = models.PositiveSmallIntegerField(default=12)
    check_after = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="backup_plan_once"),
            models.CheckConstraint(
                condition=models.Q(
                    keep_daily__range=(1, 365),
                    keep_weekly__range=(0, 520),
                    keep_monthly__range=(0, 240),
                ),
                name="backup_plan_keeps",
            ),
        ]


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

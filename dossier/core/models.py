"""Tables that belong to no department. Those of history, imports and backups lie in modules beside."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from dossier.core.backup_models import (
    BackupPlan,
    BackupRun,
    Restoration,
)
from dossier.core.base_models import (
    Record,
)
from dossier.core.history_models import (
    HistoryClock,
    HistoryEntry,
    HistorySeal,
    HistoryTransaction,
    RedactedEntry,
    Redaction,
    Verification,
)
from dossier.core.import_models import (
    ImportRow,
    ImportRun,
    NamedMap,
    SavedMapping,
)

__all__ = [
    "ApiAnswer",
    "BackupPlan",
    "BackupRun",
    "BulkEdit",
    "BulkEditRow",
    "Export",
    "ExportFile",
    "HistoryClock",
    "HistoryEntry",
    "HistorySeal",
    "HistoryTransaction",
    "ImportRow",
    "ImportRun",
    "Industry",
    "NamedMap",
    "NumberScheme",
    "Record",
    "RedactedEntry",
    "Redaction",
    "Region",
    "Restoration",
    "SavedMapping",
    "SavedView",
    "Submission",
    "Unmasking",
    "Verification",
]


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

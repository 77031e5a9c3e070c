"""What is kept about possible duplicates: keys to find them by, pairs, and what was told outside a scope (CUS-3)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossier.core.models import Record


class PairStatus(models.TextChoices):
    """What became of a possible duplicate."""

    OPEN = "open", pgettext_lazy("a pair of customers", "To decide")
    DISTINCT = "distinct", _("Not a duplicate")
    MERGED = "merged", _("Merged")
    GONE = "gone", _("No longer alike")


class FoundBy(models.TextChoices):
    """What noticed a possible duplicate."""

    IMPORT = "import", _("Import")
    SAVE = "save", _("When saving")
    SEARCH = "search", _("Search through all files")


class DuplicateKeys(models.Model):
    """The keys of one customer (`rules.duplicate_keys`), derived like its search text and so outside the history.

    ``searched``: whether the archive was searched for others since the keys changed. The database
    removes the row with its customer.
    """

    customer = models.OneToOneField(
        "customers.Customer",
        models.CASCADE,
        primary_key=True,
        related_name="+",
        db_constraint=False,
    )
    keys = ArrayField(models.IntegerField())
    searched = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            GinIndex(fields=["keys"], name="duplicate_keys"),
            models.Index(
                fields=["customer"], name="duplicate_keys_unsearched", condition=Q(searched=False)
            ),
        ]


class DuplicatePair(Record):
    """Two customers that may be one, the one entered first as ``first``.

    ``score`` from 0 to 1 and ``reasons`` (words of `duplicate_words`) are of the last time they were
    compared. The database removes a pair with either customer.
    """

    history_skip = (*Record.history_skip,)

    first = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    second = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="+", db_constraint=False
    )
    score = models.DecimalField(max_digits=4, decimal_places=3)
    reasons = ArrayField(models.CharField(max_length=30))
    found_by = models.CharField(max_length=10, choices=FoundBy)
    import_run_id = models.BigIntegerField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=PairStatus, default=PairStatus.OPEN)
    decision = models.CharField(_("reason"), max_length=200, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_order"),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="duplicate_pair_score"
            ),
            models.CheckConstraint(
                condition=~Q(status=PairStatus.DISTINCT)
                | (~Q(decision="") & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="duplicate_pair_decided",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-score", "id"], name="duplicate_pair_open", condition=Q(status="open")
            ),
        ]


class DuplicateNotice(models.Model):
    """Somebody was told that a customer outside his reach exists; rows are only ever added.

    ``customer_id`` says which one, for who looks into it later; the person was not told.
    """

    at = models.DateTimeField(auto_now_add=True, db_default=Now())
    account_id = models.BigIntegerField(null=True)
    login = models.CharField(max_length=150)
    ip = models.CharField(max_length=45, blank=True)
    via = models.CharField(max_length=10)  # typing, save, import
    customer_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["login", "at"], name="duplicate_notice_login")]


class DuplicateAsking(models.Model):
    """How often a person asked about customers outside his reach, by the hour."""

    login = models.CharField(max_length=150)
    hour = models.DateTimeField()
    asked = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["login", "hour"], name="duplicate_asking_once")
        ]

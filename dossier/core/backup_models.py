"""Backups that were made, when the next is due, and restores (SYS)."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models.functions import Now

from dossier.core.base_models import Record


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

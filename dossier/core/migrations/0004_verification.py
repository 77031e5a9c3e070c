"""Verifications of the history asked for on the page, and what they found (AUD-1)."""

import django.db.models.functions.datetime
from django.db import migrations, models

STATUSES = [
    ("waiting", "waiting"),
    ("running", "running"),
    ("done", "done"),
    ("failed", "could not be done"),
]


class Migration(migrations.Migration):
    dependencies = [("core", "0003_export")]

    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        auto_now_add=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("asked_by_id", models.BigIntegerField(null=True)),
                ("asked_by", models.CharField(max_length=150)),
                ("asked_name", models.CharField(blank=True, max_length=150)),
                ("ip", models.CharField(blank=True, max_length=45)),
                ("as_owner", models.BooleanField()),
                (
                    "status",
                    models.CharField(choices=STATUSES, default="waiting", max_length=10),
                ),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=60)),
                ("entries", models.BigIntegerField(null=True)),
                ("sealed", models.BigIntegerField(null=True)),
                ("seals", models.BigIntegerField(null=True)),
                ("fault_count", models.PositiveIntegerField(default=0)),
                ("faults", models.JSONField(default=list)),
            ],
        ),
    ]

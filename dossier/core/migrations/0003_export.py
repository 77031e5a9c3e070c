"""The record of what was taken out as a file (AUD-2)."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_named_map")]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        auto_now_add=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("account_id", models.BigIntegerField(null=True)),
                ("login", models.CharField(max_length=150)),
                ("name", models.CharField(blank=True, max_length=150)),
                ("via", models.CharField(blank=True, max_length=20)),
                ("ip", models.CharField(blank=True, max_length=45)),
                ("kind", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=200)),
                ("said", models.JSONField(default=list)),
                ("scope", models.JSONField(default=list)),
                ("columns", models.JSONField(default=list)),
                ("rows", models.PositiveBigIntegerField()),
                ("file_name", models.CharField(max_length=255)),
                ("file_format", models.CharField(max_length=10)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at", "id"], name="export_at"),
                    models.Index(fields=["account_id", "at"], name="export_account"),
                ],
            },
        ),
    ]

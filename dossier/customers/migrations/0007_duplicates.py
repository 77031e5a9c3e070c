"""Possible duplicates: keys to find them by, pairs, and what was told about customers outside a reach (CUS-3)."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

CASCADE = """
ALTER TABLE customers_duplicatekeys ADD CONSTRAINT duplicate_keys_customer
    FOREIGN KEY (customer_id) REFERENCES customers_customer (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE customers_duplicatepair ADD CONSTRAINT duplicate_pair_first
    FOREIGN KEY (first_id) REFERENCES customers_customer (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE customers_duplicatepair ADD CONSTRAINT duplicate_pair_second
    FOREIGN KEY (second_id) REFERENCES customers_customer (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0006_search_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="DuplicateAsking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("login", models.CharField(max_length=150)),
                ("hour", models.DateTimeField()),
                ("asked", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("login", "hour"), name="duplicate_asking_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicateKeys",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
                ("searched", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["keys"], name="duplicate_keys"
                    ),
                    models.Index(
                        condition=models.Q(("searched", False)),
                        fields=["customer"],
                        name="duplicate_keys_unsearched",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicateNotice",
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
                ("ip", models.CharField(blank=True, max_length=45)),
                ("via", models.CharField(max_length=10)),
                ("customer_id", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["login", "at"], name="duplicate_notice_login")],
            },
        ),
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("score", models.DecimalField(decimal_places=3, max_digits=4)),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), size=None
                    ),
                ),
                (
                    "found_by",
                    models.CharField(
                        choices=[
                            ("import", "Import"),
                            ("save", "When saving"),
                            ("search", "Search through all files"),
                        ],
                        max_length=10,
                    ),
                ),
                ("import_run_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "To decide"),
                            ("distinct", "Not a duplicate"),
                            ("merged", "Merged"),
                            ("gone", "No longer alike"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("decision", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("decided_by", models.CharField(blank=True, max_length=150)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "first",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "open")),
                        fields=["-score", "id"],
                        name="duplicate_pair_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="duplicate_pair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="duplicate_pair_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__gte", 0), ("score__lte", 1)),
                        name="duplicate_pair_score",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "distinct"), _negated=True),
                            models.Q(
                                models.Q(("decision", ""), _negated=True),
                                models.Q(("decided_by", ""), _negated=True),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="duplicate_pair_decided",
                    ),
                ],
            },
        ),
        migrations.RunSQL(CASCADE, migrations.RunSQL.noop),
    ]

"""Computed standing, completeness rules, notes, and questions that are addressed and due (CUS-8, 9, 13, 14, 18).

Triggers open the standing of each new customer and mark those whose facts change, whoever writes and
however many rows at once; services and the job compute.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

BEFORE = """
SELECT set_config(
    'dossier.context',
    '{"login": "system:migration", "via": "migration", "why": "customers 0005_standing_and_notes"}',
    true
);
-- Of the same question asked several times the first one stays open.
UPDATE customers_question q SET status = 'void', answer = 'asked already', closed_at = now(),
       version = version + 1
WHERE q.status = 'open' AND EXISTS (
    SELECT 1 FROM customers_question o
    WHERE o.status = 'open' AND o.id < q.id AND o.customer_id = q.customer_id AND o.field = q.field
      AND o.code = q.code AND o.given = q.given);
UPDATE customers_question SET closed_at = updated_at WHERE status <> 'open' AND closed_at IS NULL;
UPDATE customers_question SET closed_at = NULL WHERE status = 'open' AND closed_at IS NOT NULL;
"""

AFTER = """
UPDATE customers_customer SET ended_on = (archived_at AT TIME ZONE 'Asia/Shanghai')::date
WHERE status = 'archived' AND archived_at IS NOT NULL;
"""

STANDING = """
ALTER TABLE customers_standing ADD CONSTRAINT standing_of_a_customer
    FOREIGN KEY (customer_id) REFERENCES customers_customer (id) ON DELETE CASCADE;
ALTER TABLE customers_ownersum ADD CONSTRAINT owner_sum_of_an_employee
    FOREIGN KEY (owner_id) REFERENCES people_employee (id) ON DELETE CASCADE;

CREATE FUNCTION customers_standing_open() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO customers_standing (customer_id) SELECT id FROM new_rows ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION customers_standing_mark_customer() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO customers_standingmark (customer_id) SELECT id FROM new_rows;
    RETURN NULL;
END $$;

-- Rows that have not been computed at all need no mark.
CREATE FUNCTION customers_standing_mark_new() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO customers_standingmark (customer_id)
    SELECT DISTINCT r.customer_id FROM new_rows r
    JOIN customers_standing s ON s.customer_id = r.customer_id AND s.computed_at IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION customers_standing_mark_old() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO customers_standingmark (customer_id)
    SELECT DISTINCT r.customer_id FROM old_rows r
    JOIN customers_standing s ON s.customer_id = r.customer_id AND s.computed_at IS NOT NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER standing_open AFTER INSERT ON customers_customer REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION customers_standing_open();
CREATE TRIGGER standing_mark AFTER UPDATE ON customers_customer REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION customers_standing_mark_customer();
INSERT INTO customers_standing (customer_id) SELECT id FROM customers_customer ON CONFLICT DO NOTHING;
"""


def marks(table: str) -> str:
    """The triggers of a table whose rows belong to a customer."""
    return "".join(
        f"CREATE TRIGGER standing_mark_{name} AFTER {event} ON {table} REFERENCING {kind} TABLE AS"
        f" {kind.lower()}_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_standing_mark_{kind.lower()}();\n"
        for name, event, kind in (
            ("new", "INSERT", "NEW"),
            ("changed", "UPDATE", "NEW"),
            ("moved", "UPDATE", "OLD"),
            ("gone", "DELETE", "OLD"),
        )
    )


MARKS = marks("customers_contact") + marks("customers_bankaccount") + marks("customers_note")


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_verification"),
        ("customers", "0004_numbers_are_numbers"),
        ("people", "0004_exports_right"),
    ]

    operations = [
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="CompletenessRule",
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
                ("item", models.CharField(max_length=40, unique=True)),
                ("weight", models.PositiveSmallIntegerField()),
                (
                    "lowest_grade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("A", "Grade A"),
                            ("A1", "Grade A1"),
                            ("B", "Grade B"),
                            ("B1", "Grade B1"),
                            ("C", "Grade C"),
                        ],
                        max_length=2,
                    ),
                ),
                (
                    "supplier",
                    models.CharField(
                        choices=[
                            ("owner", "The owner"),
                            ("keeper", "The customer-information administrator"),
                            ("finance", "Finance"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("need", "Need"),
                            ("preference", "Preference"),
                            ("tendency", "Purchase tendency"),
                            ("wish", "Special wish"),
                            ("intention", "Intention"),
                            ("project", "Cooperation project"),
                            ("market", "Market area"),
                            ("ideas", "Management ideas"),
                            ("methods", "Management methods"),
                            ("policy", "Business policy"),
                            ("staff", "Staff: number, age, quality, attitude"),
                            ("sales", "Sales ability"),
                            ("potential", "Development potential"),
                            ("local", "Local policy for large customers"),
                            ("terms", "Transaction conditions"),
                            ("problem", "Existing problem"),
                            ("competitor", "Bought from a competitor"),
                            ("care", "Gift or other care"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(verbose_name="what is known")),
                ("noted_on", models.DateField(verbose_name="date")),
                (
                    "party",
                    models.CharField(
                        blank=True, max_length=100, verbose_name="competitor, partner or recipient"
                    ),
                ),
                ("product", models.CharField(blank=True, max_length=100, verbose_name="product")),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=18,
                        null=True,
                        verbose_name="quantity",
                    ),
                ),
                (
                    "price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=18,
                        null=True,
                        verbose_name="their unit price",
                    ),
                ),
                (
                    "our_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=18,
                        null=True,
                        verbose_name="our unit price",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=20,
                        null=True,
                        verbose_name="amount or value",
                    ),
                ),
                (
                    "ended_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="done, or no longer so, since"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OwnerSum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("customers", models.IntegerField()),
                ("total", models.BigIntegerField()),
                ("below", models.IntegerField()),
                ("overdue", models.IntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ProfileRules",
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
                (
                    "new_days",
                    models.PositiveIntegerField(default=180, verbose_name="new for so many days"),
                ),
                (
                    "former_days",
                    models.PositiveIntegerField(
                        default=365, verbose_name="former after so many days"
                    ),
                ),
                (
                    "active_days",
                    models.PositiveIntegerField(
                        default=90, verbose_name="in progress for so many days"
                    ),
                ),
                (
                    "opening_days",
                    models.PositiveIntegerField(
                        default=180, verbose_name="an intention holds for so many days"
                    ),
                ),
                (
                    "weight_days",
                    models.PositiveIntegerField(default=365, verbose_name="days that weigh"),
                ),
                (
                    "key_amount",
                    models.DecimalField(
                        decimal_places=2,
                        default=100000,
                        max_digits=16,
                        verbose_name="a key customer buys for at least",
                    ),
                ),
                (
                    "general_orders",
                    models.PositiveIntegerField(
                        default=3, verbose_name="a general customer orders at least"
                    ),
                ),
                (
                    "late_share",
                    models.PositiveIntegerField(
                        default=20, verbose_name="late receipts of class A at most"
                    ),
                ),
                (
                    "arrears_days",
                    models.PositiveIntegerField(
                        default=90, verbose_name="days in arrears of class C"
                    ),
                ),
                (
                    "answer_days",
                    models.PositiveIntegerField(
                        default=14, verbose_name="days to answer a question"
                    ),
                ),
                (
                    "stale_days",
                    models.PositiveIntegerField(
                        default=365, verbose_name="a profile is stale after"
                    ),
                ),
                (
                    "shared_phones",
                    models.PositiveIntegerField(
                        default=3, verbose_name="customers on one telephone"
                    ),
                ),
                (
                    "low_score",
                    models.PositiveIntegerField(
                        default=60, verbose_name="completeness is low below"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                (
                    "time_class",
                    models.CharField(
                        choices=[
                            ("existing", "Existing customer"),
                            ("new", "New customer"),
                            ("prospective", "Prospective customer"),
                            ("former", "Former customer"),
                        ],
                        db_default="",
                        max_length=12,
                    ),
                ),
                (
                    "transaction_state",
                    models.CharField(
                        choices=[
                            ("running", "In progress"),
                            ("starting", "About to start"),
                            ("past", "Past"),
                        ],
                        db_default="",
                        max_length=12,
                    ),
                ),
                (
                    "weight",
                    models.CharField(
                        choices=[
                            ("key", "Key customer"),
                            ("general", "General customer"),
                            ("occasional", "Occasional customer"),
                        ],
                        db_default="",
                        max_length=12,
                    ),
                ),
                (
                    "credit_class",
                    models.CharField(
                        choices=[
                            ("A", "A: pays cash or on time"),
                            ("B", "B: pays when chased"),
                            ("C", "C: in arrears, hard to collect"),
                        ],
                        db_default="",
                        max_length=1,
                    ),
                ),
                ("completeness", models.SmallIntegerField(db_default=0)),
                (
                    "missing",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), db_default=[], size=None
                    ),
                ),
                ("orders", models.IntegerField(db_default=0)),
                ("first_on", models.DateField(null=True)),
                ("last_on", models.DateField(null=True)),
                ("recent_orders", models.IntegerField(db_default=0)),
                (
                    "recent_amount",
                    models.DecimalField(db_default=0, decimal_places=2, max_digits=20),
                ),
                ("openings", models.IntegerField(db_default=0)),
                ("opened_on", models.DateField(null=True)),
                ("receipts", models.IntegerField(db_default=0)),
                ("late_receipts", models.IntegerField(db_default=0)),
                ("overdue_days", models.IntegerField(db_default=0)),
                ("as_of", models.DateField(null=True)),
                ("computed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="StandingMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("customer_id", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="customer",
            name="ended_by",
            field=models.CharField(blank=True, default="", max_length=100, verbose_name="ended by"),
        ),
        migrations.AddField(
            model_name="customer",
            name="ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="relationship ended on"),
        ),
        migrations.AddField(
            model_name="question",
            name="answer_source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("customer", "The customer said so"),
                    ("visit", "Seen on a visit"),
                    ("document", "A document"),
                    ("register", "A public register"),
                    ("web", "The web"),
                    ("colleague", "A colleague"),
                    ("other", "Another source"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="asked_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="questions",
                to="people.employee",
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="due_on",
            field=models.DateField(
                db_default=django.db.models.expressions.RawSQL("(CURRENT_DATE + 14)", [])
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="origin",
            field=models.CharField(
                choices=[
                    ("import", "An import"),
                    ("edit", "An entry on the pages"),
                    ("check", "The nightly check"),
                ],
                db_default="import",
                default="edit",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="question",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("answered", "Answered"),
                    ("accepted", "Accepted as it is"),
                    ("void", "Withdrawn"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="question",
            index=models.Index(
                condition=models.Q(("asked_of__isnull", False), ("status", "open")),
                fields=["asked_of"],
                name="question_asked_of",
            ),
        ),
        migrations.AddIndex(
            model_name="question",
            index=models.Index(
                condition=models.Q(("status", "open")), fields=["due_on", "id"], name="question_due"
            ),
        ),
        migrations.RunSQL(AFTER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_by", ""), ("ended_on__isnull", True)),
                    ("status", "archived"),
                    _connector="OR",
                ),
                name="customer_ended_is_archived",
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("customer", "field", "code", "given"),
                name="question_asked_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("status", "open")),
                    models.Q(
                        models.Q(("status", "open"), _negated=True), ("closed_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="question_closed_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="completenessrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__lte", 10)), name="completeness_weight"
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notes",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="noted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.employee",
                verbose_name="noted by",
            ),
        ),
        migrations.AddField(
            model_name="ownersum",
            name="owner",
            field=models.OneToOneField(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="people.employee",
            ),
        ),
        migrations.AddConstraint(
            model_name="profilerules",
            constraint=models.CheckConstraint(
                condition=models.Q(("pk", 1)), name="profile_rules_one_row"
            ),
        ),
        migrations.AddConstraint(
            model_name="profilerules",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("active_days__range", (1, 3650)),
                    ("answer_days__range", (1, 365)),
                    ("arrears_days__range", (1, 3650)),
                    ("former_days__range", (1, 3650)),
                    ("general_orders__range", (1, 1000)),
                    ("key_amount__gte", 0),
                    ("key_amount__lt", 100000000000000),
                    ("late_share__lte", 100),
                    ("low_score__lte", 100),
                    ("new_days__range", (1, 3650)),
                    ("opening_days__range", (1, 3650)),
                    ("shared_phones__range", (2, 1000)),
                    ("stale_days__range", (1, 3650)),
                    ("weight_days__range", (1, 3650)),
                ),
                name="profile_rules_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="profilerules",
            constraint=models.CheckConstraint(
                condition=models.Q(("active_days__lte", models.F("former_days"))),
                name="profile_rules_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["completeness", "customer"], name="standing_complete"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["time_class", "customer"], name="standing_time"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                fields=["transaction_state", "customer"], name="standing_transaction"
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["weight", "customer"], name="standing_weight"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["credit_class", "customer"], name="standing_credit"),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("computed_at__isnull", True)),
                fields=["customer"],
                name="standing_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.CheckConstraint(
                condition=models.Q(("completeness__gte", 0), ("completeness__lte", 100)),
                name="standing_completeness",
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["customer", "-noted_on", "-id"], name="note_customer_day"),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(
                condition=models.Q(
                    ("ended_on__isnull", True), ("kind__in", ("intention", "project"))
                ),
                fields=["customer", "noted_on"],
                name="note_opening",
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="note_text_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_on__isnull", True),
                    ("ended_on__gte", models.F("noted_on")),
                    _connector="OR",
                ),
                name="note_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("quantity__isnull", True),
                        models.Q(("quantity__gte", 0), ("quantity__lt", 100000000000000)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("price__isnull", True),
                        models.Q(("price__gte", 0), ("price__lt", 100000000000000)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("our_price__isnull", True),
                        models.Q(("our_price__gte", 0), ("our_price__lt", 100000000000000)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        models.Q(("amount__gte", 0), ("amount__lt", 100000000000000)),
                        _connector="OR",
                    ),
                ),
                name="note_numbers",
            ),
        ),
        migrations.RunSQL(STANDING, migrations.RunSQL.noop),
        migrations.RunSQL(MARKS, migrations.RunSQL.noop),
    ]

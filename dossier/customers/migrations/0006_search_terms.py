"""Customers are found by short pieces of their texts and sounds, and every order of lists has an index."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models.functions import Coalesce, Collate, Left

_AT_ONCE = 2000
_CONTEXT = '{"login": "system:migration", "via": "migration", "why": "customers 0006_search_terms"}'
_STORE = """
UPDATE customers_customer c SET search_text = s.text, search_terms = s.terms::integer[],
       guarded_numbers = s.numbers::text[]
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS s (id, text, terms, numbers)
WHERE s.id = c.id
"""


def fill(apps, schema_editor):
    """Derive the new columns of the customers there are, a few thousand at a time."""
    from dossier.customers.derived import ContactFacts, derive

    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('dossier.context', %s, true)", [_CONTEXT])
        last = 0
        while True:
            cursor.execute(
                "SELECT id, name, short_name, code, phone FROM customers_customer"
                " WHERE id > %s ORDER BY id LIMIT %s",
                [last, _AT_ONCE],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            ids = [row[0] for row in rows]
            last = ids[-1]
            people, aliases = defaultdict(list), defaultdict(list)
            cursor.execute(
                "SELECT customer_id, name, phone, mobile, is_main FROM customers_contact"
                " WHERE customer_id = ANY(%s) AND is_active ORDER BY id",
                [ids],
            )
            for customer, *facts in cursor.fetchall():
                people[customer].append(ContactFacts(*facts))
            cursor.execute(
                "SELECT customer_id, code FROM customers_customeralias"
                " WHERE customer_id = ANY(%s) ORDER BY id",
                [ids],
            )
            for customer, code in cursor.fetchall():
                aliases[customer].append(code)
            made = [
                derive(
                    name=name,
                    short_name=short_name,
                    code=code,
                    phone=phone,
                    contacts=people[pk],
                    alias_codes=aliases[pk],
                )
                for pk, name, short_name, code, phone in rows
            ]
            cursor.execute(
                _STORE,
                [
                    ids,
                    [one.search_text for one in made],
                    ["{" + ",".join(map(str, one.search_terms)) + "}" for one in made],
                    ["{" + ",".join(one.guarded_numbers) + "}" for one in made],
                ],
            )


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_standing_and_notes")]

    operations = [
        migrations.AddField(
            "customer",
            "search_terms",
            django.contrib.postgres.fields.ArrayField(
                models.IntegerField(), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.AddField(
            "customer",
            "guarded_numbers",
            django.contrib.postgres.fields.ArrayField(
                models.TextField(), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.RemoveIndex("customer", "customer_search"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "customer",
            django.contrib.postgres.indexes.GinIndex(
                fields=["search_terms"], name="customer_terms", gin_pending_list_limit=512
            ),
        ),
        migrations.AddIndex(
            "customer",
            django.contrib.postgres.indexes.GinIndex(
                fields=["guarded_numbers"], name="customer_guarded", fastupdate=False
            ),
        ),
        migrations.AddIndex(
            "customer",
            models.Index(Collate(Left("pinyin", 12), "C"), "id", name="customer_sound"),
        ),
        migrations.AddIndex(
            "customer",
            models.Index(
                Collate(
                    Left(
                        models.Func(
                            models.F("pinyin"),
                            models.Value(" "),
                            models.Value(2),
                            function="split_part",
                        ),
                        8,
                        output_field=models.TextField(),
                    ),
                    "C",
                ),
                "id",
                name="customer_initials",
            ),
        ),
        migrations.RemoveIndex("customer", "customer_filed"),
        *(
            migrations.AddIndex(
                "customer",
                models.Index(
                    Coalesce(column, models.Value(unknown)), "id", name=f"customer_by_{column}"[:30]
                ),
            )
            for column, unknown in (
                ("registered_capital", Decimal(-1)),
                ("founded_on", date(1, 1, 1)),
                ("employee_count", -1),
                ("credit_limit", Decimal(-1)),
                ("filed_on", date(1, 1, 1)),
                ("first_contact_on", date(1, 1, 1)),
                ("first_deal_on", date(1, 1, 1)),
            )
        ),
        # which pieces are frequent decides how a search is answered: know a few thousand of them
        migrations.RunSQL(
            "ALTER TABLE customers_customer ALTER search_terms SET STATISTICS 300,"
            " ALTER owner_id SET STATISTICS 1000",
            "ALTER TABLE customers_customer ALTER search_terms SET STATISTICS -1,"
            " ALTER owner_id SET STATISTICS -1",
        ),
    ]

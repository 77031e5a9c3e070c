"""Products are found by short pieces of their texts and sounds; those there are get theirs."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

_CONTEXT = '{"login": "system:migration", "via": "migration", "why": "catalog 0003_search_terms"}'
_STORE = """
UPDATE catalog_product p SET search_text = s.text, search_terms = s.terms::integer[]
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS s (id, text, terms) WHERE s.id = p.id
"""


def fill(apps, schema_editor):
    """Derive the new columns of the products there are."""
    from dossier.catalog.derived import derive

    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('dossier.context', %s, true)", [_CONTEXT])
        cursor.execute("SELECT id, code, name, specification FROM catalog_product ORDER BY id")
        while rows := cursor.fetchmany(2000):
            made = [derive(code=c, name=n, specification=s) for _pk, c, n, s in rows]
            with schema_editor.connection.cursor() as store:
                store.execute(
                    _STORE,
                    [
                        [row[0] for row in rows],
                        [one.search_text for one in made],
                        ["{" + ",".join(map(str, one.search_terms)) + "}" for one in made],
                    ],
                )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_safety_stock_is_a_number"),
        ("customers", "0006_search_terms"),
    ]

    operations = [
        migrations.AddField(
            "product",
            "search_terms",
            django.contrib.postgres.fields.ArrayField(
                models.IntegerField(), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.RemoveIndex("product", "product_search"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "product",
            django.contrib.postgres.indexes.GinIndex(
                fields=["search_terms"], name="product_terms", gin_pending_list_limit=512
            ),
        ),
    ]

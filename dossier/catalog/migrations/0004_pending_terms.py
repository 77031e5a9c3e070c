"""The index of terms holds more unsorted, for imports; a job sorts it each minute (see core.search)."""

from __future__ import annotations

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_search_terms")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX product_terms SET (gin_pending_list_limit = 16384)",
                    "ALTER INDEX product_terms SET (gin_pending_list_limit = 512)",
                )
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="product", name="product_terms"),
                migrations.AddIndex(
                    model_name="product",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["search_terms"], name="product_terms", gin_pending_list_limit=16_384
                    ),
                ),
            ],
        )
    ]

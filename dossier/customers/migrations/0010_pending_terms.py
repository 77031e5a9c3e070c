"""The index of terms holds more unsorted, for imports; a job sorts it each minute (see core.search)."""

from __future__ import annotations

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_recent_amount_is_a_number")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX customer_terms SET (gin_pending_list_limit = 16384)",
                    "ALTER INDEX customer_terms SET (gin_pending_list_limit = 512)",
                )
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="customer", name="customer_terms"),
                migrations.AddIndex(
                    model_name="customer",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["search_terms"],
                        name="customer_terms",
                        gin_pending_list_limit=16_384,
                    ),
                ),
            ],
        )
    ]

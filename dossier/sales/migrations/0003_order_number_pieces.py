"""Orders are found by any piece of their number without reading all of them."""

import django.contrib.postgres.indexes
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("sales", "0002_no_index_twice")]

    operations = [
        migrations.AddIndex(
            "salesorder",
            django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(Upper("number"), name="gin_trgm_ops"),
                name="order_number_pieces",
            ),
        ),
    ]

"""Categories can be taken out of use; their codes and names are held unique by the database."""

from django.db import migrations, models
from django.db.models.functions import Lower, Upper

FILL = """
SELECT set_config(
    'dossier.context',
    '{"login": "system:migration", "via": "migration", "why": "customers 0002_category_in_use"}',
    true
);
UPDATE customers_customercategory SET is_active = true;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.AddField("customercategory", "is_active", models.BooleanField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "customercategory",
            "is_active",
            models.BooleanField(default=True, db_default=True, verbose_name="in use"),
        ),
        migrations.AddConstraint(
            "customercategory",
            models.UniqueConstraint(Upper("code"), name="category_code_once"),
        ),
        migrations.AddConstraint(
            "customercategory",
            models.UniqueConstraint(
                models.F("parent"), Lower("name"), name="category_name_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            "customercategory",
            models.CheckConstraint(
                condition=~models.Q(name="") & models.Q(code__regex=r"^\S{1,20}$"),
                name="category_code_and_name",
            ),
        ),
        migrations.AddConstraint(
            "customercategory",
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("pk")),
                name="category_not_own_parent",
            ),
        ),
    ]

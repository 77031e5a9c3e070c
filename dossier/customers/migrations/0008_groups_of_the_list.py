"""Groups of the list of customers are found by index, however few customers they hold (CUS-4)."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_duplicates"),
    ]

    operations = [
        migrations.AddIndex("customer", models.Index(fields=["grade"], name="customer_grade")),
        migrations.AddIndex(
            "customer", models.Index(fields=["category"], name="customer_category")
        ),
        migrations.AddIndex(
            "customer",
            models.Index(
                fields=["status"], name="customer_not_active", condition=~Q(status="active")
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """The newest lines are read along an index: of one that holds the day alone, a page of fifty read and
    sorted every line of the day (2,000 of a million lines)."""

    dependencies = [
        ("sales", "0005_order_currency"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="salesorderline",
            index=models.Index(fields=["ordered_on", "id"], name="line_day_key"),
        ),
        migrations.RemoveIndex(
            model_name="salesorderline",
            name="line_day",
        ),
    ]

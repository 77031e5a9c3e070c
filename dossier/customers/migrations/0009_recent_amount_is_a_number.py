"""What a customer bought lately is a number: NaN is larger than every number to PostgreSQL (SECURITY E 33)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_groups_of_the_list")]

    operations = [
        # Computed from lines, whose amounts have their bounds: what is none would be computed again.
        migrations.RunSQL(
            "UPDATE customers_standing SET recent_amount = 0, computed_at = NULL"
            " WHERE recent_amount >= 1000000000000000000;",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.CheckConstraint(
                condition=models.Q(("recent_amount__lt", 1000000000000000000)),
                name="standing_amount",
            ),
        ),
    ]

from django.db import migrations, models

_PERIODS = ("month", "quarter", "year")


class Migration(migrations.Migration):
    """What reports need to add up a million lines.

    A customer's figures stand in the index that finds the customer's lines: sales by customer are read
    from it in order, without a table of sums for 50,000 customers at once (372 ms become 210). Statistics of
    periods tell PostgreSQL that a year has twelve months, not as many as days: it then lets both processors
    add up (173 ms become 104). Their expressions are those of ``reports.engine_sql``.
    """

    dependencies = [
        ("sales", "0006_lines_by_day"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="salesorderline",
            name="line_customer_day",
        ),
        migrations.AddIndex(
            model_name="salesorderline",
            index=models.Index(
                fields=["customer", "-ordered_on"],
                include=["amount", "quantity", "profit", "cost", "currency", "order"],
                name="line_customer_day",
            ),
        ),
        *(
            migrations.RunSQL(
                f"CREATE STATISTICS line_{period} (ndistinct) ON"
                f" (date_trunc('{period}', ordered_on::timestamp)::date), salesperson_id, product_id"
                " FROM sales_salesorderline",
                f"DROP STATISTICS line_{period}",
            )
            for period in _PERIODS
        ),
    ]

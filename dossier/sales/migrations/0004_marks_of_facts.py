"""Orders and lines mark the customers whose computed classes may differ now (CUS-8)."""

from django.db import migrations

LAY = "".join(
    f"CREATE TRIGGER standing_mark_{name} AFTER {event} ON {table} REFERENCING {kind} TABLE AS"
    f" {kind.lower()}_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_standing_mark_{kind.lower()}();\n"
    for table in ("sales_salesorder", "sales_salesorderline")
    for name, event, kind in (
        ("new", "INSERT", "NEW"),
        ("changed", "UPDATE", "NEW"),
        ("moved", "UPDATE", "OLD"),
        ("gone", "DELETE", "OLD"),
    )
)


class Migration(migrations.Migration):
    dependencies = [("sales", "0003_order_number_pieces"), ("customers", "0005_standing_and_notes")]

    operations = [migrations.RunSQL(LAY, migrations.RunSQL.noop)]

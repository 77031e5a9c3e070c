import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0009_redaction"),
    ]

    operations = [
        migrations.AlterField(
            model_name="historyentry",
            name="transaction",
            field=models.ForeignKey(
                db_column="xid",
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="entries",
                to="core.historytransaction",
            ),
        ),
    ]

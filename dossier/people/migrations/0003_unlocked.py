"""A lock-out ended by an administrator is recorded too (AUD-2); only the list of words grows."""

from django.db import migrations, models

WHAT = [
    ("in", "signed in"),
    ("failed", "failed"),
    ("locked", "locked out"),
    ("out", "signed out"),
    ("out_all", "signed out everywhere"),
    ("password", "password changed"),
    ("unlocked", "unlocked"),
]


class Migration(migrations.Migration):
    dependencies = [("people", "0002_settings_rights")]

    operations = [
        migrations.AlterField(
            model_name="signinevent",
            name="what",
            field=models.CharField(choices=WHAT, max_length=10),
        ),
    ]

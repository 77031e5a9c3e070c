"""Who decides on possible duplicates in an installation that is already in use; on a new database the seeds say so."""

from django.db import migrations

GRANT = """
SELECT set_config(
    'dossier.context',
    '{"login": "system:migration", "via": "migration", "why": "people 0007_duplicates_right"}',
    true
);
INSERT INTO people_rolegrant (role_id, kind, action, scope)
SELECT r.id, 'customers.customer', 'duplicates', 'all'
FROM people_role r
WHERE r.key = 'customer_information_administrator'
ON CONFLICT (role_id, kind, action) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0006_profile_rules_right")]

    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]

"""The shipped administrators get the rights to the new settings pages; on a new database the seeds give them."""

from django.db import migrations

GRANT = """
SELECT set_config(
    'dossier.context',
    '{"login": "system:migration", "via": "migration", "why": "people 0002_settings_rights"}',
    true
);
INSERT INTO people_rolegrant (role_id, kind, action, scope)
SELECT r.id, g.kind, g.action, 'all'
FROM people_role r
JOIN (VALUES
    ('customer_information_administrator', 'customers.category', 'view'),
    ('customer_information_administrator', 'customers.category', 'change'),
    ('system_administrator', 'customers.category', 'view'),
    ('system_administrator', 'customers.category', 'change'),
    ('system_administrator', 'core.number', 'view'),
    ('system_administrator', 'core.number', 'change')
) AS g (role, kind, action) ON g.role = r.key
ON CONFLICT (role_id, kind, action) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]

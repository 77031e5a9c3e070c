"""Who sets the rules of customer profiles in an installation already in use; on a new database the seeds say so."""

from django.db import migrations

GRANT = """
SELECT set_config(
    'dossier.context',
    '{"login": "system:migration", "via": "migration", "why": "people 0006_profile_rules_right"}',
    true
);
INSERT INTO people_rolegrant (role_id, kind, action, scope)
SELECT r.id, 'customers.rules', g.action, 'all'
FROM people_role r
JOIN (VALUES
    ('customer_information_administrator', 'view'),
    ('customer_information_administrator', 'change'),
    ('sales_manager', 'view'),
    ('sales_manager', 'change'),
    ('general_manager', 'view'),
    ('general_manager', 'change'),
    ('administration_manager', 'view'),
    ('auditor', 'view'),
    ('system_administrator', 'view'),
    ('system_administrator', 'change')
) AS g (role, action) ON g.role = r.key
ON CONFLICT (role_id, kind, action) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_lists_right")]

    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]

"""Who reads the record of exports in an installation that is already in use; on a new database the seeds say so."""

from django.db import migrations

GRANT = """
SELECT set_config(
    'dossier.context',
    '{"login": "system:migration", "via": "migration", "why": "people 0004_exports_right"}',
    true
);
INSERT INTO people_rolegrant (role_id, kind, action, scope)
SELECT r.id, 'core.export', 'view', 'all'
FROM people_role r
WHERE r.key IN ('auditor', 'system_administrator', 'general_manager')
ON CONFLICT (role_id, kind, action) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_unlocked")]

    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]

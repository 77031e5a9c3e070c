"""Who redacts the history and who makes backups, in an installation that is already in use.

On a new database the seeds say so. A shipped role gets a right only where nobody has decided on it yet: a
grant that stands stays as it is, and one that was ever given and taken away, as the history knows, stays away.
"""

from django.db import migrations

GRANT = """
SELECT set_config(
    'dossier.context',
    '{"login": "system:migration", "via": "migration", "why": "people 0009_redaction_and_backup_rights"}',
    true
);
INSERT INTO people_rolegrant (role_id, kind, action, scope)
SELECT r.id, g.kind, g.action, 'all'
FROM people_role r
JOIN (VALUES
    ('customer_information_administrator', 'core.redaction', 'view'),
    ('customer_information_administrator', 'core.redaction', 'ask'),
    ('general_manager', 'core.redaction', 'view'),
    ('general_manager', 'core.redaction', 'ask'),
    ('general_manager', 'core.redaction', 'approve'),
    ('auditor', 'core.redaction', 'view'),
    ('system_administrator', 'core.backup', 'view'),
    ('system_administrator', 'core.backup', 'change')
) AS g (role, kind, action) ON g.role = r.key
WHERE r.is_shipped
  AND NOT EXISTS (
    SELECT FROM history_entry h
    CROSS JOIN LATERAL (VALUES (h.before), (h.after)) AS was (image)
    WHERE h.table_name = 'people_rolegrant' AND h.op IN ('I', 'D')
      AND was.image ->> 'role_id' = r.id::text
      AND was.image ->> 'kind' = g.kind
      AND was.image ->> 'action' = g.action
  )
ON CONFLICT (role_id, kind, action) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0008_api_tokens"), ("core", "0009_redaction")]

    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]

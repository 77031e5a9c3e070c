"""Who takes lists out and shares views of them in an installation that is already in use; on a new database the seeds say so."""

from django.db import migrations

GRANT = """
SELECT set_config(
    'dossier.context',
    '{"login": "system:migration", "via": "migration", "why": "people 0005_lists_right"}',
    true
);
INSERT INTO people_rolegrant (role_id, kind, action, scope)
SELECT r.id, g.kind, 'export', CASE WHEN g.kind = 'catalog.product' THEN 'all' ELSE g.scope END
FROM people_role r
JOIN (
    SELECT role_key, kind, scope
    FROM (VALUES
        ('team_leader', 'team'), ('sales_clerk', 'team'), ('sales_manager', 'all'),
        ('general_manager', 'all'), ('customer_information_administrator', 'all'),
        ('finance', 'all'), ('finance_supervisor', 'all'), ('auditor', 'all')
    ) AS held (role_key, scope)
    CROSS JOIN (VALUES ('customers.customer'), ('sales.order'), ('catalog.product')) AS what (kind)
    UNION ALL
    SELECT role_key, 'people.employee', 'all'
    FROM (VALUES
        ('customer_information_administrator'), ('system_administrator'), ('auditor')
    ) AS keeping (role_key)
) AS g ON g.role_key = r.key
ON CONFLICT (role_id, kind, action) DO NOTHING;
INSERT INTO people_rolegrant (role_id, kind, action, scope)
SELECT r.id, 'core.view', 'share', 'all'
FROM people_role r
WHERE r.key IN (
    'team_leader', 'sales_manager', 'general_manager', 'customer_information_administrator'
)
ON CONFLICT (role_id, kind, action) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0004_exports_right")]

    operations = [migrations.RunSQL(GRANT, migrations.RunSQL.noop)]

"""What the application's role may do with which table. Tables not named here: read and write rows.

Nothing else is ever granted: no TRUNCATE, no TRIGGER, no REFERENCES, nothing to PUBLIC.
"""

from __future__ import annotations

# Read, never written by the program: only triggers and migrations write here.
READ_ONLY_TABLES = frozenset(
    {
        "core_redactedentry",
        "core_restoration",
        "django_migrations",
        "history_entry",
        "history_transaction",
    }
)

# Added and changed, never removed: what was asked, approved and done stays on record.
NEVER_DELETED_TABLES = frozenset({"core_redaction"})

# Rows are added and then stay as they are.
INSERT_ONLY_TABLES = frozenset(
    {
        "core_bulkeditrow",
        "core_backuprun",
        "core_export",
        "core_importrow",
        "core_unmasking",
        "customers_duplicatenotice",
        "history_seal",
        "people_signinevent",
    }
)

# Not the program's business at all.
NO_ACCESS_TABLES = frozenset({"history_clock"})

# Tables of ours whose changes the history does not record: the history itself, tables whose rows are
# a record of events already, one-time keys, answers kept for a day and browser sessions, which are nobody's
# business data, and what is computed from recorded facts and can be computed again.
UNTRACKED_TABLES = frozenset(
    {
        "core_apianswer",
        "core_bulkedit",
        "core_bulkeditrow",
        "core_backuprun",
        "core_export",
        "core_exportfile",
        "core_importrow",
        "core_submission",
        "core_unmasking",
        "customers_ownersum",
        "customers_standing",
        "customers_standingmark",
        "customers_duplicateasking",
        "customers_duplicatekeys",
        "customers_duplicatenotice",
        "history_clock",
        "history_entry",
        "history_seal",
        "history_transaction",
        "people_signinevent",
        "people_signinsession",
    }
)


def table_rights(table: str) -> frozenset[str]:
    """The rights of the application's role on a table."""
    if table in NO_ACCESS_TABLES:
        return frozenset()
    if table in READ_ONLY_TABLES:
        return frozenset({"SELECT"})
    if table in INSERT_ONLY_TABLES:
        return frozenset({"SELECT", "INSERT"})
    if table in NEVER_DELETED_TABLES:
        return frozenset({"SELECT", "INSERT", "UPDATE"})
    return frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})

"""Roles, database and rights: who may do what in PostgreSQL.

The owner's role owns the schema and is used by migrations, rights and verification. The application's
role reads and writes rows as `policy` says and can alter neither schema nor history. Everything here may
be repeated at any time; what is right already is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dossier.core.bilingual import bilingual
from dossier.core.db.policy import table_rights

Connection = psycopg.Connection[Any]

_LOCK = 0x646F7373  # "doss": one provisioning at a time on a server or database

_SAFE_ROLE = sql.SQL(
    "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
)

# Tables, views and sequences of our schema (not those of extensions) with what is granted on them.
# The last column is the table that a sequence numbers.
_RELATIONS = """
SELECT c.relname, c.relkind::text,
       coalesce((SELECT array_agg(DISTINCT a.privilege_type) FROM aclexplode(c.relacl) a
                 WHERE a.grantee = %(role)s::regrole AND NOT a.is_grantable), '{}'),
       EXISTS (SELECT FROM aclexplode(c.relacl) a
               WHERE a.grantee = 0 OR a.grantee = %(role)s::regrole AND a.is_grantable)
       OR EXISTS (SELECT FROM pg_attribute t, aclexplode(t.attacl) a
                  WHERE t.attrelid = c.oid AND a.grantee IN (0, %(role)s::regrole)),
       c.relowner = %(role)s::regrole,
       (SELECT t.relname FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
          AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname
"""

_ROLE_FAULTS = """
SELECT r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls,
       (SELECT string_agg(m.roleid::regrole::text, ', ') FROM pg_auth_members m WHERE m.member = r.oid),
       has_schema_privilege(r.oid, 'public', 'CREATE'),
       has_database_privilege(r.oid, current_database(), 'CREATE'),
       (SELECT datdba = r.oid FROM pg_database WHERE datname = current_database())
FROM pg_roles r WHERE r.rolname = %s
"""


@dataclass(frozen=True)
class Relation:
    """A table, view or sequence, and the application's rights on it as they are and ought to be."""

    name: str
    is_sequence: bool
    granted: frozenset[str]
    wanted: frozenset[str]
    has_more: bool  # something for PUBLIC, on single columns, or to hand on
    owned_by_app: bool

    @property
    def is_right(self) -> bool:
        """Nothing is missing and nothing is too much."""
        return self.granted == self.wanted and not self.has_more


# -- a server of our own ------------------------------------------------------------------------------


def provision(
    superuser_url: str,
    *,
    database: str = "dossier",
    owner_password: str,
    app_password: str,
    owner_role: str = "dossier_owner",
    app_role: str = "dossier_app",
) -> None:
    """Make the two roles and the database, or set right what differs."""
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        _role(server, superuser_url, owner_role, owner_password)
        _role(server, superuser_url, app_role, app_password)
        names = {
            "database": sql.Identifier(database),
            "owner": sql.Identifier(owner_role),
            "app": sql.Identifier(app_role),
        }
        found = server.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
        if found is None:
            server.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
        with psycopg.connect(make_conninfo(superuser_url, dbname=database)) as connection:
            # Temporary tables are where bulk imports put a file before it is checked.
            statements = """
                ALTER DATABASE {database} OWNER TO {owner};
                REVOKE ALL ON DATABASE {database} FROM PUBLIC;
                REVOKE ALL ON DATABASE {database} FROM {app};
                GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app};
                REVOKE ALL ON SCHEMA public FROM PUBLIC;
                REVOKE ALL ON SCHEMA public FROM {app};
                GRANT USAGE ON SCHEMA public TO {app};
            """
            connection.execute(sql.SQL(statements).format(**names))


def _role(server: Connection, url: str, name: str, password: str) -> None:
    """A role that can sign in with this password and has no other power."""
    role = sql.Identifier(name)
    found = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    command = "ALTER" if found else "CREATE"
    server.execute(sql.SQL("{} ROLE {} {}").format(sql.SQL(command), role, _SAFE_ROLE))
    if found and _signs_in(url, name, password):
        return
    # Only the verifier travels, so that the password can stand in no log of the server.
    verifier = server.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    ).decode()
    server.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier)))


def _signs_in(url: str, name: str, password: str) -> bool:
    try:
        # The superuser's own database is closed to the role; being told so means the password is right.
        psycopg.connect(make_conninfo(url, user=name, password=password)).close()
    except psycopg.errors.InsufficientPrivilege:
        return True
    except psycopg.OperationalError as error:
        return "permission denied for database" in str(error)
    return True


# -- rights on tables -----------------------------------------------------------------------------------


def grant_app(connection: Connection, *, app_role: str = "dossier_app") -> int:
    """Give the application's role exactly its rights on every table; how many had to be set right.

    Call it as the owner after each migration. Runs in one transaction (or in the caller's).
    """
    role = sql.Identifier(app_role)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        _let_in(connection, app_role)
        wrong = [relation for relation in _relations(connection, app_role) if not relation.is_right]
        for relation in wrong:
            kind = sql.SQL("SEQUENCE" if relation.is_sequence else "TABLE")
            name = sql.Identifier("public", relation.name)
            connection.execute(
                sql.SQL("REVOKE ALL ON {} {} FROM PUBLIC, {}").format(kind, name, role)
            )
            if relation.wanted:
                rights = sql.SQL(", ").join(map(sql.SQL, sorted(relation.wanted)))
                connection.execute(
                    sql.SQL("GRANT {} ON {} {} TO {}").format(rights, kind, name, role)
                )
    return len(wrong)


def grant_faults(connection: Connection, *, app_role: str = "dossier_app") -> list[str]:
    """What the application's role may do and should not, or should and may not; empty when all is right."""
    return [*_role_faults(connection, app_role), *_relation_faults(connection, app_role)]


def _let_in(connection: Connection, app_role: str) -> None:
    """On a server provisioned by somebody else: the database and the schema must be enterable."""
    row = connection.execute(
        "SELECT current_database(), has_database_privilege(%(role)s, current_database(), 'CONNECT'),"
        " has_schema_privilege(%(role)s, 'public', 'USAGE')",
        {"role": app_role},
    ).fetchone()
    assert row is not None
    database, connects, uses = row
    role = sql.Identifier(app_role)
    if not connects:
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                sql.Identifier(database), role
            )
        )
    if not uses:
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))


def _relations(connection: Connection, app_role: str) -> Iterator[Relation]:
    quoted = sql.Identifier(app_role).as_string(connection)
    for name, kind, granted, more, owned, numbered in connection.execute(
        _RELATIONS, {"role": quoted}
    ):
        if kind == "S":
            used = numbered is None or "INSERT" in table_rights(numbered)
            wanted = frozenset({"USAGE"} if used else ())
        elif kind in ("v", "m"):
            wanted = table_rights(name) & {"SELECT"}
        else:
            wanted = table_rights(name)
        yield Relation(name, kind == "S", frozenset(granted), wanted, more, owned)


def _role_faults(connection: Connection, app_role: str) -> Iterator[str]:
    row = connection.execute(_ROLE_FAULTS, [app_role]).fetchone()
    if row is None:
        yield bilingual(f"The role {app_role} does not exist.", f"角色 {app_role} 不存在。")
        return
    powers, member_of, creates, creates_schema, owns = row
    if powers:
        yield bilingual(
            f"The role {app_role} has powers of an administrator.",
            f"角色 {app_role} 拥有管理员权限。",
        )
    if member_of:
        yield bilingual(
            f"The role {app_role} is a member of {member_of}.",
            f"角色 {app_role} 是 {member_of} 的成员。",
        )
    if creates or creates_schema:
        yield bilingual(
            f"The role {app_role} may create tables or schemas.",
            f"角色 {app_role} 可以建表或建模式。",
        )
    if owns:
        yield bilingual(
            f"The role {app_role} owns the database.", f"角色 {app_role} 是数据库的所有者。"
        )


def _relation_faults(connection: Connection, app_role: str) -> Iterator[str]:
    for relation in _relations(connection, app_role):
        name = relation.name
        if relation.owned_by_app:
            yield bilingual(f"{name}: belongs to {app_role}.", f"{name}：归 {app_role} 所有。")
        elif relation.has_more:
            yield bilingual(
                f"{name}: rights for everybody, on single columns or to hand on.",
                f"{name}：存在面向所有人、单列或可转授的权限。",
            )
        if missing := ", ".join(sorted(relation.wanted - relation.granted)):
            yield bilingual(f"{name}: lacks {missing}.", f"{name}：缺少 {missing} 权限。")
        if excess := ", ".join(sorted(relation.granted - relation.wanted)):
            yield bilingual(f"{name}: has {excess} too much.", f"{name}：多出 {excess} 权限。")

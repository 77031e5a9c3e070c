"""Addresses of databases: `postgresql://user:password@host:5432/name?sslmode=require`.

A Unix socket is written `postgresql://user:password@/name?host=/folder/of/the/socket`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from dossier.core.bilingual import bilingual

_PASSED_ON = frozenset(
    {
        "application_name",
        "channel_binding",
        "connect_timeout",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "options",
        "passfile",
        "service",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "target_session_attrs",
        "tcp_user_timeout",
    }
)


class DatabaseUrlError(ValueError):
    """An address of a database that cannot be understood; the message never contains the password."""


def socket_url(*, user: str, password: str, database: str, folder: str, port: int = 5432) -> str:
    """The address of a database behind a Unix socket."""
    query = f"host={quote(folder, safe='/')}" + ("" if port == 5432 else f"&port={port}")
    return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@/{quote(database, safe='')}?{query}"


def django_database(url: str, *, variable: str = "DOSSIER_DATABASE_URL") -> dict[str, Any]:
    """The entry of Django's `DATABASES` for an address; `variable` is named in errors."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise _bad(variable, f"{error}", f"{error}") from error
    if parts.scheme not in ("postgresql", "postgres"):
        raise _bad(
            variable,
            "it must begin with postgresql:// (PostgreSQL only)",
            "须以 postgresql:// 开头（仅支持 PostgreSQL）",
        )
    options: dict[str, Any] = {}
    host = unquote(parts.hostname or "")
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if key == "host":
            host = value
        elif key == "port":
            if not value.isdecimal():
                raise _bad(variable, "the port is not a number", "端口不是数字")
            port = int(value)
        elif key in _PASSED_ON:
            options[key] = value
        else:
            raise _bad(variable, f"unknown parameter “{key}”", f"未知参数“{key}”")
    name = unquote(parts.path.removeprefix("/"))
    if not name or "/" in name:
        raise _bad(variable, "the name of the database is missing", "缺少数据库名称")
    user = unquote(parts.username or "")
    if not user:
        raise _bad(variable, "the user is missing", "缺少用户名")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port) if port else "",
        "OPTIONS": options,
    }


def role_of(url: str) -> str:
    """The role (user) an address signs in as."""
    return str(django_database(url)["USER"])


def with_database(url: str, database: str) -> str:
    """The same server and role, another database."""
    return urlsplit(url)._replace(path="/" + quote(database, safe="")).geturl()


def _bad(variable: str, en: str, zh: str) -> DatabaseUrlError:
    return DatabaseUrlError(
        bilingual(
            f"{variable} is not the address of a database: {en}. "
            "Example: postgresql://user:password@host:5432/dossier",
            f"{variable} 不是有效的数据库地址：{zh}。例：postgresql://user:password@host:5432/dossier",
        )
    )

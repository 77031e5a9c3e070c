"""Addresses of databases: understood as libpq does, refused with a sentence that names no password."""

import pytest

from dossier.core.db.urls import (
    DatabaseUrlError,
    django_database,
    role_of,
    socket_url,
    with_database,
)


def test_a_server_on_the_network():
    entry = django_database("postgresql://li:p%40ss%2F@db.example.cn:6432/files?sslmode=require")
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert (entry["USER"], entry["PASSWORD"]) == ("li", "p@ss/")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == ("db.example.cn", "6432", "files")
    assert entry["OPTIONS"] == {"sslmode": "require"}


def test_a_unix_socket():
    entry = django_database("postgres://app:x@/dossier?host=/var/run/postgresql&port=5433")
    assert (entry["HOST"], entry["PORT"], entry["NAME"]) == (
        "/var/run/postgresql",
        "5433",
        "dossier",
    )


def test_what_is_written_is_read_again():
    url = socket_url(user="a b", password="p:/?#@密", database="客档", folder="/srv/a b/家")
    entry = django_database(url)
    assert entry["USER"] == "a b"
    assert entry["PASSWORD"] == "p:/?#@密"
    assert entry["NAME"] == "客档"
    assert entry["HOST"] == "/srv/a b/家"
    assert role_of(url) == "a b"
    assert django_database(with_database(url, "另一个"))["NAME"] == "另一个"
    assert django_database(with_database(url, "另一个"))["HOST"] == "/srv/a b/家"


def test_an_ipv6_address():
    assert django_database("postgresql://a:b@[::1]:5432/d")["HOST"] == "::1"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must begin with"),
        ("mysql://a:secret@h/d", "must begin with"),
        ("postgresql://a:secret@h", "name of the database"),
        ("postgresql://a:secret@h/d/e", "name of the database"),
        ("postgresql://h/d", "user is missing"),
        ("postgresql://a:secret@h:port/d", "Port could not be cast"),
        ("postgresql://a:secret@h:99999/d", "Port out of range"),
        ("postgresql://a:secret@h/d?port=x", "port is not a number"),
        ("postgresql://a:secret@h/d?colour=red", "unknown parameter “colour”"),
        ("postgresql://a:secret@[::1/d", "Invalid IPv6"),
    ],
)
def test_a_bad_address_is_explained(monkeypatch, url, reason):
    monkeypatch.setenv("DOSSIER_LANG", "en")
    with pytest.raises(DatabaseUrlError, match="DOSSIER_DATABASE_URL") as caught:
        django_database(url)
    assert reason in str(caught.value)
    assert "secret" not in str(caught.value)


def test_it_is_explained_in_chinese_too(monkeypatch):
    monkeypatch.setenv("DOSSIER_LANG", "zh_CN.UTF-8")
    with pytest.raises(DatabaseUrlError, match="缺少数据库名称"):
        django_database("postgresql://a:b@h")

"""What a command works in: a running database, Django set up, an actor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dossier.core.bilingual import terminal_language

if TYPE_CHECKING:
    from dossier.core.access import Actor


@contextmanager
def database_environment(*, prepare: bool = True) -> Iterator[None]:
    """The database runs (the running instance's, or started for now) and Django is set up.

    `prepare`: migrations and the rest are applied first where they are not, so that every command may
    be the first one of a new home.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dossier.config.settings")
    from django.conf import settings

    from dossier.core.db.embedded import running

    if settings.EMBEDDED:
        from dossier.core.backup.swapping import settle

        with running(settings.HOME_DIR):
            settle(settings.HOME_DIR)
            yield from _with_django(prepare)
    else:
        yield from _with_django(prepare)


@contextmanager
def django_environment() -> Iterator[None]:
    """Django is set up; no database is asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dossier.config.settings")
    yield from _with_django(prepare=False)


def _with_django(prepare: bool) -> Iterator[None]:
    import django
    from django.conf import settings
    from django.db import connections
    from django.utils import translation

    from dossier.config import schema

    django.setup()
    try:
        with translation.override(terminal_language()):
            if prepare and not schema.is_current(settings.DATABASE_URL):
                schema.apply()
            yield
    finally:
        connections.close_all()  # before a database started for this command is stopped


@contextmanager
def program_environment() -> Iterator[None]:
    """The program's own words and reference data, without a database: for commands that only read files."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dossier.config.settings")
    import django
    from django.utils import translation

    django.setup()
    with translation.override(terminal_language()):
        yield


@contextmanager
def command_environment(login: str | None = None) -> Iterator[Actor]:
    """The frame of a command that reads or writes records; gives the actor.

    `login` is what `--as` named: the command has that person's rights. Without it the system acts, and
    the user of the operating system is recorded. Wrap the whole work in it:

        with command_environment(as_login) as actor:
            result = some_service(actor=actor, ...)
    """
    with database_environment():
        yield _actor(login)


def _actor(login: str | None) -> Actor:
    from dossier.core.access import system_actor
    from dossier.people.selectors import actor_by_login

    if login is not None:
        return actor_by_login(login, via="command")
    return system_actor(via="command")

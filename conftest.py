"""Fixtures for all tests. The database is made by the owner; every test runs as the application's role."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dossier import testing

SHARED = Path(__file__).resolve().parent.parent / "shared" / "data"


@pytest.fixture(scope="session")
def database_name(worker_id: str) -> str:
    """The name of this worker's database."""
    return f"test_{os.getpid()}_{worker_id}"


@pytest.fixture(scope="session")
def django_db_setup(database_name: str, django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's: a copy of the migrated template, used as the application's role."""
    from django.db import connections

    with django_db_blocker.unblock(), testing.database(database_name):
        for alias in ("default", "owner"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = database_name
        yield
        connections.close_all()


@pytest.fixture(autouse=True, scope="session")
def _plain_static_files() -> None:
    """Templates name static files plainly, so that tests need no collected manifest."""
    from django.conf import settings

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True
    # Argon2 costs a tenth of a second by design; a test of the sign-in asks for it by name.
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]


@pytest.fixture
def committed_db(
    django_db_setup: None, django_db_blocker: Any, database_name: str
) -> Iterator[str]:
    """For tests that must commit (races, other processes): emptied by the owner afterwards.

    Yields the database's name.
    """
    from django.db import connections

    with django_db_blocker.unblock():
        try:
            yield database_name
        finally:
            connections.close_all()
            testing.empty(database_name)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real input with known answers; skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared data at {SHARED}")
    return SHARED


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Tests read messages in English unless they choose otherwise."""
    from django.utils import translation

    with translation.override("en"):
        yield


# Which worker a test runs on -------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of the browser stay together on a worker, so that its program is started once.

    The marker `xdist_group` cannot say it: xdist 3.8 writes the group into a node's id, which pytest 9
    no longer lets it change.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByProgram(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if not nodeid.startswith("tests/browser/"):
                return nodeid  # any worker that is free
            return "walk" if "/test_walk.py" in nodeid else "company"

    return ByProgram(config, log) if config.getvalue("dist") == "loadgroup" else None

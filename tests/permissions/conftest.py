"""A world that is built once for all tests of a module, and rolled back after the last of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.permissions.world import World, build


@pytest.fixture
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without their pages: where the status alone is asked for, half of the time is drawing them."""
    monkeypatch.setattr(
        "django.template.backends.django.Template.render",
        lambda self, context=None, request=None: "",
    )


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Everybody and everything of `tests.permissions.world`, in a transaction around the module's tests."""
    from django.db import connection, transaction

    with django_db_blocker.unblock():
        around = transaction.atomic(durable=True)
        around._from_testcase = True  # type: ignore[attr-defined] # Django's own word for "a test is around this"
        around.__enter__()
        made = build()
    refusals = logging.getLogger("django.request")
    level = refusals.level
    refusals.setLevel(logging.ERROR)  # thousands of refusals are what the module is about
    try:
        yield made
    finally:
        refusals.setLevel(level)
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
            made.clean_up()
            connection.close()

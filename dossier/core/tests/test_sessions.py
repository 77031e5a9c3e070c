"""Sessions are stored by one statement, and one that was ended stays ended."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DjangosSessionStore
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dossier.core.sessions import SessionStore


@pytest.fixture
def stored(committed_db):
    session = SessionStore()
    session["told"] = "nothing"
    session.create()
    return session


def test_what_a_page_tells_is_stored_by_one_statement(stored):
    stored["told"] = "Saved."
    with CaptureQueriesContext(connection) as asked:
        stored.save()
    assert len(asked) == 1
    assert SessionStore(stored.session_key)["told"] == "Saved."


def test_a_session_that_was_ended_is_not_stored_again(stored):
    DjangosSessionStore(stored.session_key).delete()
    with pytest.raises(UpdateError):
        stored.save()
    assert not stored.exists(stored.session_key)


def test_who_was_signed_in_before_stays_so(stored):
    """Sessions stored Django's way are read, and the other way round."""
    assert DjangosSessionStore(stored.session_key)["told"] == "nothing"
    assert SessionStore().decode(DjangosSessionStore().encode({"a": 1})) == {"a": 1}

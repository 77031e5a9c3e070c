"""Sessions as rows, stored by one statement where Django takes three.

A page that tells something ("Saved.") stores its session: a transaction of its own around a single
UPDATE costs two round trips more and decides nothing.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DjangosSessionStore
from django.db import DatabaseError, connection


class SessionStore(DjangosSessionStore):
    """Django's; the name is part of the signature of what is stored, so it is kept."""

    def save(self, must_create: bool = False) -> None:
        """Store the session; UpdateError where it was ended meanwhile or could not be stored.

        Inside a transaction a failure must not spoil what else is in it: there it is stored Django's way.
        """
        if must_create or self.session_key is None or connection.in_atomic_block:
            super().save(must_create)
            return
        made: Any = self.create_model_instance(self._get_session())  # type: ignore[attr-defined] # as Django calls it
        try:
            made.save(force_update=True)
        except DatabaseError as error:
            raise UpdateError from error

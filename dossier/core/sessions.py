"""Sessions as rows, read and stored by one statement each that is not made anew.

A page that tells something ("Saved.") stores its session: a transaction of its own around a single
UPDATE costs two round trips more and decides nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DjangosSessionStore
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.utils import timezone

from dossier.core.kept import Kept

_SESSION = Kept(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now),
    key=str,
    now=datetime,
)


class SessionStore(DjangosSessionStore):
    """Django's; the name is part of the signature of what is stored, so it is kept."""

    def _get_session_from_db(self) -> Any:
        """The row of the session; None, and the key forgotten, where it was ended or is too old."""
        found = _SESSION.one(key=self.session_key or "", now=timezone.now())
        if found is None:
            self._session_key = None
        return found

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

"""Who asks: puts the actor on each request and keeps the person's language."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangosSessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.screens.again import busy

# The people department knows accounts; the core must not, so it is named, not imported.
_ACTOR_FOR = "dossier.people.selectors.actor_for"


class SessionMiddleware(DjangosSessionMiddleware):
    """Django's, but what keeps a session from being stored is no fault of what was sent (a bare 400).

    Where the database was lost the page says so and keeps the form: whether it was taken is not known, and
    sent again it is not taken twice. A session that was ended meanwhile needs no storing.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """See the class."""
        try:
            return super().process_response(request, response)
        except SessionInterrupted as error:
            if _lost(error):
                return busy(request)
            return response


def _lost(error: BaseException | None) -> bool:
    """Whether the loss of the database stands behind an error."""
    while error is not None:
        if isinstance(error, (OperationalError, InterfaceError)):
            return True
        error = error.__context__
    return False


class ActorMiddleware:
    """Sets ``request.actor`` (lazily: one query with the account, one for its permissions).

    Once asked for, the actor itself stands there: a page asks it some hundreds of times.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def asked() -> Actor:
            request.actor = actor = _resolve(request)  # type: ignore[attr-defined] # our own addition
            return actor

        request.actor = SimpleLazyObject(asked)  # type: ignore[attr-defined] # our own addition
        response = self.get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            # Customer files are nobody's business but the reader's: no shared or disk cache keeps them.
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


def _resolve(request: HttpRequest) -> Actor:
    user = request.user
    if not user.is_authenticated:
        return Actor(login="", name="")
    actor: Actor = import_string(_ACTOR_FOR)(
        user,
        via="web",
        ip=request.META.get("REMOTE_ADDR", ""),
        language=translation.get_language() or "",
    )
    return actor


class RefusalMiddleware:
    """Turns a refusal that no page handled into a page that says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """404 outside the scope, 403 without the right, 400 otherwise; a busy database is 503."""
        if isinstance(exception, Refusal):
            status = (
                404
                if isinstance(exception, NotFound)
                else 403
                if isinstance(exception, NotAllowed)
                else 400
            )
            template = {404: "404.html", 403: "403.html", 400: "errors/refused.html"}[status]
            return render(request, template, {"refusal": exception}, status=status)
        if isinstance(exception, OperationalError):
            return busy(request)
        return None

"""Who calls: a bearer token and nothing else. Cookies never reach the API (`Gate`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from ninja.security.base import AuthBase

from dossier.core.access import Actor
from dossier.core.api.problems import Answered, not_possible, problem, too_large
from dossier.core.api.rates import BUCKETS
from dossier.core.api.scopes import READ, WRITE, allows

# The people department knows tokens; the core must not, so it is named, not imported.
_CALLER_OF = "dossier.people.tokens.caller_of"

PREFIX = "/api/v1/"
PAGES = frozenset({f"{PREFIX}docs"})  # addresses below it that are pages for people
LARGEST_BODY = 1024 * 1024


@dataclass(frozen=True)
class Caller:
    """A token's person, already cut to the scopes of the token."""

    actor: Actor
    token_id: int
    scopes: frozenset[str]


class Gate:
    """Middleware: takes the cookies from requests of the API, and refuses bodies that are too large."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX) or request.path_info in PAGES:
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return too_large()
        response = self.get_response(request)
        if response.status_code == 405:
            response = not_possible(response.headers.get("Allow", ""))
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class Bearer(AuthBase):
    """Lets an operation be reached by tokens with its scope whose person has the right it needs."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, word: str, mode: str, needs: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self.word, self.mode, self.needs = word, mode, needs

    def __call__(self, request: HttpRequest) -> Caller:
        caller = _caller(request)
        wait = BUCKETS.take(caller.token_id)
        if wait:
            detail = _("At most %(count)s requests a minute. Wait %(wait)s seconds.") % {
                "count": settings.API_REQUESTS_PER_MINUTE,
                "wait": wait,
            }
            raise Answered(problem(429, "too_many", detail, headers={"Retry-After": str(wait)}))
        if not allows(caller.scopes, self.word, self.mode):
            scope = f"{self.word}:{self.mode}"
            raise Answered(
                problem(
                    403,
                    "scope",
                    _("The token lacks the scope %(scope)s. Make one that has it.")
                    % {"scope": scope},
                    headers={
                        "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'
                    },
                )
            )
        for kind, action in self.needs:
            caller.actor.require(kind, action)
        request.actor = caller.actor  # type: ignore[attr-defined] # as on pages
        return caller


def _caller(request: HttpRequest) -> Caller:
    given = request.headers.get("Authorization", "")
    scheme, _space, secret = given.partition(" ")
    caller: Caller | None = None
    if scheme.lower() == "bearer" and 0 < len(secret) <= 200:
        find: Any = import_string(_CALLER_OF)
        caller = find(secret.strip(), ip=str(request.META.get("REMOTE_ADDR", "")))
    if caller is None:
        error = ' error="invalid_token"' if given else ""
        raise Answered(
            problem(
                401,
                "token",
                _("Send a valid token: “Authorization: Bearer …”. It may have ended."),
                headers={"WWW-Authenticate": f"Bearer{error}"},
            )
        )
    own = caller.actor.language
    if own and "Accept-Language" not in request.headers:
        translation.activate(own)
    return caller


__all__ = ["READ", "WRITE", "Bearer", "Caller", "Gate"]

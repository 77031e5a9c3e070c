"""Each request of a signed-in browser: still allowed, seen, in the person's language."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from dossier.core.access import Actor
from dossier.people.models import Account
from dossier.people.selectors import may_sign_in, role_names
from dossier.people.services import language_keep, session_begin, session_seen
from dossier.people.services.sign_ins import SEEN_EVERY

SESSION = "sign_in_session"
SEEN = "sign_in_seen"


class SignInMiddleware:
    """Ends the session of whoever may not sign in any more, and asks for a new password where one is due.

    It also notes once a minute that a browser is in use, gives the shell the names of the reader's
    roles, and keeps the language chosen in the header with the account.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.role_names = lambda: role_names(request.actor.roles)  # type: ignore[attr-defined] # read by core.context
        user = request.user
        if isinstance(user, Account):
            if not may_sign_in(user) or not _still_open(request, user):
                logout(request)
            elif user.must_change_password and not _allowed_before_change(request):
                return _go(request, reverse("password-change"))
        response = self.get_response(request)
        if response.status_code == 302 and request.headers.get("HX-Request") == "true":
            return _whole_page(request, response)
        _keep_language(request, response)
        return response


def _still_open(request: HttpRequest, account: Account) -> bool:
    """Whether the session was not ended meanwhile; its last use is noted at most once a minute."""
    now = int(time.time())
    session = request.session
    if SESSION not in session:
        begin_session(request, account)
        return True
    if 0 <= now - int(session.get(SEEN, 0)) < SEEN_EVERY.total_seconds():
        return True
    session[SEEN] = now
    return session_seen(session_id=session[SESSION], ip=client_ip(request))


def begin_session(request: HttpRequest, account: Account) -> None:
    """Note this browser among those of the account."""
    if request.session.session_key is None:
        request.session.create()
    noted = session_begin(
        account=account,
        key=str(request.session.session_key),
        ip=client_ip(request),
        agent=request.headers.get("User-Agent", ""),
    )
    request.session[SESSION] = noted.pk
    request.session[SEEN] = int(time.time())


def client_ip(request: HttpRequest) -> str:
    """Where the request comes from; behind proxies `dossier.config.proxies` has put the client there."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _allowed_before_change(request: HttpRequest) -> bool:
    return request.path in (
        reverse("password-change"),
        reverse("sign-out"),
        reverse("set_language"),
    )


def _go(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _whole_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A part of a page that needs a new sign-in takes the whole page there, and back afterwards."""
    url = response.headers.get("Location", "")
    if not url.startswith(settings.LOGIN_URL):
        return response
    at = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = f"{at.path}?{at.query}" if at.query else at.path or "/"
    return HttpResponse(
        status=204,
        headers={"HX-Redirect": redirect_to_login(back, settings.LOGIN_URL).headers["Location"]},
    )


def _keep_language(request: HttpRequest, response: HttpResponse) -> None:
    chosen = response.cookies.get(settings.LANGUAGE_COOKIE_NAME)
    place = request.resolver_match
    if chosen is None or place is None or place.url_name != "set_language":
        return
    account = request.user
    if isinstance(account, Account) and chosen.value != account.language:
        actor = Actor(
            login=account.login, name=str(account), account_id=account.pk, ip=client_ip(request)
        )
        language_keep(actor=actor, language=chosen.value)

"""What was sent and could not be taken just now is kept in the answer, to be sent once more by one press.

A busy archive, a fault, an expired page or an ended session must not cost a salesperson what was typed
(pages are not kept by the browser, so going back would find them empty). What is kept stands in the
page alone, never on the server. Files cannot be put back into a form, and passwords never are.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.csrf import csrf_failure

_LOG = logging.getLogger(__name__)

# The people department knows signing in; the core must not, so it is named, not imported.
_SIGNED_OUT = "dossier.people.signin.signed_out"

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SECRETS = ({"password"}, {"new", "again"})  # what the forms that ask for passwords have
_OWN = frozenset({"csrfmiddlewaretoken", "kept"})
_LONGEST = 1_000_000  # characters; more is no form that a person filled in
_MOST = 5_000


@dataclass(frozen=True)
class Kept:
    """A form as it was sent: where to, and its values in their order."""

    action: str
    values: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """The form as a hidden field carries it through a sign-in."""
        return json.dumps([self.action, self.values], ensure_ascii=False)


def kept_of(request: HttpRequest) -> Kept | None:
    """What this request sent; None when there is nothing to send again, or nothing that may be kept."""
    if request.method != "POST" or request.headers.get("HX-Request") == "true":
        return None
    if not (getattr(request, "csrf_processing_done", False) or _is_own(request)):
        return None  # another site must not have its form sent by a press on our button
    try:
        if request.content_type not in _FORMS or request.FILES:
            return None
        values = tuple(
            (name, str(value))
            for name, found in request.POST.lists()
            for value in found
            if name not in _OWN
        )
    except (RequestDataTooBig, TooManyFieldsSent, UnreadablePostError):
        return None
    return _allowed(request.get_full_path(), values)


def kept_from(text: str) -> Kept | None:
    """What a sign-in page carried; None where that is odd or leads to another site."""
    try:
        action, values = json.loads(text) if len(text) <= 2 * _LONGEST else (None, ())
        pairs = tuple((name, value) for name, value in values)
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(action, str) or not all(
        isinstance(one, str) for pair in pairs for one in pair
    ):
        return None
    if not action.startswith("/") or not url_has_allowed_host_and_scheme(
        action, allowed_hosts=None
    ):
        return None
    return _allowed(action, pairs)


def _allowed(action: str, values: tuple[tuple[str, str], ...]) -> Kept | None:
    if not values or len(values) > _MOST or sum(len(value) for _name, value in values) > _LONGEST:
        return None
    names = {name for name, _value in values}
    return None if any(secret <= names for secret in _SECRETS) else Kept(action, values)


def _is_own(request: HttpRequest) -> bool:
    """Whether a page of ours sent this, by the browser's own word."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def signed_out(request: HttpRequest, kept: Kept) -> HttpResponse:
    """The sign-in page after a session ended under a form; it goes on with what was typed."""
    answer: HttpResponse = import_string(_SIGNED_OUT)(request, kept)
    return answer


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is no longer good (CSRF_FAILURE_VIEW)."""
    kept = kept_of(request)
    if kept is None:
        return csrf_failure(request, reason)
    return render(request, "403_csrf.html", {"kept": kept}, status=403)


def busy(request: HttpRequest) -> HttpResponse:
    """The page for a database that is starting or made us wait too long: nothing was changed."""
    response = render(request, "errors/busy.html", {"kept": kept_of(request)}, status=503)
    response.headers["Retry-After"] = "5"
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """The page for a fault of the program (handler500), or of the database outside the pages."""
    try:
        if isinstance(sys.exc_info()[1], OperationalError):
            return busy(request)
        kept = kept_of(request)
        if kept is not None:
            return render(request, "errors/failed.html", {"kept": kept}, status=500)
    except Exception:  # noqa: BLE001 # this page may need what just failed; the plain one needs nothing
        _LOG.exception("the page for a fault could not be made")
    return HttpResponse(loader.get_template("500.html").render(), status=500)

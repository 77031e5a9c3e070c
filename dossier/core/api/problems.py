"""Problems as RFC 9457 has them: what went wrong, where, and what to do, in the caller's language."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from dossier.core.errors import NotAllowed, NotFound, Refusal, Refusals, Stale

_LOG = logging.getLogger(__name__)

BAD_PARAMETER = "bad_parameter"
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: gettext_lazy("The request cannot be read"),
    401: gettext_lazy("No valid token"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not there"),
    405: gettext_lazy("Not possible with this address"),
    409: gettext_lazy("Changed meanwhile"),
    413: gettext_lazy("Too large"),
    422: gettext_lazy("Refused"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("A fault of the program"),
    503: gettext_lazy("Busy"),
}
# What is wrong with a value that has not the declared form, by the words of the checking library.
_FORMS: dict[str, str] = {
    "missing": gettext_noop("This must be given."),
    "extra_forbidden": gettext_noop(
        "There is no such field here, or it cannot be set. Leave it out."
    ),
    "string_type": gettext_noop("This must be a text in quotes."),
    "string_too_long": gettext_noop("This has too many characters; at most %(max_length)s."),
    "string_too_short": gettext_noop("This has too few characters; at least %(min_length)s."),
    "string_pattern_mismatch": gettext_noop("This has not the form %(pattern)s."),
    "int_type": gettext_noop("This must be a whole number, without quotes."),
    "int_parsing": gettext_noop("This must be a whole number."),
    "int_parsing_size": gettext_noop("This number is too large."),
    "greater_than_equal": gettext_noop("This must be at least %(ge)s."),
    "less_than_equal": gettext_noop("This must be at most %(le)s."),
    "bool_type": gettext_noop("This must be true or false."),
    "bool_parsing": gettext_noop("This must be true or false."),
    "literal_error": gettext_noop("Choose one of: %(expected)s."),
    "list_type": gettext_noop("This must be a list."),
    "too_long": gettext_noop("At most %(max_length)s entries are possible."),
    "too_short": gettext_noop("At least %(min_length)s entries are needed."),
    "model_type": gettext_noop("This must be an object."),
    "model_attributes_type": gettext_noop("This must be an object."),
    "dict_type": gettext_noop("This must be an object."),
    # words of core.api.kinds
    "day_form": gettext_noop("Write a day as 2026-01-31."),
    "amount_form": gettext_noop(
        'Write an amount as a text such as "1234.50", with at most %(digits)s digits and %(places)s decimals.'
    ),
    "choice_form": gettext_noop("Choose one of: %(known)s."),
    "text_form": gettext_noop(
        "This holds characters that cannot be typed. Delete and enter it again."
    ),
    "number_form": gettext_noop("This must be a whole number from %(low)s to %(high)s."),
    "yes_form": gettext_noop("This must be true or false."),
}
_UNREADABLE = gettext_noop("This value cannot be read.")


class Answered(Exception):  # noqa: N818 - carries an answer; it is no fault
    """Ends a request with this answer."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status_code)
        self.response = response


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """A problem document; ``code`` is stable, ``detail`` says what to do."""
    body = {
        "type": f"/api/v1/docs#problem-{status}",
        "title": str(TITLES[status]),
        "status": status,
        "code": code,
        "detail": detail,
        "errors": more.pop("errors", []),
    } | more
    return HttpResponse(
        orjson.dumps(body, default=str), status=status, content_type=MEDIA_TYPE, headers=headers
    )


def bad_parameter(name: str, value: str) -> Refusal:
    """A parameter of the address that is not known, or whose value cannot be read."""
    return Refusal(
        BAD_PARAMETER,
        gettext_lazy(
            "The address holds what cannot be read here: %(name)s = “%(value)s”. See the parameters of this address in the reference."
        ),
        field=name[:60],
        params={"name": name[:60], "value": value[:60]},
    )


def pointer(field: str) -> str:
    """A field's name as a JSON pointer into the body: ``contacts.0.name`` → ``/contacts/0/name``."""
    return "/" + field.replace(".", "/")


def refused(refusal: Refusal, *, writing: bool, **more: Any) -> HttpResponse:
    """A refusal of a service, as the page would have shown it.

    A record named in the body that does not exist for the actor is a wrong value (422); one named in the
    address is not there (404).
    """
    if isinstance(refusal, NotFound) and not (writing and refusal.field):
        status = 404
    elif isinstance(refusal, NotAllowed):
        status = 403
    elif isinstance(refusal, Stale):
        status = 409
    else:
        status = 400 if refusal.code == BAD_PARAMETER else 422
    found = refusal.refusals if isinstance(refusal, Refusals) else [refusal]
    return problem(
        status,
        refusal.code,
        refusal.message,
        errors=[_entry(one) for one in found if one.field],
        **more,
    )


def _entry(refusal: Refusal) -> dict[str, Any]:
    index = getattr(refusal, "index", None)  # of a line
    field = str(refusal.field) if index is None else f"lines.{index}.{refusal.field}"
    return {
        "field": field,
        "pointer": "" if refusal.code == BAD_PARAMETER else pointer(field),
        "code": refusal.code,
        "detail": refusal.message,
    }


def misshapen(error: ValidationError) -> HttpResponse:
    """Values that have not the declared form; a record's key in the address that can be none is not there."""
    entries, places = [], set()
    for found in error.errors:
        place, *path = (str(part) for part in found["loc"])
        if path[:1] == [place]:
            path = path[1:]  # the one parameter that holds all
        places.add(place)
        kind = str(found["type"])
        known = {str(k): v for k, v in (found.get("ctx") or {}).items()}
        try:
            detail = _(_FORMS.get(kind, _UNREADABLE)) % known
        except KeyError:
            detail = _(_UNREADABLE)
        field = ".".join(path)
        entries.append(
            {
                "field": field,
                "pointer": pointer(field) if place == "body" else "",
                "code": kind,
                "detail": detail,
            }
        )
    if places == {"path"}:
        return not_found()
    status = 422 if "body" in places else 400
    return problem(
        status,
        "invalid",
        _("Some values have not the form they must have. Mend them and send again."),
        errors=entries,
    )


def not_found() -> HttpResponse:
    """Nothing there, or nothing for this caller."""
    return problem(404, "not_found", _("There is no such record, or it is not yours to see."))


def busy() -> HttpResponse:
    """The database does not answer in time, or somebody else works on the same record."""
    return problem(
        503,
        "busy",
        _(
            "The archive is busy just now. Send the request again, with the same Idempotency-Key: nothing is done twice."
        ),
        headers={"Retry-After": "2"},
    )


def register(api: NinjaAPI) -> None:
    """Let every way a request can fail end in a problem document."""

    @api.exception_handler(Answered)
    def _answered(request: HttpRequest, error: Answered) -> HttpResponse:
        return error.response

    @api.exception_handler(Refusal)
    def _refused(request: HttpRequest, error: Refusal) -> HttpResponse:
        return refused(error, writing=request.method not in ("GET", "HEAD"))

    @api.exception_handler(ValidationError)
    def _misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return misshapen(error)

    @api.exception_handler(HttpError)
    def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(400, "unreadable", _("The body is not JSON in UTF-8."))

    @api.exception_handler(Http404)
    def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return not_found()

    @api.exception_handler(PermissionDenied)
    def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return problem(403, "not_allowed", str(TITLES[403]))

    @api.exception_handler(OperationalError)
    def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
        _LOG.warning("api: the database did not answer: %s", type(error.__cause__).__name__)
        return busy()

    @api.exception_handler(Exception)
    def _fault(request: HttpRequest, error: Exception) -> HttpResponse:
        if isinstance(error, RequestDataTooBig):
            return too_large()
        if isinstance(error, SuspiciousOperation):
            return problem(400, "unreadable", str(TITLES[400]))
        _LOG.error("api: %s %s failed", request.method, request.path, exc_info=error)
        return problem(
            500,
            "fault",
            _("The program failed; nothing was changed. Tell whoever runs it when this happened."),
        )


def not_possible(allowed: str) -> HttpResponse:
    """An address that does not take this method."""
    return problem(
        405,
        "method",
        _("This address takes %(methods)s.") % {"methods": allowed},
        headers={"Allow": allowed},
    )


def too_large() -> HttpResponse:
    """The body is larger than is read."""
    return problem(413, "too_large", _("The body is larger than 1 MB. Send less at a time."))

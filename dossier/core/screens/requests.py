"""Reading of addresses and page guards common to every screen."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.screens.again import kept_of, signed_out
from dossier.core.values import ValueProblem, parse_date, parse_decimal

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def actor_of(request: HttpRequest) -> Actor:
    """Who asks: the actor itself, not what stands for it until the first question, which costs each time."""
    bool(request.actor.login)  # type: ignore[attr-defined] # from here on the actor itself stands there
    return cast(Actor, request.actor)  # type: ignore[attr-defined] # set by ActorMiddleware


def record_url(name: str, pk: int) -> str:
    """The address of a record's page; lists ask for fifty of them, each a tenth of what ``reverse`` costs."""
    head, tail = _around_key(name, get_script_prefix())
    return f"{head}{pk}{tail}"


@functools.cache
def _around_key(name: str, prefix: str) -> tuple[str, str]:
    """What stands before and after the key in the addresses of this name, below this prefix."""
    head, _key, tail = reverse(name, args=[0]).rpartition("0")
    return head, tail


View = Callable[..., HttpResponseBase]


def page(*permissions: str) -> Callable[[View], View]:
    """Guard of a page: signed in, and holding each "kind.action" with some scope (403 otherwise)."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                kept = kept_of(request)
                return (
                    signed_out(request, kept)
                    if kept
                    else redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
                )
            for permission in permissions:
                kind, action = permission.rsplit(".", 1)
                actor_of(request).require(kind, action)
            return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined] # read by the permission matrix
        return guarded

    return guard


def version_of(request: HttpRequest) -> int:
    """The version an editor saw, from the form, else from the address of a single button.

    -1, which fits no record, where the page lost it: the answer is a conflict, and nothing typed is lost.
    """
    text = request.POST.get("version") or request.GET.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def bad_address(name: str, value: str) -> Refusal:
    """The refusal of an address parameter that cannot be read."""
    return Refusal(
        "bad_address",
        _(
            "The address holds a value that cannot be read: %(name)s = “%(value)s”. Clear the filters and choose again."
        ),
        field=name,
        params={"name": name, "value": value[:60]},
    )


def text_parameter(request: HttpRequest, name: str, *, longest: int = 100) -> str:
    """A free text from the address, control characters refused."""
    value = request.GET.get(name, "").strip()
    if len(value) > longest or _CONTROL.search(value):
        raise bad_address(name, value)
    return value


def date_parameter(request: HttpRequest, name: str) -> date | None:
    """A day from the address; None when empty."""
    value = request.GET.get(name, "").strip()
    if not value:
        return None
    try:
        return parse_date(value)
    except ValueProblem as problem:
        raise bad_address(name, value) from problem


def decimal_parameter(request: HttpRequest, name: str) -> Decimal | None:
    """A number from the address; None when empty."""
    value = request.GET.get(name, "").strip()
    if not value:
        return None
    try:
        return parse_decimal(value)
    except ValueProblem as problem:
        raise bad_address(name, value) from problem


def int_parameter(request: HttpRequest, name: str) -> int | None:
    """A row number from the address; None when empty."""
    value = request.GET.get(name, "").strip()
    if not value:
        return None
    if not re.fullmatch(r"\d{1,18}", value, re.ASCII):
        raise bad_address(name, value)
    return int(value)

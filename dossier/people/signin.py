"""Pages of signing in and out, one's own sessions and password, and the first administrator (AUD-2)."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.errors import Refusal
from dossier.core.screens.again import Kept, kept_from
from dossier.core.screens.forms import PlainField
from dossier.core.screens.requests import actor_of, page
from dossier.people.first_run import code_matches, is_this_machine
from dossier.people.middleware import SESSION, begin_session, client_ip
from dossier.people.models import Account, SignInEvent, SignInSession
from dossier.people.rules import device_name, login_key
from dossier.people.selectors import sessions_alive
from dossier.people.services import (
    account_bootstrap,
    password_change,
    session_end,
    session_moved,
    sessions_end_all,
    sign_in_note,
)

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_LONGEST_PASSWORD = 200


class PasswordField(forms.CharField):
    """A password: blanks count, nothing is trimmed, never shown again."""

    def __init__(self, *, complete: str, **more: Any) -> None:
        super().__init__(
            strip=False,
            max_length=_LONGEST_PASSWORD,
            widget=forms.PasswordInput(attrs={"autocomplete": complete}),
            **more,
        )


class SignInForm(forms.Form):
    """Login and password."""

    login = PlainField(max_length=150, label=gettext_lazy("Sign-in name"))
    password = PasswordField(complete="current-password", label=gettext_lazy("Password"))


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    new = PasswordField(complete="new-password", label=gettext_lazy("New password"))
    again = PasswordField(complete="new-password", label=gettext_lazy("New password again"))

    def clean_again(self) -> str:
        """Both must be the same."""
        again: str = self.cleaned_data["again"]
        if "new" in self.cleaned_data and again != self.cleaned_data["new"]:
            raise forms.ValidationError(gettext_lazy("The two passwords differ."), code="differ")
        return again


class PasswordForm(NewPasswordForm):
    """One's own new password."""

    old = PasswordField(complete="current-password", label=gettext_lazy("Present password"))
    field_order = ("old", "new", "again")


class FirstRunForm(NewPasswordForm):
    """The first administrator."""

    login = PlainField(max_length=60, label=gettext_lazy("Sign-in name"), initial="admin")
    code = PlainField(max_length=40, required=False, label=gettext_lazy("Code from the console"))
    field_order = ("code", "login", "new", "again")


def _put_back(form: forms.Form, refusal: Refusal) -> None:
    """Show a refusal on the field it names, or above the form."""
    name = "new" if refusal.field == "password" else refusal.field
    form.add_error(
        name if name in form.fields else None,
        forms.ValidationError(refusal.message.replace("%", "%%"), code=refusal.code),
    )


# Signing in and out -------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; an installation without any account goes to its first run."""
    target = _local(request.POST.get("next") or request.GET.get("next") or "")
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(target or settings.LOGIN_REDIRECT_URL)
        if not Account.objects.exists():
            return HttpResponseRedirect(reverse("first-run"))
        return _sign_in_page(request, SignInForm(), target)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, target, status=422)
    typed: str = form.cleaned_data["login"]
    account = authenticate(request, login=login_key(typed), password=form.cleaned_data["password"])
    if not isinstance(account, Account):
        if not getattr(request, "axes_locked_out", False):
            _note(request, SignInEvent.What.FAILED, typed, _by_login(typed))
        form.add_error(None, _("This sign-in name and password do not belong together."))
        return _sign_in_page(request, form, target, status=422)
    _enter(request, account)
    AxesProxyHandler.reset_attempts(username=login_key(typed), ip_address=client_ip(request))
    if account.must_change_password:
        target = f"{reverse('password-change')}"
    kept = kept_from(request.POST.get("kept", ""))
    known = account.language in dict(settings.LANGUAGES)
    response: HttpResponse
    if kept is not None:
        with translation.override(account.language if known else translation.get_language()):
            response = (
                _password_form(request, PasswordForm(), account, kept)
                if account.must_change_password
                else render(request, "errors/again.html", {"kept": kept})
            )
    else:
        response = HttpResponseRedirect(target or settings.LOGIN_REDIRECT_URL)
    if known:
        _set_language(response, account.language)
    return response


def _enter(request: HttpRequest, account: Account) -> None:
    """Start a session with a new key (no fixation), and note it."""
    login(request, account, backend=_BACKEND)
    begin_session(request, account)
    _note(request, SignInEvent.What.IN, account.login, account)


def _sign_in_page(
    request: HttpRequest, form: forms.Form, target: str, *, status: int = 200
) -> HttpResponse:
    kept = kept_from(request.POST.get("kept", ""))
    context = {"form": form, "next": target, "kept": kept}
    return render(request, "people/signin.html", context, status=status)


def signed_out(request: HttpRequest, kept: Kept) -> HttpResponse:
    """The sign-in page for a form that was sent after its session ended (401); named by the core."""
    notice = _(
        "You were signed out meanwhile. Sign in: what you typed is kept and can be sent then."
    )
    context = {"form": SignInForm(), "next": "", "kept": kept, "notice": notice}
    response = render(request, "people/signin.html", context, status=401)
    response.headers["Cache-Control"] = "no-store"
    return response


def _local(target: str) -> str:
    """The address to go on to, if it is one of ours; never another site (SECURITY E 31)."""
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target
    return ""


def _set_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def _note(
    request: HttpRequest, what: SignInEvent.What, typed: str, account: Account | None
) -> None:
    sign_in_note(
        what=what,
        login=typed,
        account=account,
        ip=client_ip(request),
        agent=request.headers.get("User-Agent", ""),
    )


def _by_login(typed: str) -> Account | None:
    return Account.objects.filter(login__iexact=login_key(typed)).first()


def locked_out(request: HttpRequest, *given: Any, **more: Any) -> HttpResponse:
    """The answer to a sign-in that is locked after too many failures: how long to wait (429)."""
    credentials = next((item for item in given if isinstance(item, dict)), {})
    typed = str(credentials.get("login") or request.POST.get("login", ""))
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    since = timezone.now() - cool_off
    last = (
        AccessAttempt.objects.filter(
            username=login_key(typed), ip_address=client_ip(request), attempt_time__gt=since
        )
        .order_by("-attempt_time")
        .first()
    )
    wait = (last.attempt_time - since).total_seconds() if last else cool_off.total_seconds()
    noted = SignInEvent.objects.filter(
        what=SignInEvent.What.LOCKED, login=login_key(typed), ip=client_ip(request), at__gt=since
    )
    if not noted.exists():
        _note(request, SignInEvent.What.LOCKED, typed, _by_login(typed))
    minutes = max(1, math.ceil(wait / 60))
    text = ngettext(
        "Too many wrong passwords. For your safety this sign-in is closed; try again in %(count)s minute.",
        "Too many wrong passwords. For your safety this sign-in is closed; try again in %(count)s minutes.",
        minutes,
    ) % {"count": minutes}
    form = SignInForm(initial={"login": typed})
    response = render(
        request,
        "people/signin.html",
        {
            "form": form,
            "locked": True,
            "locked_text": text,
            "kept": kept_from(request.POST.get("kept", "")),
        },
        status=429,
    )
    response.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    account = request.user
    if isinstance(account, Account):
        SignInSession.objects.filter(pk=request.session.get(SESSION, 0), account=account).delete()
        _note(request, SignInEvent.What.OUT, account.login, account)
        logout(request)
        messages.success(request, _("You are signed out."))
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


# One's own sessions and password -------------------------------------------------------------------------


@page()
@require_http_methods(["GET", "HEAD"])
def my_sessions(request: HttpRequest) -> HttpResponse:
    """Browsers signed in with one's account, and what happened with it lately."""
    account = request.user
    assert isinstance(account, Account)
    noted = sessions_alive(account)
    here = request.session.get(SESSION)
    sessions = [
        {"session": item, "device": device_name(item.agent), "here": item.pk == here}
        for item in noted[:100]
    ]
    events = SignInEvent.objects.filter(account=account).order_by("-pk")[:20]
    return render(
        request,
        "people/my_sessions.html",
        {
            "sessions": sessions,
            "events": [{"event": event, "device": device_name(event.agent)} for event in events],
        },
    )


@page()
@require_POST
def my_session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of one's own browsers."""
    session_end(
        actor=actor_of(request), session_id=session_id, agent=request.headers.get("User-Agent", "")
    )
    if session_id == request.session.get(SESSION):
        logout(request)
        return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)
    messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(reverse("my-sessions"))


@page()
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all of one's browsers, this one included."""
    sessions_end_all(actor=actor_of(request), agent=request.headers.get("User-Agent", ""))
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@page()
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password_page(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other browsers are signed out."""
    account = request.user
    assert isinstance(account, Account)
    form = PasswordForm(request.POST or None)
    kept = kept_from(request.POST.get("kept", ""))  # typed before the sign-in, sent on after it
    if request.method == "POST" and form.is_valid():
        # Asked through the sign-in, so that guessing here is counted and locked like there.
        known = authenticate(
            request, login=login_key(account.login), password=form.cleaned_data["old"]
        )
        if known is None:
            form.add_error("old", _("This is not your present password."))
        else:
            try:
                changed = password_change(
                    actor=actor_of(request),
                    old=form.cleaned_data["old"],
                    new=form.cleaned_data["new"],
                    this_session=request.session.get(SESSION),
                    agent=request.headers.get("User-Agent", ""),
                )
            except Refusal as refusal:
                _put_back(form, refusal)
            else:
                update_session_auth_hash(request, changed)
                session_moved(
                    session_id=request.session[SESSION], key=str(request.session.session_key)
                )
                messages.success(
                    request, _("Your password is changed. Other browsers are signed out.")
                )
                if kept is not None:
                    return render(request, "errors/again.html", {"kept": kept})
                return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)
    return _password_form(request, form, account, kept)


def _password_form(
    request: HttpRequest, form: PasswordForm, account: Account, kept: Kept | None
) -> HttpResponse:
    return render(
        request,
        "people/password.html",
        {
            "form": form,
            "must": account.must_change_password,
            "rules": password_validators_help_texts(),
            "login": account.login,
            "kept": kept,
        },
        status=422 if form.errors else 200,
    )


# The first administrator ---------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("new", "again", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Make the first administrator; reachable only while there is no account at all."""
    if Account.objects.exists():
        return HttpResponseRedirect(reverse("sign-in"))
    ask_code = not is_this_machine(
        request.META, hosts=settings.ALLOWED_HOSTS, proxies=bool(settings.PROXIES)
    )
    form = FirstRunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if ask_code and not code_matches(settings.HOME_DIR, form.cleaned_data["code"]):
            form.add_error("code", _("This is not the code that the console shows."))
        else:
            try:
                account = account_bootstrap(
                    login=form.cleaned_data["login"], password=form.cleaned_data["new"]
                )
            except Refusal as refusal:
                if refusal.code == "already_set_up":
                    return HttpResponseRedirect(reverse("sign-in"))
                _put_back(form, refusal)
            else:
                _enter(request, account)
                messages.success(request, _("Welcome. You are the administrator of this archive."))
                return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)
    return render(
        request,
        "people/first_run.html",
        {
            "form": form,
            "ask_code": ask_code,
            "rules": password_validators_help_texts(),
        },
        status=422 if form.errors else 200,
    )

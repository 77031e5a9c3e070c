"""Settings: accounts and their roles, and the record of sign-ins (ORG-3, AUD-2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.access import Actor
from dossier.core.bilingual import listed
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.screens.forms import once_token
from dossier.core.screens.lists import Cell, Column, Filter, ListScreen
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.services import command
from dossier.core.templatetags.look import moment_text
from dossier.people.forms import account_form
from dossier.people.models import Account, Role, SignInEvent
from dossier.people.rules import device_name
from dossier.people.screens._common import form_page, saved, token_of
from dossier.people.screens.tokens import token_lines
from dossier.people.selectors import lock_outs, may_sign_in, sessions_alive, with_locked
from dossier.people.services import (
    account_create,
    account_reset_password,
    account_set_active,
    account_set_login,
    account_set_roles,
    account_sign_out,
    account_unlock,
)

# Accounts ------------------------------------------------------------------------------------------------


def _accounts(actor: Actor) -> QuerySet[Any]:
    actor.require("people.role", "view")
    accounts = Account.objects.select_related("employee").prefetch_related("roles")
    return with_locked(accounts)


def _search_accounts(rows: QuerySet[Any], typed: str) -> QuerySet[Any]:
    for word in typed.split():
        rows = rows.filter(
            Q(login__icontains=word)
            | Q(employee__name__icontains=word)
            | Q(employee__number__istartswith=word)
        )
    return rows


def _state(account: Any) -> Cell:
    if may_sign_in(account) and account.is_locked:
        return {"text": _("locked out"), "badge": "red"}
    if may_sign_in(account):
        return {"text": _("open"), "badge": "green"}
    left = account.employee is not None and not account.employee.in_post
    return {"text": _("has left") if left else _("closed"), "badge": "secondary"}


def _account_head(request: HttpRequest) -> dict[str, Any]:
    changes = actor_of(request).can("people.role", "change")
    return {
        "create_url": reverse("account-new") if changes else "",
        "create_label": _("Give a sign-in"),
        "subtitle": _("Who may sign in, and as what."),
    }


ACCOUNTS = ListScreen(
    key="accounts",
    title=gettext_lazy("Accounts"),
    icon="key",
    rows=_accounts,
    row_url=lambda row: reverse("account", args=[row.pk]),
    default_sort="login",
    search=_search_accounts,
    search_placeholder=gettext_lazy("Sign-in name, name, number"),
    head=_account_head,
    row_css=lambda row: "" if may_sign_in(row) else "archived",
    columns=(
        Column("login", gettext_lazy("Sign-in name"), lambda row: row.login, sort="login"),
        Column(
            "employee",
            gettext_lazy("Employee"),
            lambda row: row.employee.name if row.employee else "",
        ),
        Column(
            "number",
            gettext_lazy("Employee number"),
            lambda row: row.employee.number if row.employee else "",
        ),
        Column(
            "roles",
            gettext_lazy("Roles"),
            lambda row: {"text": listed(row.roles.all()), "css": "wrap"},
        ),
        Column("state", gettext_lazy("Sign-in"), _state),
        Column(
            "last_login",
            gettext_lazy("Last signed in"),
            lambda row: moment_text(row.last_login) if row.last_login else "",
        ),
    ),
    filters=(
        Filter(
            "role",
            gettext_lazy("Role"),
            "multi",
            options=lambda actor: [(role.key, str(role)) for role in Role.objects.order_by("pk")],
            apply=lambda rows, keys: rows.filter(
                pk__in=Account.objects.filter(roles__key__in=keys).values("pk")
            ),
        ),
        Filter("is_active", gettext_lazy("May sign in"), "bool"),
        Filter("is_locked", gettext_lazy("Locked out"), "bool", quick=True),
    ),
)


@page("people.role.view")
@require_http_methods(["GET", "HEAD"])
def account_list(request: HttpRequest) -> HttpResponse:
    """All accounts."""
    return ACCOUNTS.view(request)


@never_cache
@page("people.role.change")
@require_http_methods(["GET", "HEAD", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    """Give an employee a sign-in; the password is shown once."""
    actor = actor_of(request)
    given = [request.POST] if request.method == "POST" else []
    start = {"employee": request.GET.get("employee", "")[:19]}
    form = account_form(*given, actor=actor, account=None, initial=start)
    token = token_of(request) or once_token()
    if request.method == "POST":
        made = saved(
            form,
            lambda: account_create(
                actor=actor,
                employee_id=form.cleaned_data["employee"].pk,
                login=form.cleaned_data["login"],
                role_ids=[int(key) for key in form.cleaned_data["roles"]],
                submission=token,
            ),
        )
        if made is not None:
            return _password_shown(request, made.account, made.password)
    return form_page(  # type: ignore[no-any-return] # a response
        request,
        form,
        form_title=_("Give a sign-in"),
        once_token=token,
        cancel_url=reverse("accounts"),
        fieldsets=[{"fields": list(form)}],
        save_label=_("Make the sign-in"),
        breadcrumbs=[
            {"label": _("Accounts"), "url": reverse("accounts")},
            {"label": _("Give a sign-in")},
        ],
    )


@page("people.role.view")
@require_http_methods(["GET", "HEAD", "POST"])
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """An account: its login and roles; opening, closing, a new password."""
    actor = actor_of(request)
    account = _accounts(actor).filter(pk=pk).first()
    if account is None:
        raise NotFound("not_found", _("There is no such account."))
    given = [request.POST] if request.method == "POST" else []
    start = {"login": account.login, "roles": [str(role.pk) for role in account.roles.all()]}
    form = account_form(*given, actor=actor, account=account, initial=start)
    context: dict[str, Any] = {"version": account.version}
    if request.method == "POST":
        actor.require("people.role", "change")
        context["version"] = version_of(request)
        try:
            done = saved(form, lambda: _save_account(actor, pk, form, context["version"]))
        except Stale as stale:
            account.refresh_from_db()
            context |= {"conflict": [], "stale": stale.message, "version": account.version}
        else:
            if done is not None:
                messages.success(request, _("Saved."))
                return redirect("account", pk=pk)
    events = SignInEvent.objects.filter(account=account).order_by("-pk")[:10]
    return form_page(  # type: ignore[no-any-return] # a response
        request,
        form,
        template="people/account.html",
        form_title=account.login,
        account=account,
        state=_state(account),
        roles=listed(account.roles.all()),
        own=account.pk == actor.account_id,
        may_change=actor.can("people.role", "change"),
        events=[{"event": event, "device": device_name(event.agent)} for event in events],
        locks=lock_outs(account),
        tokens=token_lines(account),
        may_revoke=actor.can("people.role", "change"),
        browsers=[
            {"session": item, "device": device_name(item.agent)}
            for item in sessions_alive(account)[:20]
        ],
        fieldsets=[{"fields": list(form)}],
        cancel_url=reverse("accounts"),
        breadcrumbs=[
            {"label": _("Accounts"), "url": reverse("accounts")},
            {"label": account.login},
        ],
        **context,
    )


def _save_account(actor: Actor, pk: int, form: Any, version: int) -> Account:
    with command(actor, why="account edited"):
        account = account_set_login(
            actor=actor, account_id=pk, login=form.cleaned_data["login"], expected_version=version
        )
        # The login just written counted one version up; the roles were seen together with it.
        return account_set_roles(
            actor=actor,
            account_id=pk,
            role_ids=[int(key) for key in form.cleaned_data["roles"]],
            expected_version=account.version if account.version == version + 1 else version,
        )


@page("people.role.change")
@require_POST
def account_active(request: HttpRequest, pk: int, active: bool) -> HttpResponse:
    """Open or close a sign-in; closing ends its sessions."""
    try:
        account = account_set_active(
            actor=actor_of(request),
            account_id=pk,
            active=active,
            expected_version=version_of(request),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request,
            (
                _("%(login)s may sign in again.")
                if active
                else _("%(login)s is signed out and cannot sign in.")
            )
            % {"login": account.login},
        )
    return redirect("account", pk=pk)


@page("people.role.change")
@require_POST
def account_unlock_view(request: HttpRequest, pk: int) -> HttpResponse:
    """End a lock-out before its time."""
    account = account_unlock(
        actor=actor_of(request), account_id=pk, agent=request.headers.get("User-Agent", "")
    )
    messages.success(
        request, _("%(login)s is unlocked and may try again.") % {"login": account.login}
    )
    return redirect("account", pk=pk)


@page("people.role.change")
@require_POST
def account_sign_out_view(request: HttpRequest, pk: int) -> HttpResponse:
    """End all browsers of an account."""
    ended = account_sign_out(
        actor=actor_of(request), account_id=pk, agent=request.headers.get("User-Agent", "")
    )
    messages.success(
        request,
        ngettext("%(count)s browser is signed out.", "%(count)s browsers are signed out.", ended)
        % {"count": ended},
    )
    return redirect("account", pk=pk)


@never_cache
@page("people.role.change")
@sensitive_post_parameters()
@require_POST
def account_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a new password, shown once; the account's sessions end."""
    try:
        made = account_reset_password(
            actor=actor_of(request), account_id=pk, expected_version=version_of(request)
        )
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("account", pk=pk)
    return _password_shown(request, made.account, made.password)


def _password_shown(request: HttpRequest, account: Account, password: str) -> HttpResponse:
    return render(
        request,
        "people/password_shown.html",
        {
            "account": account,
            "password": password,
            "breadcrumbs": [
                {"label": _("Accounts"), "url": reverse("accounts")},
                {"label": account.login},
            ],
        },
    )


# Sign-ins ------------------------------------------------------------------------------------------------

_COLORS = {
    SignInEvent.What.IN: "green",
    SignInEvent.What.FAILED: "orange",
    SignInEvent.What.LOCKED: "red",
    SignInEvent.What.PASSWORD: "blue",
    SignInEvent.What.UNLOCKED: "blue",
}


def _events(actor: Actor) -> QuerySet[Any]:
    actor.require("people.role", "view")
    return SignInEvent.objects.select_related("account__employee")


def _person(event: Any) -> str:
    return str(event.account.employee or "") if event.account is not None else ""


SIGN_INS = ListScreen(
    key="sign-ins",
    title=gettext_lazy("Sign-ins"),
    icon="login",
    rows=_events,
    row_url=lambda row: "",
    default_sort="-at",
    search=lambda rows, typed: rows.filter(
        Q(login__icontains=typed)
        | Q(ip__startswith=typed)
        | Q(account__employee__name__icontains=typed)
    ),
    search_placeholder=gettext_lazy("Sign-in name, name, address"),
    columns=(
        Column("at", gettext_lazy("When"), lambda row: moment_text(row.at), sort="at"),
        Column(
            "what",
            gettext_lazy("What"),
            lambda row: {
                "text": row.get_what_display(),
                "badge": _COLORS.get(row.what, "secondary"),
            },
        ),
        Column("login", gettext_lazy("Sign-in name"), lambda row: row.login),
        Column("person", gettext_lazy("Employee"), _person),
        Column("ip", gettext_lazy("IP address"), lambda row: row.ip),
        Column(
            "device",
            gettext_lazy("Device"),
            lambda row: {"text": device_name(row.agent), "title": row.agent},
        ),
    ),
    filters=(
        Filter(
            "what", gettext_lazy("What"), "multi", options=lambda actor: SignInEvent.What.choices
        ),
        Filter("at", gettext_lazy("When"), "date_range", column="at__date"),
    ),
)


@page("people.role.view")
@require_http_methods(["GET", "HEAD"])
def sign_in_list(request: HttpRequest) -> HttpResponse:
    """Who signed in, failed, was locked out, for administrators and auditors."""
    return SIGN_INS.view(request)

"""Accounts: who may sign in, with which roles and password (ORG-3, AUD-2)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import NamedTuple

from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, system_actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.services import command, once, unique
from dossier.people.models import Account, Employee, Role, SignInEvent
from dossier.people.rules import clean_login, login_key, new_password
from dossier.people.services._common import (
    administrators_kept,
    advisory_lock,
    bump,
    check_version,
    in_post,
    locked,
    write,
)
from dossier.people.services.sign_ins import sessions_kill, sign_in_note
from dossier.people.services.tokens import tokens_revoke

FIRST_ROLES = ("system_administrator", "customer_information_administrator", "sales_manager")
_FIRST = "people.first_account"


class NewAccount(NamedTuple):
    """An account and the password to be told to its owner; empty when it was typed or the form repeated."""

    account: Account
    password: str


def account_create(
    *,
    actor: Actor,
    employee_id: int,
    login: str,
    role_ids: Iterable[int] = (),
    password: str = "",
    submission: str = "",
) -> NewAccount:
    """Give an employee in post a sign-in (ORG-1). Without a password one is made, to be told once.

    Its owner has to choose another at the first sign-in.
    """
    actor.require("people.role", "change")
    with command(actor, why="sign-in given"):
        claim = once(actor=actor, key=submission, what="people.account") if submission else None
        if claim is not None and claim.result:
            return NewAccount(Account.objects.get(pk=claim.result), "")
        employee: Employee = locked(Employee.objects, actor, employee_id, "view")
        in_post(employee, field="employee")
        if Account.objects.filter(employee=employee).exists():
            raise Refusal(
                "has_account", _("This employee has a sign-in already."), field="employee"
            )
        made = "" if password else new_password()
        account = Account(
            login=_checked_login(login), employee=employee, must_change_password=True, language=""
        )
        _set_password(account, password or made, field="password")
        with _login_taken():
            account.save()
        account.roles.set(_roles(role_ids))
        if claim is not None:
            claim.result = str(account.pk)
            claim.save(update_fields=["result"])
        return NewAccount(account, made)


def account_bootstrap(*, login: str, password: str, actor: Actor | None = None) -> Account:
    """Make the first administrator of an installation that has no account at all.

    Of two that race exactly one makes it; the other is refused, as is any later call.
    """
    who = actor or system_actor(via="first-run")
    with command(who, why="first administrator"):
        advisory_lock(_FIRST)
        if Account.objects.exists():
            raise Refusal("already_set_up", _("There is an administrator already. Sign in."))
        account = Account(login=_checked_login(login))
        _set_password(account, password, field="password")
        account.save()
        account.roles.set(Role.objects.filter(key__in=FIRST_ROLES))
        return account


def account_set_login(
    *, actor: Actor, account_id: int, login: str, expected_version: int | None = None
) -> Account:
    """Change the name somebody signs in with."""
    actor.require("people.role", "change")
    with command(actor, why="login changed"):
        account = _account(account_id)
        with _login_taken():
            write(account, {"login": _checked_login(login)}, expected_version=expected_version)
        return account


def account_set_roles(
    *, actor: Actor, account_id: int, role_ids: Iterable[int], expected_version: int | None = None
) -> Account:
    """Give an account exactly these roles; acts at the next request of its sessions (ORG-3)."""
    actor.require("people.role", "change")
    with command(actor, why="roles given"), administrators_kept(actor):
        account = _account(account_id)
        wanted = {role.pk for role in _roles(role_ids)}
        if set(account.roles.values_list("pk", flat=True)) == wanted:
            return account
        check_version(account, expected_version)
        account.roles.set(wanted)
        bump(account)
        return account


def account_set_active(
    *, actor: Actor, account_id: int, active: bool, expected_version: int | None = None
) -> Account:
    """Let an account sign in or not; closing it ends its sessions in the same transaction (AUD-2)."""
    actor.require("people.role", "change")
    with (
        command(actor, why="sign-in opened" if active else "sign-in closed"),
        administrators_kept(actor),
    ):
        account = _account(account_id)
        if active and account.employee is not None:
            in_post(account.employee, field="account")
        write(account, {"is_active": active}, expected_version=expected_version)
        if not active:
            sessions_kill(account=account)
        return account


def account_unlock(*, actor: Actor, account_id: int, agent: str = "") -> Account:
    """End the wait after too many wrong passwords; the next try counts as the first (AUD-2)."""
    actor.require("people.role", "change")
    with command(actor, why="unlocked"):
        account = _account(account_id)
        forgotten, _rows = AccessAttempt.objects.filter(username=login_key(account.login)).delete()
        if forgotten:
            sign_in_note(
                what=SignInEvent.What.UNLOCKED,
                login=account.login,
                account=account,
                ip=actor.ip,
                agent=agent,
            )
        return account


def account_sign_out(*, actor: Actor, account_id: int, agent: str = "") -> int:
    """End all browsers of somebody's account, which stays open; how many were ended (AUD-2)."""
    actor.require("people.role", "change")
    with command(actor, why="signed out by an administrator"):
        account = _account(account_id)
        ended = sessions_kill(account=account)
        sign_in_note(
            what=SignInEvent.What.OUT_EVERYWHERE,
            login=account.login,
            account=account,
            ip=actor.ip,
            agent=agent,
        )
        return ended


def account_reset_password(
    *, actor: Actor, account_id: int, password: str = "", expected_version: int | None = None
) -> NewAccount:
    """Set another's password, to be changed at the next sign-in; ends the account's sessions and tokens.

    Without a password one is made and returned, to be told once.
    """
    actor.require("people.role", "change")
    with command(actor, why="password set by an administrator"):
        account = _account(account_id)
        if account.pk == actor.account_id:
            raise Refusal("own_password", _("Change your own password under “Change password”."))
        check_version(account, expected_version)
        made = "" if password else new_password()
        _set_password(account, password or made, field="password")
        account.must_change_password = True
        account.version += 1
        account.save(update_fields=["password", "must_change_password", "version", "updated_at"])
        sessions_kill(account=account)
        tokens_revoke(actor=actor, account=account)
        sign_in_note(
            what=SignInEvent.What.PASSWORD, login=account.login, account=account, ip=actor.ip
        )
        return NewAccount(account, made)


def password_change(
    *, actor: Actor, old: str, new: str, this_session: int | None = None, agent: str = ""
) -> Account:
    """Change one's own password; every other browser of the account is signed out (SECURITY E 29).

    Tokens of the API stay: programs use them, and who makes them chooses when they end. An administrator's
    new password, which says that the account may be in other hands, ends them.
    """
    with command(actor, why="own password changed"):
        account = _account(actor.account_id)
        if not account.check_password(old):
            raise Refusal("wrong_password", _("This is not your present password."), field="old")
        if old == new:
            raise Refusal(
                "same_password", _("Choose another password than the present one."), field="new"
            )
        _set_password(account, new, field="new")
        account.must_change_password = False
        account.version += 1
        account.save(update_fields=["password", "must_change_password", "version", "updated_at"])
        sessions_kill(account=account, but=this_session)
        sign_in_note(
            what=SignInEvent.What.PASSWORD,
            login=account.login,
            account=account,
            ip=actor.ip,
            agent=agent,
        )
        return account


def _account(pk: int | None) -> Account:
    account = Account.objects.select_for_update().filter(pk=pk or 0).first()
    if account is None:
        raise NotFound("not_found", _("There is no such account."))
    return account


def _roles(ids: Iterable[int]) -> list[Role]:
    wanted = set(ids)
    roles = list(Role.objects.filter(pk__in=wanted))
    if len(roles) != len(wanted):
        raise Refusal(
            "unknown_role",
            _("One of these roles does not exist any more. Choose again."),
            field="roles",
        )
    return roles


def _checked_login(login: str) -> str:
    clean = clean_login(login)
    if not clean:
        raise Refusal(
            "bad_login",
            _("A login has 1 to 60 letters, digits or the signs . _ - @ +, without blanks."),
            field="login",
        )
    return clean


def _login_taken() -> AbstractContextManager[None]:
    return unique(
        "account_login_once",
        Refusal("login_taken", _("This login is taken. Choose another."), field="login"),
    )


def _set_password(account: Account, password: str, *, field: str) -> None:
    """Hash a password that the validators accept and that does not hold the login."""
    if len(account.login) > 3 and account.login.lower() in password.lower():
        raise Refusal("weak_password", _("The password must not contain the login."), field=field)
    try:
        validate_password(password, account)
    except ValidationError as problem:
        raise Refusal(
            "weak_password", " ".join(problem.messages).replace("%", "%%"), field=field
        ) from problem
    account.set_password(password)

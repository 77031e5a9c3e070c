"""Tokens of the API: made, shown once, revoked (AUD-2, SYS-3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.api.scopes import checked_scopes
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.services import command
from dossier.people.models import Account, ApiToken, SignInEvent
from dossier.people.selectors import may_sign_in
from dossier.people.services._common import clean_text
from dossier.people.services.sign_ins import sign_in_note
from dossier.people.tokens import digest_of, new_secret

USUAL_DAYS, MOST_DAYS = 90, 366
MOST_TOKENS = 20


class MadeToken(NamedTuple):
    """A token and its secret, which is not kept and cannot be shown again."""

    token: ApiToken
    secret: str


def token_create(
    *,
    actor: Actor,
    name: str,
    scopes: Iterable[str],
    days: int = USUAL_DAYS,
    account_id: int | None = None,
    agent: str = "",
) -> MadeToken:
    """Make a token for oneself; for another (``account_id``) only the program itself, at its console, may.

    ``days`` it is valid, 1 to 366. Raises Refusal for scopes that do not exist, too many tokens, a bad term.
    """
    owner_id = account_id if account_id is not None else actor.account_id
    if owner_id != actor.account_id and not actor.is_system:
        raise NotAllowed("not_allowed", _("Everybody makes tokens for himself or herself only."))
    with command(actor, why="API token made"):
        account = (
            Account.objects.select_for_update(of=("self",))
            .select_related("employee")
            .filter(pk=owner_id or 0)
            .first()
        )
        if account is None or not may_sign_in(account):
            raise NotFound("not_found", _("There is no such account, or it is closed."))
        clean = clean_text(
            name,
            longest=60,
            field="name",
            must=True,
            blank=_("Give the token a name, for example the program that uses it."),
        )
        if not 1 <= days <= MOST_DAYS:
            raise Refusal(
                "bad_term",
                _("A token is valid for 1 to %(most)s days."),
                field="days",
                params={"most": MOST_DAYS},
            )
        living = account.api_tokens.filter(revoked_at=None, expires_at__gt=timezone.now())
        if living.count() >= MOST_TOKENS:
            raise Refusal(
                "too_many",
                _("You have %(most)s tokens. Revoke one that is not used any more."),
                params={"most": MOST_TOKENS},
            )
        prefix, secret = new_secret()
        token = ApiToken.objects.create(
            account=account,
            name=clean,
            prefix=prefix,
            digest=digest_of(secret),
            scopes=checked_scopes(scopes),
            expires_at=timezone.now() + timedelta(days=days),
        )
        sign_in_note(
            what=SignInEvent.What.TOKEN,
            login=account.login,
            account=account,
            ip=actor.ip,
            agent=agent,
        )
        return MadeToken(token, secret)


def token_revoke(*, actor: Actor, token_id: int, agent: str = "") -> ApiToken:
    """End a token at once: one's own, or anybody's with the right to change accounts. Twice is once."""
    with command(actor, why="API token revoked"):
        rows = ApiToken.objects.select_for_update(of=("self",)).select_related("account")
        if not actor.can("people.role", "change"):
            rows = rows.filter(account_id=actor.account_id or 0)
        token = rows.filter(pk=token_id).first()
        if token is None:
            raise NotFound("not_found", _("There is no such token."))
        if token.revoked_at is None:
            _revoke(actor, token, agent)
        return token


def tokens_revoke(*, actor: Actor, account: Account, agent: str = "") -> int:
    """End all tokens of an account, inside the running command; how many."""
    rows = list(account.api_tokens.select_for_update().filter(revoked_at=None).order_by("pk"))
    for token in rows:
        _revoke(actor, token, agent)
    return len(rows)


def _revoke(actor: Actor, token: ApiToken, agent: str) -> None:
    token.revoked_at = timezone.now()
    token.revoked_by = actor.login[:150]
    token.version += 1
    token.save(update_fields=["revoked_at", "revoked_by", "version", "updated_at"])
    sign_in_note(
        what=SignInEvent.What.TOKEN_END,
        login=token.account.login,
        account=token.account,
        ip=actor.ip,
        agent=agent,
    )

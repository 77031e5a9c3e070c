"""Browsers signed in, and the record of sign-ins (AUD-2)."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.core.services import command
from dossier.people.models import Account, SignInEvent, SignInSession
from dossier.people.rules import login_key

SEEN_EVERY = timedelta(minutes=1)
What = SignInEvent.What


def sign_in_note(
    *,
    what: SignInEvent.What,
    login: str,
    account: Account | None = None,
    ip: str = "",
    agent: str = "",
) -> SignInEvent:
    """Record that somebody signed in, failed, was locked out, signed out (AUD-2)."""
    return SignInEvent.objects.create(
        what=what,
        login=login_key(login) or "—",
        account=account,
        ip=ip[:45],
        agent=_one_line(agent),
    )


def session_begin(*, account: Account, key: str, ip: str = "", agent: str = "") -> SignInSession:
    """Note a browser that signed in, so that its owner can see and end it; forget those that ended."""
    with command(Actor(login=account.login, name=account.login, account_id=account.pk, ip=ip)):
        noted = SignInSession.objects.filter(account=account)
        alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
        noted.exclude(session_key__in=alive).delete()
        session, _made = SignInSession.objects.update_or_create(
            session_key_hash=hashlib.sha256(key.encode()).hexdigest(),
            defaults={
                "session_key": key,
                "account": account,
                "ip": ip[:45],
                "agent": _one_line(agent),
            },
        )
        return session


def session_seen(*, session_id: int, ip: str = "") -> bool:
    """Note that a browser is in use; False when the session was ended meanwhile."""
    return bool(
        SignInSession.objects.filter(pk=session_id).update(last_seen_at=timezone.now(), ip=ip[:45])
    )


def session_moved(*, session_id: int, key: str) -> None:
    """The browser goes on under a new session key (after a change of password)."""
    SignInSession.objects.filter(pk=session_id).update(
        session_key=key, session_key_hash=hashlib.sha256(key.encode()).hexdigest()
    )


def sessions_kill(*, account: Account, but: int | None = None) -> int:
    """End the account's browsers except one, inside the running command; how many were ended."""
    ending = SignInSession.objects.filter(account=account)
    if but is not None:
        ending = ending.exclude(pk=but)
    keys = list(ending.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    ending.delete()
    return len(keys)


def session_end(*, actor: Actor, session_id: int, agent: str = "") -> None:
    """End one of one's own browsers. Somebody else's does not exist for the actor."""
    with command(actor):
        own = SignInSession.objects.filter(account_id=actor.account_id or 0)
        session = own.filter(pk=session_id).first()
        if session is None:
            raise NotFound("not_found", _("There is no such session, or it has ended already."))
        Session.objects.filter(session_key=session.session_key).delete()
        session.delete()
        sign_in_note(
            what=What.OUT, login=actor.login, account=session.account, ip=actor.ip, agent=agent
        )


def sessions_end_all(*, actor: Actor, agent: str = "") -> int:
    """Sign out everywhere: all of one's browsers, this one included; how many were ended."""
    with command(actor):
        account = Account.objects.get(pk=actor.account_id or 0)
        ended = sessions_kill(account=account)
        sign_in_note(
            what=What.OUT_EVERYWHERE, login=actor.login, account=account, ip=actor.ip, agent=agent
        )
        return ended


def language_keep(*, actor: Actor, language: str) -> None:
    """Remember the language a person chose (SYS-2); no new version, for nobody else edits it."""
    with command(actor):
        Account.objects.filter(pk=actor.account_id or 0).exclude(language=language).update(
            language=language
        )


def _one_line(agent: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in agent)[:300]

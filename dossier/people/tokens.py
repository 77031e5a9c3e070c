"""The form of an API token, and the caller behind one (AUD-2, SYS-3).

A token is ``dossier_<prefix>_<secret>``: the prefix finds its row and may be shown, the secret has 256 random
bits, so that a plain digest keeps it as well as a slow one would, at a cost each request can bear.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from hmac import compare_digest

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from dossier.core.access import Actor
from dossier.core.api.auth import Caller
from dossier.core.api.scopes import cut
from dossier.people.models import Account, ApiToken
from dossier.people.selectors import reach_query, read_reach
from dossier.people.states import EmployeeStatus

USE_NOTED_EVERY = timedelta(minutes=1)
_EVERY = USE_NOTED_EVERY.total_seconds()
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without signs that look alike
_FORM = re.compile(r"dossier_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")

# One indexed query: the token, its account and all that the account may do.
_CALLER = reach_query(
    "SELECT t.id, t.digest, t.scopes, t.expires_at, t.revoked_at, t.last_used_at, t.last_used_ip,"
    " a.id AS account_id, a.login, a.is_active, a.language, a.employee_id,"
    " e.team_id, e.name, e.status"
    " FROM people_apitoken t JOIN people_account a ON a.id = t.account_id"
    " LEFT JOIN people_employee e ON e.id = a.employee_id WHERE t.prefix = %(prefix)s",
    facts="json_build_array(id, digest, scopes, extract(epoch FROM expires_at), revoked_at IS NOT NULL,"
    " extract(epoch FROM last_used_at), last_used_ip, account_id, login, is_active, language,"
    " employee_id, name, status)",
)


def new_secret() -> tuple[str, str]:
    """A new prefix and token."""
    prefix = "".join(secrets.choice(_ALPHABET) for _place in range(10))
    return prefix, f"dossier_{prefix}_{secrets.token_urlsafe(32)}"


def digest_of(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def caller_of(secret: str, *, ip: str = "") -> Caller | None:
    """Who calls with this token, with today's rights cut to its scopes; None where it is no valid one.

    Ended, revoked, of an account that is closed or whose owner left: all the same to the caller.
    """
    form = _FORM.fullmatch(secret)
    if form is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_CALLER, {"prefix": form[1]})
        reach = read_reach(cursor.fetchall())
    if reach.facts is None:
        return None
    (
        token_id, digest, scopes, expires, revoked, used, used_from, account_id, login, is_active,
        language, employee_id, name, status,
    ) = reach.facts  # fmt: skip
    now = timezone.now()
    valid = compare_digest(str(digest), digest_of(secret))
    if not valid or revoked or now.timestamp() >= float(expires):
        return None
    if not is_active or (employee_id is not None and status != EmployeeStatus.IN_POST):
        return None
    if used is None or used_from != ip[:45] or now.timestamp() - float(used) > _EVERY:
        _note_use(token_id, now, ip)
    actor = Actor(
        login=login,
        name=name or login,
        account_id=account_id,
        employee_id=employee_id,
        roles=reach.roles,
        grants=reach.grants,
        team_ids=reach.team_ids,
        member_ids=reach.member_ids,
        region_codes=reach.region_codes,
        via="api",
        ip=ip,
        language=language if language in dict(settings.LANGUAGES) else "",
        token=form[1],
    )
    return Caller(cut(actor, scopes), token_id, frozenset(scopes))


def _note_use(token_id: int, now: datetime, ip: str) -> None:
    """Note that a token is in use, at most once a minute."""
    ApiToken.objects.filter(pk=token_id).update(last_used_at=now, last_used_ip=ip[:45])


def tokens_of(account: Account) -> QuerySet[ApiToken]:
    """An account's tokens, the newest first."""
    return ApiToken.objects.filter(account=account).order_by("-pk")

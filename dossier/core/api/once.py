"""The same write sent twice is done once and answered alike (header ``Idempotency-Key``)."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from dossier.core.api.problems import Answered, problem
from dossier.core.models import ApiAnswer

HEADER = "Idempotency-Key"
PATTERN = "^[!-~]{1,64}$"
KEPT = timedelta(days=1)
_KEY = re.compile(r"[!-~]{1,64}")


def key_of(request: HttpRequest) -> str:
    """The key sent along; empty without one."""
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    if not _KEY.fullmatch(key):
        raise Answered(
            problem(
                400,
                "bad_key",
                _("The header Idempotency-Key has 1 to 64 visible ASCII characters."),
            )
        )
    return key


def claimed(request: HttpRequest, token_id: int, key: str) -> ApiAnswer:
    """Claim a key inside the running frame; ``status`` is set where the request was answered before.

    A repeat at the same time waits here for the first to end. A key sent with another request is refused.
    """
    said = f"{request.method}\n{request.get_full_path()}\n".encode() + request.body
    digest = hashlib.sha256(said).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_apianswer (token_id, key, digest, status, body, location, at)"
            " VALUES (%s, %s, %s, 0, '', '', now()) ON CONFLICT (token_id, key) DO NOTHING",
            [token_id, key, digest],
        )
    claim = ApiAnswer.objects.select_for_update().get(token_id=token_id, key=key)
    if claim.digest != digest:
        raise Answered(
            problem(
                422,
                "key_reused",
                _("This Idempotency-Key was sent with another request. Use a new one."),
            )
        )
    return claim


def forget() -> int:
    """Remove answers older than a day; how many."""
    count, _each = ApiAnswer.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return count

"""The frame of every write: one transaction, who and why told to the database, once only.

Law 1 of the house: the outermost command is a durable transaction; a service called inside another
joins it. The history's triggers read the context set here (AUD-1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.models import Submission


class _State(Enum):
    """Whether a command runs in this thread, or a frame that waits for one."""

    NONE = "none"
    FRAMED = "framed"
    RUNNING = "running"


_running: ContextVar[_State] = ContextVar("dossier_command_running", default=_State.NONE)

LOCK_TIMEOUT = "5s"
_KEY = re.compile(r"[ -~]{1,64}")


@contextmanager
def command(actor: Actor, *, why: str = "", **facts: Any) -> Iterator[None]:
    """Run a write as ``actor``; all of it is committed at the end, or none.

    ``why`` and ``facts`` (for example ``import_run=7``) are kept with the history of each change.
    A command inside a command joins the outer transaction and its context.
    """
    state = _running.get()
    if state is _State.RUNNING:
        yield
        return
    token = _running.set(_State.RUNNING)
    try:
        with transaction.atomic(durable=state is _State.NONE):
            context = actor.context() | {key: value for key, value in facts.items() if value}
            if why:
                context["why"] = why
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('dossier.context', %s, true),"
                    " set_config('lock_timeout', %s, true)",
                    [json.dumps(context, ensure_ascii=False), LOCK_TIMEOUT],
                )
            yield
    finally:
        _running.reset(token)


@contextmanager
def frame() -> Iterator[None]:
    """The transaction of a command and of what has to be kept with it, such as its answer (SYS-3).

    The command inside tells the database who writes and why, as if it stood alone.
    """
    token = _running.set(_State.FRAMED)
    try:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            yield
    finally:
        _running.reset(token)


def once(*, actor: Actor, key: str, what: str) -> Submission:
    """Claim a form's submission key inside the running command, so that a repeat does nothing twice.

    Returns the claim. When ``claim.result`` is set the work was done before: return that record.
    A concurrent repeat waits here for the first to end. The caller stores ``result`` (the primary
    key of what was made) and saves. A key used for other work, by another person, or that is none
    (1 to 64 printable ASCII characters) is refused.
    """
    used = Refusal(
        "submission_reused", _("This form was already used. Open it anew and enter again.")
    )
    if not _KEY.fullmatch(key):
        raise used
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_submission (key, what, login, result, at)"
            " VALUES (%s, %s, %s, '', now()) ON CONFLICT (key) DO NOTHING",
            [key, what, actor.login],
        )
    claim = Submission.objects.select_for_update().get(key=key)
    if claim.what != what or claim.login != actor.login:
        raise used
    return claim


def done_before(key: str | None) -> bool:
    """Whether the work of a form with this submission key is done: then nothing of it is looked at anew."""
    return bool(key) and Submission.objects.filter(key=key).exclude(result="").exists()


@contextmanager
def unique(constraint: str, refusal: Refusal) -> Iterator[None]:
    """Turn the violation of a unique constraint (its name begins so) into a refusal."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if not broken.startswith(constraint):
            raise
        raise refusal from error

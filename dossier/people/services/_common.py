"""What the services of people share: edits with versions, locks, names that must be unique."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, ScopedManager
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.models import Record
from dossier.people.models import Account, Employee
from dossier.people.rules import has_left
from dossier.people.states import EmployeeStatus

AnyRecord = TypeVar("AnyRecord", bound=Record)


def locked(manager: ScopedManager[Any], actor: Actor, pk: int, action: str) -> Any:
    """The row, locked, if the actor may do ``action`` with it; NotFound or NotAllowed otherwise."""
    manager.reachable(actor, pk, action)
    return manager.get_queryset().select_for_update().get(pk=pk)


def write(record: Record, changes: Mapping[str, Any], *, expected_version: int | None) -> bool:
    """Put changed values on a locked row and save them; whether anything changed.

    ``expected_version`` is the version the editor saw (None: a program that has just read the row).
    A stale one is refused with the values that stand now, unless they are the ones to be written.
    """
    different = {name: value for name, value in changes.items() if getattr(record, name) != value}
    if not different:
        return False
    if expected_version is not None and expected_version != record.version:
        raise Stale(
            "stale",
            _(
                "Someone else saved this record while you were editing. Nothing of yours is saved yet."
            ),
            params={"theirs": {name: getattr(record, name) for name in different}},
        )
    for name, value in different.items():
        setattr(record, name, value)
    record.version += 1
    record.save(update_fields=[*different, "version", "updated_at"])
    return True


def check_version(record: Record, expected_version: int | None) -> None:
    """Refuse a stale edit of what hangs on a record (its roles, its grants)."""
    if expected_version is not None and expected_version != record.version:
        raise Stale(
            "stale",
            _(
                "Someone else saved this record while you were editing. Nothing of yours is saved yet."
            ),
            params={"theirs": {}},
        )


def bump(record: Record) -> None:
    """Count a change of what hangs on a record as a change of the record."""
    record.version += 1
    record.save(update_fields=["version", "updated_at"])


def advisory_lock(name: str) -> None:
    """Let one transaction at a time do what ``name`` stands for; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


TREES = "people.trees"
ADMINISTRATORS = "people.administrators"


def may_change_roles() -> set[int]:
    """Accounts that can sign in and change roles now; who may not see roles cannot change them."""
    able = Account.objects.filter(
        Q(employee__isnull=True) | Q(employee__status=EmployeeStatus.IN_POST), is_active=True
    )
    for action in ("view", "change"):
        able = able.filter(roles__grants__kind="people.role", roles__grants__action=action)
    return set(able.values_list("pk", flat=True))


@contextmanager
def administrators_kept(actor: Actor) -> Iterator[None]:
    """Refuse what would leave nobody, or not the actor any more, with the right to change roles."""
    advisory_lock(ADMINISTRATORS)
    before = may_change_roles()
    yield
    after = may_change_roles()
    if before and not after:
        raise Refusal(
            "last_administrator",
            _("Nobody could change roles any more. Give another account that right first."),
        )
    if actor.account_id in before and actor.account_id not in after:
        raise Refusal(
            "locks_yourself_out",
            _(
                "You would take the right to change roles from yourself. Ask another administrator to do it."
            ),
        )


def clean_text(
    value: str, *, longest: int, field: str, must: bool = False, blank: str | Promise = ""
) -> str:
    """A text trimmed and bounded; refused by field where it is missing or too long."""
    text = value.strip()
    if any((ord(sign) < 32 and sign not in "\t\n\r") or ord(sign) == 127 for sign in text):
        raise Refusal(
            "control",
            _("This holds characters that cannot be typed. Delete and enter it again."),
            field=field,
        )
    if must and not text:
        raise Refusal("missing", blank or _("This must be filled in."), field=field)
    if len(text) > longest:
        raise Refusal(
            "too_long",
            _("At most %(longest)s characters."),
            field=field,
            params={"longest": longest},
        )
    return text


def in_post(employee: Employee | None, *, field: str) -> Employee | None:
    """The employee, refused when he or she has left."""
    if employee is not None and not employee.in_post:
        raise has_left(employee.name, field=field)
    return employee


def chosen(manager: ScopedManager[Any], actor: Actor, pk: int, *, field: str) -> Any:
    """A record named by its key in the input, only if the actor sees it."""
    row = manager.for_user(actor).filter(pk=pk).first()
    if row is None:
        raise NotFound(
            "not_found", _("There is no such record, or it is not yours to choose."), field=field
        )
    return row

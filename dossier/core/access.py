"""Who acts, and which rows and fields that person reaches (ORG-3, ORG-4).

The one place where row scope is decided: pages, search, reports, exports and files all begin at
``Model.objects.for_user(actor)``. A department declares its object kinds with ``declare``; roles
hold grants of (kind, action, scope), and the union of a person's grants is the reach.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.errors import NotAllowed, NotFound

Model = TypeVar("Model", bound=models.Model)


class Scope(models.TextChoices):
    """How far a grant reaches."""

    OWN = "own", _("own records")
    TEAM = "team", _("own team and below")
    TERRITORY = "territory", _("own territory")
    ALL = "all", _("everything")


@dataclass(frozen=True)
class Actor:
    """Who acts: a signed-in person, or the program itself on somebody's behalf.

    ``grants`` maps "kind.action" to the scopes held; ``team_ids`` are the person's team and all
    below it, ``member_ids`` the employees of these teams; ``region_codes`` are the six-digit divisions of the person's territories.
    """

    login: str
    name: str
    account_id: int | None = None
    employee_id: int | None = None
    roles: tuple[str, ...] = ()
    grants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    team_ids: frozenset[int] = frozenset()
    member_ids: frozenset[int] = frozenset()
    region_codes: tuple[str, ...] = ()
    is_system: bool = False
    via: str = "web"
    ip: str = ""
    language: str = ""
    token: str = ""  # by which token of the API the person acts: the part that may be shown

    def scopes(self, kind: str, action: str) -> frozenset[str]:
        """The scopes this actor holds for an action on a kind; empty means none at all."""
        if self.is_system:
            return frozenset({Scope.ALL.value})
        return self.grants.get(f"{kind}.{action}", frozenset())

    def can(self, kind: str, action: str) -> bool:
        """Whether the actor may do this with at least some rows of the kind."""
        return bool(self.scopes(kind, action))

    def require(self, kind: str, action: str) -> None:
        """Raise NotAllowed unless ``can``."""
        if not self.can(kind, action):
            raise NotAllowed(
                "not_allowed",
                _("Your role does not include this. Ask the system administrator for the right."),
            )

    def context(self) -> dict[str, Any]:
        """What the history records about this actor with each change."""
        facts = {
            "login": self.login,
            "name": self.name,
            "account": self.account_id,
            "employee": self.employee_id,
            "via": self.via,
            "ip": self.ip,
            "token": self.token,
        }
        return {key: value for key, value in facts.items() if value not in (None, "")}


def system_actor(*, os_user: str | None = None, via: str = "system") -> Actor:
    """The program itself; the operating-system user who started it is recorded."""
    if os_user is None:
        try:
            os_user = getpass.getuser()
        except (KeyError, OSError):
            os_user = "unknown"
    return Actor(login=f"system:{os_user}", name="系统", is_system=True, via=via)


@dataclass(frozen=True)
class ObjectKind:
    """What can be granted on one kind of record.

    ``reach`` turns an actor's scopes (never empty, never containing ``all``) for an action into the
    condition its rows must meet. ``implies`` names an action whose scope bounds the others (a change needs a view).
    """

    key: str
    label: str | Promise
    actions: Mapping[str, str | Promise]
    scopes: tuple[Scope, ...] = tuple(Scope)
    reach: Callable[[Actor, frozenset[str], str], Q] | None = None
    model: str | None = None


_kinds: dict[str, ObjectKind] = {}
_by_model: dict[str, ObjectKind] = {}


def declare(kind: ObjectKind) -> ObjectKind:
    """Register an object kind; a department calls this in its ``access.py``."""
    _kinds[kind.key] = kind
    if kind.model:
        _by_model[kind.model.lower()] = kind
    return kind


def kinds() -> tuple[ObjectKind, ...]:
    """All kinds in the order of declaration (core to the highest department)."""
    return tuple(_kinds.values())


def kind_of(model: type[models.Model]) -> ObjectKind:
    """The kind that governs a model's rows; KeyError where a model forgot to declare one."""
    return _by_model[model._meta.label_lower]


class ScopedQuerySet(models.QuerySet[Model]):
    """A queryset that can be cut to what an actor may see."""

    def for_user(self, actor: Actor, action: str = "view") -> Self:
        """Rows this actor may ``action``; the empty set without the right."""
        kind = kind_of(self.model)
        scopes = actor.scopes(kind.key, action)
        if action != "view":
            scopes = scopes if actor.can(kind.key, "view") else frozenset()
        if not scopes:
            return self.none()
        if Scope.ALL in scopes:
            rows = self
        else:
            if kind.reach is None:
                return self.none()
            rows = self.filter(kind.reach(actor, scopes, action))
        if action != "view" and Scope.ALL not in actor.scopes(kind.key, "view"):
            assert kind.reach is not None
            rows = rows.filter(kind.reach(actor, actor.scopes(kind.key, "view"), "view"))
        return rows

    def reachable(self, actor: Actor, pk: object, action: str = "view") -> Model:
        """The one row, or NotFound outside the scope, or NotAllowed if seen but not for this action."""
        row = self.for_user(actor).filter(pk=pk).first()
        if row is None:
            raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
        if action != "view" and not self.for_user(actor, action).filter(pk=pk).exists():
            raise NotAllowed(
                "not_allowed",
                _("Your role does not include this. Ask the system administrator for the right."),
            )
        return row


class ScopedManager(models.Manager[Model]):
    """Manager whose querysets know ``for_user``."""

    def get_queryset(self) -> ScopedQuerySet[Model]:
        return ScopedQuerySet(self.model, using=self._db)

    def for_user(self, actor: Actor, action: str = "view") -> ScopedQuerySet[Model]:
        """Rows this actor may ``action``."""
        return self.get_queryset().for_user(actor, action)

    def reachable(self, actor: Actor, pk: object, action: str = "view") -> Model:
        """See ScopedQuerySet.reachable."""
        return self.get_queryset().reachable(actor, pk, action)

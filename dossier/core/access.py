"""Who acts, and which rows and fields that person reaches (ORG-3, ORG-4).

The one place where row scope is decided: pages, search, reports, exports and files all begin at
``Model.objects.for_user(actor)``. A department declares its object kinds with ``declare``; roles
hold grants of (kind, action, scope), and the union of a person's grants is the reach.
"""

from __future__ import annotations

import getpass
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.errors import NotAllowed, NotFound

Model = TypeVar("Model", bound=models.Model)

_ITSELF = ("", "")  # a ground that asks the row itself, not other rows
_FEW_KEYS = 20_000  # looking each up in an index costs less than reading a million rows


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
class Ground:
    """One reason for which a row lies within a reach, declared once (ORG-4).

    A row is within reach where its ``column`` holds one of the values that ``held`` finds with the actor;
    None among these means an empty column. Queries (``condition``) and the page that says who sees a
    record and why (``because``) are both made from this, so that they cannot differ.
    """

    key: str
    column: str
    """Path from the row to a value, as in a filter."""
    held: Callable[[Actor], Collection[Any]]
    begins: bool = False
    """The column must begin with a value held, instead of being one."""
    scopes: frozenset[Scope] = frozenset(Scope)
    """The scopes of a grant that open this ground."""
    actions: frozenset[str] = frozenset()
    """Only for these actions; empty means for all."""
    needs: str = ""
    """Another right, "kind.action", that the actor must hold as well."""
    among: tuple[str, str] = _ITSELF
    """The column is one of another model's rows: its label, and the column of it that names the row."""
    beside: str = ""
    """Another ground, beside which this one is not worth saying."""

    def opens(self, actor: Actor, scopes: frozenset[str], action: str) -> bool:
        """Whether this ground counts at all for an actor with these scopes."""
        return (
            any(scope in scopes for scope in self.scopes)
            and (not self.actions or action in self.actions)
            and (not self.needs or actor.can(*_split(self.needs)))
        )

    def holds(self, actor: Actor, values: frozenset[Any]) -> bool:
        """Whether a row with these values of the column is within the actor's reach on this ground."""
        held = self.held(actor)
        if self.begins:
            return any(str(one).startswith(start) for one in values if one for start in held)
        return not values.isdisjoint(held)

    def values(self, model: type[models.Model], pk: object) -> frozenset[Any]:
        """What the column holds for a row; several values where ``among`` names other rows."""
        label, link = self.among
        rows = (
            apps.get_model(label)._default_manager.all() if label else model._default_manager.all()
        )
        found = rows.filter(**{link or "pk": pk}).order_by()
        return frozenset(found.values_list(self.column, flat=True))


@dataclass(frozen=True)
class Through:
    """A row lies within reach because the record it belongs to does: an order because of its customer.

    For seeing, the actor's right to see the other record counts; for anything else the other record must
    lie within the scope of that right itself.
    """

    key: str
    column: str
    """The row's column with the key of the other record."""
    model: str
    """Label of the other record's model."""

    def right(
        self, permission: str, scopes: frozenset[str], actor: Actor
    ) -> tuple[str, frozenset[str]]:
        """Which right, and with which scopes, decides about the other record."""
        kind = _by_model[self.model.lower()]
        if permission.endswith(".view"):
            return f"{kind.key}.view", actor.scopes(kind.key, "view")
        return permission, scopes


@dataclass(frozen=True)
class Because:
    """Why an actor may do something with a row: on which ground, by which right.

    ``ground`` is None where the scope is everything; ``through`` are the records it was reached by.
    """

    ground: Ground | None
    permission: str
    values: frozenset[Any] = frozenset()
    through: tuple[Through, ...] = ()

    def holds(self, actor: Actor) -> bool:
        """Whether the row is within the actor's reach on this ground."""
        return self.ground is None or self.ground.holds(actor, self.values)


@dataclass(frozen=True)
class Facts:
    """What a row's grounds ask of it, read once, to be held against any number of actors."""

    kind: ObjectKind
    values: Mapping[str, frozenset[Any]]
    beyond: Mapping[str, tuple[Facts, ...]]
    _opened: dict[tuple[int, bool, str], tuple[tuple[Because, ...], object]] = field(
        default_factory=dict, repr=False
    )

    def opened(self, actor: Actor, action: str) -> tuple[Because, ...]:
        """See ``ObjectKind.opened``; worked out once for all actors who share their grants."""
        key = (id(actor.grants), actor.is_system, action)
        found = self._opened.get(key)
        if found is None:
            scopes = actor.scopes(self.kind.key, action)
            reasons = tuple(self.kind.opened(actor, f"{self.kind.key}.{action}", scopes, self))
            found = self._opened[key] = (reasons, actor.grants)  # kept, or the id might come again
        return found[0]

    def reached(self, actor: Actor) -> bool:
        """Whether the actor sees the row."""
        return any(one.holds(actor) for one in self.opened(actor, "view"))


@dataclass(frozen=True)
class ObjectKind:
    """What can be granted on one kind of record.

    ``grounds`` say which rows a scope other than everything reaches. ``demands`` names, by action, a
    record that must be visible besides: who changes an order must see its customer.
    """

    key: str
    label: str | Promise
    actions: Mapping[str, str | Promise]
    scopes: tuple[Scope, ...] = tuple(Scope)
    grounds: tuple[Ground | Through, ...] = ()
    demands: Mapping[str, Through] = field(default_factory=dict)
    model: str | None = None

    def condition(
        self, actor: Actor, scopes: frozenset[str], action: str, *, whole: bool = False
    ) -> Q | None:
        """The condition of the rows that scopes reach for an action; None means every row.

        ``whole``: all of them will be read, as a sum does, not a page of them.
        """
        if Scope.ALL in scopes:
            return None
        held: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
        found = Q(pk__in=[])
        for ground in self.grounds:
            if isinstance(ground, Through):
                _right, through = ground.right(f"{self.key}.{action}", scopes, actor)
                if through:
                    side = _beyond(ground, actor, through, action, whole=whole)
                    if side is None:
                        return None
                    found |= side
            elif ground.opens(actor, scopes, action):
                # Values of one column are put together: one list, which the planner knows.
                held[ground.among, ground.column, ground.begins].update(ground.held(actor))
        for (among, column, begins), values in held.items():
            said = held.get((_ITSELF, column, begins)) == values
            found |= _holding(among, column, begins, values, said=said)
        return found

    def because(self, actor: Actor, action: str, facts: Facts) -> list[Because]:
        """Why the actor may do this with the row of these facts; empty where not. Asks no database."""
        if action != "view" and not facts.reached(actor):
            return []
        demand = self.demands.get(action)
        if demand is not None and not any(one.reached(actor) for one in facts.beyond[demand.key]):
            return []
        found = [one for one in facts.opened(actor, action) if one.holds(actor)]
        said = {(one.through, one.ground.key) for one in found if one.ground}
        return [
            one
            for one in found
            if one.ground is None or (one.through, one.ground.beside) not in said
        ]

    def opened(
        self, actor: Actor, permission: str, scopes: frozenset[str], facts: Facts
    ) -> Iterator[Because]:
        """What can be reasons for an actor with these scopes, each still to be held against the actor."""
        if not scopes:
            return
        if Scope.ALL in scopes:
            yield Because(None, permission)
        action = permission.rpartition(".")[2]
        for ground in self.grounds:
            if isinstance(ground, Through):
                right, beyond = ground.right(permission, scopes, actor)
                for other in facts.beyond[ground.key]:
                    for one in other.kind.opened(actor, right, beyond, other):
                        if one.ground is not None or Scope.ALL not in scopes:  # said above
                            yield replace(one, through=(ground, *one.through))
            elif ground.opens(actor, scopes, action):
                yield Because(ground, permission, facts.values[ground.key])

    def facts(self, model: type[models.Model], pk: object) -> Facts:
        """The facts of a row that grounds ask for."""
        values: dict[str, frozenset[Any]] = {}
        beyond: dict[str, tuple[Facts, ...]] = {}
        for ground in (*self.grounds, *self.demands.values()):
            if isinstance(ground, Ground):
                values[ground.key] = ground.values(model, pk)
            elif ground.key not in beyond:
                other = apps.get_model(ground.model)
                keys = model._default_manager.filter(pk=pk).values_list(ground.column, flat=True)
                beyond[ground.key] = tuple(
                    kind_of(other).facts(other, key) for key in keys if key is not None
                )
        return Facts(self, values, beyond)


def _split(permission: str) -> tuple[str, str]:
    kind, _dot, action = permission.rpartition(".")
    return kind, action


def _holding(
    among: tuple[str, str], column: str, begins: bool, values: Collection[Any], *, said: bool
) -> Q:
    """Rows whose column, or whose rows of another model, hold one of the values.

    Rows of another model are looked up row by row, never as a set, which would be made of all there are
    before the first row of a page. ``said``: the same is asked of the row's own column, a key; then those
    that hold what the row itself holds need not be looked for.
    """
    found = Q(pk__in=[])
    if begins:
        for start in sorted(values):
            found |= Q(**{f"{column}__startswith": start})
    else:
        found |= Q(**{f"{column}__in": sorted(one for one in values if one is not None)})
        if None in values:
            found |= Q(**{f"{column}__isnull": True})
    label, link = among
    if not label:
        return found
    others = apps.get_model(label)._default_manager.filter(found).filter(**{link: OuterRef("pk")})
    if said:
        others = others.exclude(**{column: Coalesce(OuterRef(column), 0)})
    return Q(Exists(others))


class _AnyOf(Func):
    """A column holds one of the keys a subquery finds, which are found once and looked up in its index."""

    arg_joiner = " = ANY "
    template = "%(expressions)s"
    output_field = models.BooleanField()


class _Keys(ArraySubquery):
    template = "(ARRAY(%(subquery)s))"
    empty_result_set_value = NotImplemented  # of no keys there is no row, not ``= ANY NULL``


def _beyond(
    through: Through, actor: Actor, scopes: frozenset[str], action: str, *, whole: bool = False
) -> Q | None:
    """Rows whose other record lies within these scopes; None means every row.

    Of EXISTS the planner makes a look-up for a few rows and a set for many; IN beside another ground was
    always the set of all other records, 10,000 customers of a team for one order. Where all rows will be
    read, EXISTS beside another ground reads those of everybody: there the other records' keys are looked
    up (a salesperson's report of a million lines 16 ms instead of 197), unless they are too many.
    """
    other = apps.get_model(through.model)
    side = kind_of(other).condition(actor, scopes, action)
    if side is None:
        return None
    beyond = other._default_manager.filter(side).order_by()
    if whole and beyond[: _FEW_KEYS + 1].count() <= _FEW_KEYS:
        return Q(_AnyOf(F(through.column), _Keys(beyond.values("pk"))))
    return Q(Exists(beyond.filter(pk=OuterRef(through.column))))


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

    def for_user(self, actor: Actor, action: str = "view", *, whole: bool = False) -> Self:
        """Rows this actor may ``action``; the empty set without the right.

        ``whole``: for sums, which read all these rows; see ``ObjectKind.condition``.
        """
        kind = kind_of(self.model)
        rows = self
        for one in dict.fromkeys((action, "view")):  # who may do more must see the row besides
            scopes = actor.scopes(kind.key, one)
            if not scopes:
                return self.none()
            condition = kind.condition(actor, scopes, one, whole=whole)
            if condition is not None:
                rows = rows.filter(condition)
        demand = kind.demands.get(action)
        if demand is not None:
            condition = _demanded(demand, actor)
            if condition is not None:
                rows = rows.filter(condition)
        return rows

    def reachable(self, actor: Actor, pk: object, action: str = "view") -> Model:
        """The one row, or NotFound outside the scope, or NotAllowed if seen but not for this action.

        Who may do more must see the row besides, so one statement answers; only a no asks for its reason.
        """
        row = self.for_user(actor, action).filter(pk=pk).first()
        if row is not None:
            return row
        if action == "view" or not self.for_user(actor).filter(pk=pk).exists():
            raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
        raise NotAllowed(
            "not_allowed",
            _("Your role does not include this. Ask the system administrator for the right."),
        )

    def holds(self, actor: Actor, pk: object, action: str = "view") -> bool:
        """Whether a row that is there is within reach; not asked where the reach has no bounds."""
        rows = self.for_user(actor, action)
        return not rows.query.where or rows.filter(pk=pk).exists()


def _demanded(demand: Through, actor: Actor) -> Q | None:
    """Rows whose other record the actor sees; None means every row."""
    _right, scopes = demand.right(".view", frozenset(), actor)
    return _beyond(demand, actor, scopes, "view") if scopes else Q(pk__in=[])


class ScopedManager(models.Manager[Model]):
    """Manager whose querysets know ``for_user``."""

    def get_queryset(self) -> ScopedQuerySet[Model]:
        return ScopedQuerySet(self.model, using=self._db)

    def for_user(
        self, actor: Actor, action: str = "view", *, whole: bool = False
    ) -> ScopedQuerySet[Model]:
        """See ScopedQuerySet.for_user."""
        return self.get_queryset().for_user(actor, action, whole=whole)

    def reachable(self, actor: Actor, pk: object, action: str = "view") -> Model:
        """See ScopedQuerySet.reachable."""
        return self.get_queryset().reachable(actor, pk, action)

    def holds(self, actor: Actor, pk: object, action: str = "view") -> bool:
        """See ScopedQuerySet.holds."""
        return self.get_queryset().holds(actor, pk, action)

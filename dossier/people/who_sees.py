"""Who sees a record, changes it, reads its covered values, and why (ORG-4).

Everything follows from the grounds that departments declare in their ``access.py`` and that cut every
query: ``core.access.ObjectKind.because`` holds them against each person, this module puts what it finds
into sentences. Kinds of records whose page leads here are declared by ``subject``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dossier.core.access import Actor, Because, Facts, Ground, Scope, kind_of
from dossier.core.errors import NotFound
from dossier.people.everybody import Organisation, Person, everybody, organisation
from dossier.people.grounds import WordedGround
from dossier.people.models import Employee

SEE, CHANGE, COVERED = RIGHTS = ("see", "change", "covered")
_LAST = 1_000  # the rank of a reason that is a role's, after all grounds


@dataclass(frozen=True)
class Covered:
    """The values of a record that not everybody reads who sees it."""

    what: str | Promise
    """A sentence: which they are and who reads them."""
    may: str | Promise
    """What who may read them is said to do, in two or three words."""
    permission: str
    freely: Ground | None = None
    """Who reads them without asking."""
    everywhere: bool = False
    """The right holds for all records or for none: it is not cut to rows."""


@dataclass(frozen=True)
class Subject:
    """A kind of record whose page says who sees it. ``closed`` says why nobody changes a record now."""

    key: str
    model: type[models.Model]
    title: Callable[[Any], str]
    url: Callable[[Any], str]
    back: Callable[[], tuple[str, str]]
    """Label and address of the list it stands in."""
    closed: Callable[[Any], str] = lambda row: ""
    covered: Covered | None = None


_subjects: dict[str, Subject] = {}


def subject(item: Subject) -> Subject:
    """Register a kind of record."""
    _subjects[item.key] = item
    return item


def subjects() -> tuple[Subject, ...]:
    """All that are declared."""
    return tuple(_subjects.values())


def subject_of(key: str) -> Subject:
    """The kind of a key; NotFound where none is declared."""
    try:
        return _subjects[key]
    except KeyError:
        raise NotFound(
            "not_found", _("There is no such record, or it is not yours to see.")
        ) from None


def menu_item(key: str, row: models.Model) -> dict[str, Any]:
    """The entry in the menu of a record's page."""
    url = reverse("who-sees", args=[key, row.pk])
    return {"label": _("Who can see this and why"), "url": url, "icon": "users"}


@dataclass(frozen=True)
class Reason:
    """One sentence that says why, and how far down it stands. Equal reasons have equal keys."""

    key: str
    text: str
    rank: int


@dataclass
class Seer:
    """Somebody who sees the record: by each reason what he or she may do, and by which roles."""

    person: Person
    rights: dict[Reason, dict[str, list[str]]] = field(default_factory=dict)

    def may(self, right: str) -> bool:
        """Whether the person has this right on any ground."""
        return any(right in found for found in self.rights.values())


@dataclass(frozen=True)
class Refused:
    """Somebody asked for who does not see the record, and why not."""

    employee: Employee
    text: str


def _paths(facts: Facts) -> Iterator[tuple[str, ...]]:
    """Grounds in the order of their declaration, those through another record in its place."""
    for ground in facts.kind.grounds:
        if isinstance(ground, Ground):
            yield (ground.key,)
            continue
        for other in facts.beyond[ground.key]:
            for path in _paths(other):
                yield (ground.key, *path)


class Explanation:
    """Who reaches one row; built for a reader, who is told only of people within his or her own reach.

    Costs some ten queries whatever the number of people.
    """

    def __init__(self, reader: Actor, subject: Subject, row: models.Model) -> None:
        self.reader = reader
        self.subject = subject
        self.kind = kind_of(subject.model)
        self.facts: Facts = self.kind.facts(subject.model, row.pk)
        self.closed = subject.closed(row)
        self.company: Organisation = organisation(reader)
        self._everywhere = Because(None, subject.covered.permission if subject.covered else "")
        self._texts: dict[tuple[Any, ...], Reason] = {}
        self._of_roles: dict[tuple[int, tuple[int, ...]], list[tuple[Reason, str]]] = {}
        self._ranks = {path: at for at, path in enumerate(_paths(self.facts))}
        self.colleagues = self._colleagues()
        self.everything_known = self.colleagues is None and reader.can("people.role", "view")
        people = everybody(self.company, permission=f"{self.kind.key}.view")
        seers = [seer for one in people if self._knows(one) and (seer := self._seer(one))]
        self.seers = sorted(seers, key=lambda seer: min(reason.rank for reason in seer.rights))

    def _colleagues(self) -> frozenset[int] | None:
        """Employees the reader may know of; None means all (law 3: others do not exist)."""
        if Scope.ALL in self.reader.scopes("people.employee", "view"):
            return None
        mine = {self.reader.employee_id} if self.reader.employee_id is not None else set()
        seen = Employee.objects.for_user(self.reader).values_list("pk", flat=True)
        return frozenset(mine.union(seen))

    def _knows(self, person: Person) -> bool:
        if person.actor.account_id == self.reader.account_id:
            return True
        if person.employee_id is None:
            return self.reader.can("people.role", "view")
        return self.colleagues is None or person.employee_id in self.colleagues

    def _seer(self, person: Person) -> Seer | None:
        """What a person may do with the row; None for whom it does not exist."""
        view = self.kind.because(person.actor, "view", self.facts)
        if not view:
            return None
        seer = Seer(person)
        self._add(seer, SEE, view)
        if not self.closed:
            self._add(seer, CHANGE, self.kind.because(person.actor, "change", self.facts))
        covered = self.subject.covered
        if covered is not None:
            self._add(seer, COVERED, list(self._reads(person.actor, covered)))
        return seer

    def _reads(self, actor: Actor, covered: Covered) -> Iterator[Because]:
        kind, _dot, action = covered.permission.rpartition(".")
        if covered.everywhere:
            if actor.can(kind, action):
                yield self._everywhere
            return
        yield from self.kind.because(actor, action, self.facts)
        free = covered.freely
        if free is not None and free.holds(actor, self.facts.values[free.key]):
            yield Because(free, f"{self.kind.key}.view", self.facts.values[free.key])

    def _add(self, seer: Seer, right: str, found: Collection[Because]) -> None:
        for because in found:
            for reason, name in self._told(seer.person, because):
                names = seer.rights.setdefault(reason, {}).setdefault(right, [])
                if name and name not in names:
                    names.append(name)

    def _told(self, person: Person, because: Because) -> Sequence[tuple[Reason, str]]:
        """The sentences of a ground for a person, each with the name of a role that opens it.

        What is a role's alone names the role itself, is the same for all who have it, and made once.
        """
        if because.ground is not None:
            return list(self._grounded(person, because, because.ground))
        key = (id(because), person.role_ids)  # facts keep the reason, so that its id is its own
        found = self._of_roles.get(key)
        if found is None:
            found = self._of_roles[key] = list(self._by_role(person, because))
        return found

    def _by_role(self, person: Person, because: Because) -> Iterator[tuple[Reason, str]]:
        elsewhere = self._elsewhere(because)
        path = tuple(step.key for step in because.through)
        for pk in person.role_ids:
            role = self.company.roles[pk]
            scope = role.grants.get(because.permission)
            if scope == Scope.ALL or (scope and elsewhere is not None):
                alone = elsewhere and role.grants.get(f"{self.kind.key}.view") != Scope.ALL
                key = (*path, "role", pk, "covered" if alone else "")
                text = partial(self._role_text, role.name, because, reaches=not alone)
                yield self._reason(key, _LAST, text), ""

    def _grounded(
        self, person: Person, because: Because, ground: Ground
    ) -> Iterator[tuple[Reason, str]]:
        assert isinstance(ground, WordedGround), f"{ground.key} has no words"
        permission = ground.needs or because.permission
        roles = [self.company.roles[pk] for pk in person.role_ids]
        names = [role.name for role in roles if role.grants.get(permission) in ground.scopes]
        path = (*(step.key for step in because.through), ground.key)
        for detail, text in ground.told(person, because.values, self.company):
            reason = self._reason((*path, detail), self._ranks[path], text)
            for name in names:
                yield reason, name

    def _elsewhere(self, because: Because) -> Covered | None:
        """The covered values, where the right to read them is none on rows."""
        covered = self.subject.covered
        if covered is None or not covered.everywhere or because.permission != covered.permission:
            return None
        return covered

    def _reason(self, key: tuple[Any, ...], rank: int, text: Callable[[], str]) -> Reason:
        found = self._texts.get(key)
        if found is None:
            name = ".".join(str(part) for part in key if part != "")
            found = self._texts[key] = Reason(name, text(), rank)
        return found

    def _role_text(self, name: str, because: Because, *, reaches: bool) -> str:
        if not reaches:
            return _("Role %(role)s") % {"role": name}
        kind = self.facts.beyond[because.through[0].key][0].kind if because.through else self.kind
        return _("Role %(role)s reaches all %(records)s") % {"role": name, "records": kind.label}

    # What the page asks ------------------------------------------------------------------------------

    def count(self, right: str) -> int:
        """How many people have a right."""
        return sum(seer.may(right) for seer in self.seers)

    def by_reason(self) -> list[tuple[Reason, Mapping[str, int]]]:
        """Every reason with the number of people it gives each right to."""
        found: dict[Reason, dict[str, int]] = {}
        for seer in self.seers:
            for reason, rights in seer.rights.items():
                counts = found.setdefault(reason, dict.fromkeys(RIGHTS, 0))
                for right in rights:
                    counts[right] += 1
        return sorted(found.items(), key=lambda one: (one[0].rank, -one[1][SEE], one[0].text))

    def refused(self, employees: Collection[Employee]) -> list[Refused]:
        """Of these employees those who do not see the record, with what is in the way."""
        seeing = {seer.person.employee_id for seer in self.seers}
        others = [one for one in employees if one.pk not in seeing]
        people = {
            one.employee_id: one
            for one in everybody(self.company, employees=[one.pk for one in others])
        }
        return [Refused(one, self._why_not(one, people.get(one.pk))) for one in others]

    def _why_not(self, employee: Employee, person: Person | None) -> str:
        if not employee.in_post:
            return _("Has left and can no longer sign in.")
        if person is None:
            return _("Has no open account to sign in with.")
        scopes = person.actor.scopes(self.kind.key, "view")
        if not scopes:
            return _("No role of this person includes seeing %(records)s.") % {
                "records": self.kind.label
            }
        words = _(", ").join(str(scope.label) for scope in Scope if scope in scopes)
        return _("Reaches as far as: %(scopes)s. This record lies outside.") % {"scopes": words}

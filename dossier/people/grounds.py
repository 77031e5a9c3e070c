"""The grounds on which people reach records: it is theirs, their team's, of their territory (ORG-2, ORG-4).

Departments declare them in ``access.py`` for the columns of their own. ``core.access`` makes queries of
them; here they also learn to say themselves in words, person by person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dossier.core.access import Actor, Ground, Scope

if TYPE_CHECKING:
    from dossier.people.everybody import Organisation, Person

Told = tuple[str, Callable[[], str]]
"""What tells one sentence of a ground from the others, and the sentence, made when it is first wanted."""


@dataclass(frozen=True)
class WordedGround(Ground):
    """A ground that says itself; one sentence may hold for many people."""

    words: str | Promise = ""

    def told(self, who: Person, values: Collection[Any], company: Organisation) -> Iterator[Told]:
        """The sentences that are true of this person, for a row with these values of the column."""
        yield "", lambda: str(self.words)


@dataclass(frozen=True)
class TeamGround(WordedGround):
    """The row belongs to somebody of one's own team, of a team one leads, or of a team below these.

    ``subject`` is that somebody in words. ``of_teams``: the column holds teams, not employees.
    """

    subject: str | Promise = ""
    of_teams: bool = False

    def told(self, who: Person, values: Collection[Any], company: Organisation) -> Iterator[Told]:
        """Which team it is, and whether the person leads it or belongs to it."""
        teams = values if self.of_teams else {company.team_of.get(one) for one in values}
        for team in sorted(one for one in teams if one is not None):
            for at, above in enumerate(company.with_those_above(team)):
                leads = (
                    who.employee_id is not None and company.leaders.get(above) == who.employee_id
                )
                if leads or above == who.team_id:
                    named = company.named(team), company.named(above)
                    yield (
                        f"{team}.{above}.{'leads' if leads else 'in'}",
                        partial(self._sentence, *named, leads, at == 0),
                    )

    def _sentence(self, team: str, above: str, leads: bool, own: bool) -> str:
        facts = {"who": self.subject, "team": team, "above": above}
        if not team or not above:  # the reader may not know of teams
            return _("Leads or belongs to a team of %(who)s, or one above") % facts
        if own:
            if leads:
                return _("Leads %(team)s, the team of %(who)s") % facts
            return _("Belongs to %(team)s, the team of %(who)s") % facts
        if leads:
            return _("Leads %(above)s, above %(team)s, the team of %(who)s") % facts
        return _("Belongs to %(above)s, above %(team)s, the team of %(who)s") % facts


@dataclass(frozen=True)
class TerritoryGround(WordedGround):
    """The row lies in a division of one's own territory, or of one given to one's teams."""

    def told(self, who: Person, values: Collection[Any], company: Organisation) -> Iterator[Told]:
        """Which territory it is, and through whom it was given."""
        codes = [one for one in values if one]
        for area in company.territories:
            if not any(code.startswith(significant(own)) for code in codes for own in area.regions):
                continue
            name = company.area_named(area.pk)
            if who.employee_id in area.employees:
                yield f"{area.pk}", partial(_own_territory, name)
            for team in sorted(area.teams & who.actor.team_ids):
                yield f"{area.pk}.{team}", partial(_teams_territory, name, company.named(team))


def _own_territory(name: str) -> str:
    if not name:  # the reader may not know of territories
        return _("Has the territory it lies in")
    return _("Has the territory %(territory)s") % {"territory": name}


def _teams_territory(name: str, team: str) -> str:
    if not name or not team:
        return _("The territory it lies in is given to a team of the person's")
    return _("The territory %(territory)s is given to %(team)s") % {"territory": name, "team": team}


def own(key: str, column: str, words: str | Promise) -> WordedGround:
    """The row names the actor in a column of employees. Every scope includes one's own rows."""
    return WordedGround(
        key=key,
        column=column,
        held=lambda actor: () if actor.employee_id is None else (actor.employee_id,),
        words=words,
    )


def team(key: str, column: str, subject: str | Promise) -> TeamGround:
    """The row names a member of the actor's teams in a column of employees."""
    return TeamGround(
        key=key,
        column=column,
        held=lambda actor: actor.member_ids,
        scopes=frozenset({Scope.TEAM}),
        subject=subject,
    )


def territory(key: str, column: str) -> TerritoryGround:
    """The row's division, a six-digit code, lies in one of the actor's territories."""
    return TerritoryGround(
        key=key,
        column=column,
        held=_divisions,
        begins=True,
        scopes=frozenset({Scope.TERRITORY}),
    )


def _divisions(actor: Actor) -> list[str]:
    return [significant(code) for code in actor.region_codes]


def significant(code: str) -> str:
    """The digits of a division code that its subdivisions share: 370000 → 37, 370600 → 3706."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code

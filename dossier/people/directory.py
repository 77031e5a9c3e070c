"""Finds employees by what a sheet calls them: number or name."""

from __future__ import annotations

from collections import defaultdict
from typing import Literal, NamedTuple

from dossier.core.values import halfwidth
from dossier.people.models import Employee
from dossier.people.states import EmployeeStatus


class Found(NamedTuple):
    """The answer: ``one`` in post, ``left`` (known, not in post), ``many`` of that name, or ``none``."""

    how: Literal["one", "left", "many", "none"]
    pk: int | None = None
    team_id: int | None = None


_NONE = Found("none")


class Directory:
    """All employees by number and name, loaded once; pure afterwards."""

    def __init__(self) -> None:
        self._by_number: dict[str, Found] = {}
        self._by_name: dict[str, list[Found]] = defaultdict(list)
        self._asked: dict[str, Found] = {}
        rows = Employee.objects.values_list("pk", "number", "name", "status", "team_id")
        for pk, number, name, status, team in rows:
            found = Found("one" if status == EmployeeStatus.IN_POST else "left", pk, team)
            self._by_number[_key(number)] = found
            self._by_name[_key(name)].append(found)

    def find(self, given: str) -> Found:
        """The employee of this number, else of this name; among several the only one in post."""
        known = self._asked.get(given)
        if known is None:
            if len(self._asked) > 20_000:
                self._asked.clear()
            known = self._asked[given] = self._find(_key(given))
        return known

    def _find(self, key: str) -> Found:
        numbered = self._by_number.get(key)
        if numbered is not None:
            return numbered
        named = self._by_name.get(key, [])
        in_post = [found for found in named if found.how == "one"]
        if len(in_post) == 1 or len(named) == 1:
            return (in_post or named)[0]
        return Found("many") if named else _NONE


def _key(given: str) -> str:
    """Without blanks inside Chinese names, half-width, case folded."""
    key = halfwidth(given).casefold()
    return key if key.isascii() else key.replace(" ", "")

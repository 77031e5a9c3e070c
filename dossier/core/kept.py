"""Queries whose statement is made once.

Django makes the statement of a query anew each time it is asked: for the session, the account and the dozen
small tables of a customer's page that took as long as all else Python does for them. Here only the
values differ from one time to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from dossier.core.lean import lean, maker, whole

Rows = QuerySet[Any]
_BLANKS: dict[type, Callable[[int], Any]] = {  # values nobody asks for
    int: lambda place: -(10**15) - place,
    str: lambda place: f"\x02 blank {place}",
    datetime: lambda place: datetime(1800, 1, 1, tzinfo=UTC) + timedelta(seconds=place),
}


class Kept:
    """Rows of a model by values that are filled in; records as ``lean`` makes them, with all their fields.

    ``rows`` gets a blank for each of ``blanks`` (name → type), in their order, and says which rows;
    ``beside`` names records beside them that are read with them.
    """

    def __init__(
        self, rows: Callable[..., Rows], beside: Sequence[str] = (), **blanks: type
    ) -> None:
        self.rows = rows
        self.beside = beside
        self.blanks = {name: _BLANKS[of](place) for place, (name, of) in enumerate(blanks.items())}

    def all(self, **values: Any) -> list[Any]:
        """The rows for these values."""
        made = self._made
        with connection.cursor() as cursor:
            cursor.execute(made.sql, [one.filled(values) for one in made.parameters])
            found = cursor.fetchall()
        return [made.record(_converted(row, made.converters)) for row in found]

    def one(self, **values: Any) -> Any:
        """The first of the rows; None where there is none."""
        return next(iter(self.all(**values)), None)

    @cached_property
    def _made(self) -> _Made:
        asked: Any = self.rows(*self.blanks.values())
        asked = lean(asked, whole(asked.model, *self.beside))
        compiler = asked.query.get_compiler(connection=connection)
        sql, found = compiler.as_sql()
        parameters = [self._parameter(value) for value in found]
        missing = self.blanks.keys() - {one.name for one in parameters}
        if missing:
            raise ValueError(f"not asked for: {', '.join(sorted(missing))}")
        columns = [column for column, _sql, _alias in compiler.select]
        converters = list(compiler.get_converters(columns).items())
        return _Made(sql, parameters, converters, maker(asked.model, asked._fields, asked.db))

    def _parameter(self, value: Any) -> _Parameter:
        """A parameter of the statement; a whole number is one of Django's own kinds, which it keeps."""
        for name, blank in self.blanks.items():
            if isinstance(value, type(blank)) and value == blank:
                return _Parameter(name, type(value) if isinstance(blank, int) else None)
        return _Parameter("", value)


class _Parameter(NamedTuple):
    """A blank's name and the form of its value, or a value that is always the same."""

    name: str
    value: Any

    def filled(self, values: Mapping[str, Any]) -> Any:
        """The value to ask with."""
        if not self.name:
            return self.value
        value = values[self.name]
        return value if self.value is None else self.value(value)


class _Made(NamedTuple):
    """A statement, its parameters, what turns the database's values into Python's, and into a record."""

    sql: str
    parameters: list[_Parameter]
    converters: list[tuple[int, Any]]
    record: Callable[[Sequence[Any]], Any]


def _converted(row: Sequence[Any], converters: Sequence[tuple[int, Any]]) -> Sequence[Any]:
    if not converters:
        return row
    values = list(row)
    for place, (steps, column) in converters:
        for step in steps:
            values[place] = step(values[place], column, connection)
    return values

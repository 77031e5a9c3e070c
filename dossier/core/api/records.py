"""What an object shows: one declaration, from its field list, for the list, the single read and the document.

A list reads the columns asked for and nothing else, as plain tuples; no model and no checking library
stands between the database and the JSON. That the answers fit the document is checked by tests.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.api import cursors, kinds
from dossier.core.api.inputs import described
from dossier.core.api.problems import bad_parameter
from dossier.core.errors import NotAllowed, NotFound
from dossier.core.fields import FieldSpec, Kind, Mask, Surface, display_value, masked
from dossier.core.keyset import beyond, order_kind

Rows = models.QuerySet[Any]
Json = dict[str, Any]
PAGE, MOST = 50, 200


@dataclass(frozen=True)
class Shown:
    """One field of an object: the columns it is made of, what is made of them, its JSON schema.

    ``right`` ("kind.action") hides it from whoever lacks it. ``mask`` covers it unless the row is the
    reader's own (`Record.plain`).
    """

    name: str
    paths: tuple[str, ...]
    schema: Callable[[], kinds.Schema]
    make: Callable[..., Any] | None = None
    title: str | Promise | Callable[[], str] = ""
    description: Callable[[], str] | str | Promise = ""
    right: str = ""
    mask: Mask | None = None
    kind: Kind = Kind.TEXT

    def document(self) -> kinds.Schema:
        """Its schema with title and description in the active language."""
        made = dict(self.schema())
        title, words = _said(self.title), _said(self.description)
        return made | {k: v for k, v in (("title", title), ("description", words)) if v}


def _said(words: Any) -> str:
    return str(words() if callable(words) and not isinstance(words, Promise) else words)


@dataclass(frozen=True)
class Narrow:
    """One filter: its parameter, its type, how the rows are cut by it."""

    name: str
    kind: Any
    apply: Callable[[Rows, Any, Actor], Rows]
    title: str | Promise | Callable[[], str] = ""


@dataclass(frozen=True)
class Sort:
    """An order of a list; ``nulls`` stands for null (a value below all real ones), so that keys compare."""

    column: str
    nulls: object = None


@dataclass(frozen=True)
class Record:
    """An object of the API. ``rows`` are those the actor may see.

    ``plain`` is the column that names the employee who sees covered values plainly.
    """

    name: str  # of the schema
    rows: Callable[[Actor], Rows]
    shown: Sequence[Shown]
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    default_sort: str = ""
    filters: Sequence[Narrow] = ()
    search: Callable[[Rows, str, Actor], Rows] | None = None
    listed: tuple[str, ...] = ()  # shown in lists unless fields are asked for; empty: all
    plain: str = ""
    key: type = int
    by: str = "pk"  # the column of the key in the address

    def shown_to(self, actor: Actor, names: Iterable[str] | None = None) -> list[Shown]:
        """The fields an actor may see; asking for another one is refused."""
        if names is None:
            return [one for one in self.shown if _may(actor, one)]
        known = {one.name: one for one in self.shown}
        chosen = []
        for name in dict.fromkeys(("id", *names)):
            if name not in known:
                raise bad_parameter("fields", name)
            if not _may(actor, known[name]):
                raise NotAllowed(
                    "not_allowed",
                    _(
                        "Your role does not include this. Ask the system administrator for the right."
                    ),
                    field="fields",
                )
            chosen.append(known[name])
        return chosen

    # -- reading ------------------------------------------------------------------------------------

    def one(self, actor: Actor, key: Any) -> Json:
        """One object, or NotFound outside the scope."""
        for made in self.of(actor, self.rows(actor).filter(**{self.by: key})[:1]):
            return made
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))

    def of(self, actor: Actor, rows: Rows, names: Iterable[str] | None = None) -> list[Json]:
        """Rows as objects."""
        return self._objects(actor, rows, self.shown_to(actor, names), ())[0]

    def page(
        self,
        actor: Actor,
        rows: Rows,
        *,
        sort: str,
        after: str,
        limit: int,
        names: Iterable[str] | None,
    ) -> Json:
        """One page, and the cursor of the next."""
        if names is None and self.listed:
            by_name = {one.name: one for one in self.shown}
            chosen = [by_name[name] for name in self.listed if _may(actor, by_name[name])]
        else:
            chosen = self.shown_to(actor, names)
        by = self.sorts[sort.removeprefix("-")]
        down = sort.startswith("-")
        expression: Any = F(by.column)
        if by.nulls is not None:
            expression = Coalesce(F(by.column), Value(by.nulls))
        rows = rows.annotate(_sort=expression)
        if after:
            value, pk = cursors.read(after, sort, order_kind(rows), self.key)
            rows = rows.filter(beyond(value, pk, down=down))
        rows = rows.order_by(*(("-_sort", "-pk") if down else ("_sort", "pk")))
        items, keys = self._objects(actor, rows[: limit + 1], chosen, ("_sort", "pk"))
        more = len(items) > limit
        items = items[:limit]
        return {"items": items, "next": cursors.write(sort, *keys[limit - 1]) if more else None}

    def _objects(
        self, actor: Actor, rows: Rows, chosen: Sequence[Shown], extra: tuple[str, ...]
    ) -> tuple[list[Json], list[tuple[Any, ...]]]:
        """The rows' objects, and the extra columns of each row."""
        covers = [one for one in chosen if one.mask is not None]
        columns = list(dict.fromkeys(path for one in chosen for path in one.paths))
        columns += [path for path in extra if path not in columns]
        if covers and self.plain and self.plain not in columns:
            columns.append(self.plain)
        place = {path: index for index, path in enumerate(columns)}
        plan = [(one, one.make, tuple(place[path] for path in one.paths)) for one in chosen]
        tail = tuple(place[path] for path in extra)
        items, keys = [], []
        for row in rows.values_list(*columns):
            made: Json = {}
            for one, make, places in plan:
                made[one.name] = (
                    make(*[row[at] for at in places]) if make is not None else row[places[0]]
                )
            if covers:
                own = actor.is_system or (
                    actor.employee_id is not None
                    and bool(self.plain)
                    and row[place[self.plain]] == actor.employee_id
                )
                made["covered"] = [] if own else _cover(made, covers)
            items.append(made)
            if extra:
                keys.append(tuple(row[at] for at in tail))
        return items, keys

    # -- the document -------------------------------------------------------------------------------

    def document(self) -> kinds.Schema:
        """The JSON schema of the object; what not everybody sees, or what can be left out of lists, is optional."""
        properties = {one.name: one.document() for one in self.shown}
        if any(one.mask is not None for one in self.shown):
            names = [one.name for one in self.shown if one.mask is not None]
            properties["covered"] = {
                "type": "array",
                "items": {"type": "string", "enum": names},
                "title": str(_("Fields shown covered")),
            }
        required = [one.name for one in self.shown if not one.right]
        return {
            "type": "object",
            "title": self.name,
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def page_document(self) -> kinds.Schema:
        """The JSON schema of a page of objects."""
        item = self.document() | {"required": ["id"], "title": f"{self.name} in a list"}
        return {
            "type": "object",
            "title": f"{self.name}Page",
            "properties": {
                "items": {"type": "array", "items": item, "maxItems": MOST},
                "next": {
                    "type": ["string", "null"],
                    "title": str(_("Cursor of the next page")),
                    "description": str(_("Send it as “after”; null on the last page.")),
                },
            },
            "required": ["items", "next"],
            "additionalProperties": False,
        }


def _may(actor: Actor, one: Shown) -> bool:
    return not one.right or actor.can(*one.right.rsplit(".", 1))


def _cover(made: Json, covers: Iterable[Shown]) -> list[str]:
    """Cover the values of a row that are not to be seen plainly; their names."""
    found = []
    for one in covers:
        text = display_value(one.kind, made[one.name])
        if text:
            assert one.mask is not None
            made[one.name] = masked(text, one.mask)
            found.append(one.name)
    return found


# From the field list ------------------------------------------------------------------------------------


def plain_amount(value: Decimal | None) -> str | None:
    """An amount as text, exactly as stored, without exponent."""
    return None if value is None else f"{value:f}"


@dataclass(frozen=True)
class Refers:
    """How a record that is referred to is shown: columns of its table, by the name they are shown under."""

    columns: tuple[tuple[str, str], ...]

    def shown(self, path: str) -> tuple[tuple[str, ...], Callable[..., Any]]:
        """The columns below a path, and what makes an object of them."""
        names = tuple(name for name, _column in self.columns)
        paths = tuple(
            f"{path}_id" if column == "pk" else f"{path}__{column}"
            for _name, column in self.columns
        )

        def make(*values: Any) -> Json | None:
            return None if values[0] is None else dict(zip(names, values, strict=True))

        return paths, make

    def document(self, *, coded: bool) -> kinds.Schema:
        """The schema of such an object."""
        key = {"type": "string"} if coded else kinds.integer(1)
        properties = {
            name: key if name == "id" else {"type": "string"} for name, _column in self.columns
        }
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }


REFERS: dict[str, Refers] = {
    "region": Refers((("id", "pk"), ("name", "full_name"))),
    "industry": Refers((("id", "pk"), ("name", "name"))),
}
"""How records are referred to, by look-up; a department adds its own."""


def shown_fields(
    model: type[models.Model],
    specs: Iterable[FieldSpec],
    *,
    instead: Mapping[str, Shown] | None = None,
    rights: Mapping[str, str] | None = None,
) -> list[Shown]:
    """Every field of the list that can be read, key and version first.

    ``instead`` gives those shown in another way; ``rights`` the right a field needs.
    """
    made = [
        Shown("id", ("pk",), lambda: kinds.integer(1)),
        Shown(
            "version",
            ("version",),
            lambda: kinds.integer(1),
            description=_("Send it back with a change: it guards against overwriting another's."),
        ),
    ]
    other = instead or {}
    for spec in specs:
        if spec.name in other:
            made.append(other[spec.name])
        elif spec.on(Surface.DETAIL) or spec.on(Surface.LIST) or spec.on(Surface.FORM):
            made.append(_shown(model, spec, (rights or {}).get(spec.name, "")))
    return made


def _shown(model: type[models.Model], spec: FieldSpec, right: str) -> Shown:
    column: Any = model._meta.get_field(spec.name)
    paths: tuple[str, ...] = (spec.name,)
    make: Callable[..., Any] | None = None
    schema: Callable[[], kinds.Schema] = functools.partial(kinds.shown, spec, column)
    if spec.kind is Kind.REF:
        refers = REFERS[spec.lookup]
        paths, make = refers.shown(spec.name)
        coded = spec.lookup in kinds.CODED
        schema = functools.partial(_referred, refers, coded=coded, null=column.null)
    elif isinstance(column, models.DecimalField):
        make = plain_amount
    return Shown(
        spec.name,
        paths,
        schema,
        make,
        title=lambda: spec.title(model),
        description=lambda: described(spec, model),
        right=right,
        mask=spec.mask,
        kind=spec.kind,
    )


def _referred(refers: Refers, *, coded: bool, null: bool) -> kinds.Schema:
    made = refers.document(coded=coded)
    return kinds.nullable(made) if null else made


def sorts_of(
    model: type[models.Model], specs: Iterable[FieldSpec], **instead: str
) -> dict[str, Sort]:
    """The orders the field list allows; ``instead`` names another column to order by."""
    made = {}
    for spec in specs:
        if not spec.sort:
            continue
        column: Any = model._meta.get_field(instead.get(spec.name, spec.name))
        made[spec.name] = Sort(column.name, _lowest(column) if column.null else None)
    return made


def _lowest(column: models.Field[Any, Any]) -> object:
    if isinstance(column, models.DateField):
        return date(1, 1, 1)
    return Decimal(-(10**17)) if isinstance(column, models.DecimalField) else -1


def filters_of(
    model: type[models.Model],
    specs: Iterable[FieldSpec],
    **instead: Callable[[Rows, Any, Actor], Rows],
) -> list[Narrow]:
    """The filters the field list allows; ``instead`` cuts by a field in its own way."""
    made: list[Narrow] = []
    for spec in specs:
        if not spec.on(Surface.FILTER):
            continue
        column: Any = model._meta.get_field(spec.name)
        name = spec.name
        title = _Titled(spec, model)
        if spec.kind is Kind.CHOICE:
            kind = kinds.several(kinds.choice([value for value, _label in column.choices]))
            made.append(Narrow(name, kind, instead.get(name) or _among(name), title))
        elif spec.kind is Kind.REF:
            pattern = kinds.CODED.get(spec.lookup)
            key = kinds.text(6, pattern=pattern) if pattern else kinds.ID_PARAMETER
            made.append(Narrow(name, key, instead.get(name) or _equal(f"{name}_id"), title))
        elif spec.kind is Kind.DATE:
            made += _range(name, kinds.DAY, title)
        elif spec.kind in (Kind.MONEY, Kind.NUMBER, Kind.COUNT):
            made += _range(name, kinds.amount(15, 4), title)
        else:
            made.append(
                Narrow(name, kinds.text(100, shortest=1), instead.get(name) or _equal(name), title)
            )
    return made


class _Titled:
    """A field's title, read when it is shown."""

    def __init__(self, spec: FieldSpec, model: type[models.Model]) -> None:
        self.spec, self.model = spec, model

    def __call__(self) -> str:
        return self.spec.title(self.model)


def _among(name: str) -> Callable[[Rows, Any, Actor], Rows]:
    return lambda rows, values, actor: rows.filter(**{f"{name}__in": values})


def _equal(name: str) -> Callable[[Rows, Any, Actor], Rows]:
    return lambda rows, value, actor: rows.filter(**{name: value})


def _range(name: str, kind: Any, title: Callable[[], str]) -> list[Narrow]:
    return [
        Narrow(f"{name}_from", kind, _bound(f"{name}__gte"), title),
        Narrow(f"{name}_to", kind, _bound(f"{name}__lte"), title),
    ]


def _bound(condition: str) -> Callable[[Rows, Any, Actor], Rows]:
    return lambda rows, value, actor: rows.filter(**{condition: value})


__all__ = [
    "REFERS",
    "Narrow",
    "Record",
    "Refers",
    "Shown",
    "Sort",
    "filters_of",
    "plain_amount",
    "shown_fields",
    "sorts_of",
]

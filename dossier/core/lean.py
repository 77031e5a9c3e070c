"""Records made of what is read of them, and of nothing else: rows of lists, and what is asked with each page.

``only()`` leaves out columns, but each record and each record beside it is still made the long way (signals, a
loop over all fields): of fifty customers with owner, division and standing that was two of sixteen
milliseconds of the page, and two thirds of a file of them. These are records like any other: what was not
read is fetched when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models.base import ModelState
from django.db.models.query import ValuesListIterable

Rows = models.QuerySet[Any]


def whole(model: type[models.Model], *beside: str) -> list[str]:
    """The paths of all fields of a model, and of the records beside it."""
    paths = [field.name for field in model._meta.concrete_fields]
    for root in beside:
        other: Any = model._meta.get_field(root).related_model
        paths += [f"{root}__{field.name}" for field in other._meta.concrete_fields]
    return paths


def lean(rows: Rows, paths: Sequence[str]) -> Rows:
    """The rows with these fields (``owner__name`` of the record beside), their keys and annotations."""
    meta = rows.model._meta
    columns = {f.name: f.attname for f in meta.concrete_fields}
    names = [meta.pk.attname]
    for path in paths:
        beside, _dunder, _column = path.rpartition("__")
        if "__" in beside:
            raise ValueError(
                f"{path}: a list reads of what stands beside its rows, not of what is beyond"
            )
        if beside:
            names += [columns[beside]] if beside in columns else []
            names += [f"{beside}__pk", path]
        else:
            names.append(columns.get(path, path))
    names += rows.query.annotation_select
    found: Any = rows.select_related(None).defer(None).values_list(*dict.fromkeys(names))
    found._iterable_class = _Records
    read: Rows = found
    return read


class _Records(ValuesListIterable):  # type: ignore[type-arg] # generic for the checker alone
    """Records in place of the tuples of ``values_list``."""

    def __iter__(self) -> Iterator[Any]:
        rows: Any = self.queryset
        make = maker(rows.model, tuple(rows._fields), rows.db)
        return map(make, super().__iter__())


@lru_cache(maxsize=500)
def maker(
    model: type[models.Model], names: tuple[str, ...], db: str
) -> Callable[[Sequence[Any]], Any]:
    """What makes a record, with those beside it, of the values in this order."""
    own: list[str] = []
    places: list[int] = []
    beside: dict[str, list[tuple[int, str]]] = {}
    for place, name in enumerate(names):
        root, dunder, column = name.partition("__")
        if dunder:
            beside.setdefault(root, []).append((place, column))
        else:
            own.append(name)
            places.append(place)
    others = [_Beside(model, root, columns) for root, columns in beside.items()]

    def made(values: Sequence[Any]) -> Any:
        record = _record(model, db)
        record.__dict__.update(zip(own, [values[place] for place in places], strict=True))
        for other in others:
            other.put(record, values, db)
        return record

    return made


def _record(model: type[models.Model], db: str) -> Any:
    record = model.__new__(model)
    state = record._state = ModelState()
    state.db, state.adding = db, False
    return record


class _Beside:
    """The record beside a row: the owner of a customer, or its standing."""

    def __init__(
        self, model: type[models.Model], root: str, columns: Sequence[tuple[int, str]]
    ) -> None:
        field: Any = model._meta.get_field(root)
        self.model = field.related_model
        self.cache = field.cache_name
        self.back = field.remote_field.cache_name if field.one_to_one else None
        attnames = {f.name: f.attname for f in self.model._meta.concrete_fields}
        attnames["pk"] = self.model._meta.pk.attname
        self.key = next(place for place, column in columns if column == "pk")
        self.columns = [(place, attnames[column]) for place, column in columns]

    def put(self, record: Any, values: Sequence[Any], db: str) -> None:
        """Put it beside the row; None where there is none."""
        other = None
        if values[self.key] is not None:
            other = _record(self.model, db)
            other.__dict__.update({name: values[place] for place, name in self.columns})
            if self.back is not None:
                other._state.fields_cache[self.back] = record
        record._state.fields_cache[self.cache] = other

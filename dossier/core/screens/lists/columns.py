"""A column of a list, and what its cells are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise

Rows = models.QuerySet[Any]
Cell = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One column. ``cell`` makes a cell (text or a dict: text, url, badge, title, css) from a row.

    ``sort`` names the database column that orders it; ``nulls`` stands for null in that order (a
    value below all real ones), so that keys compare. ``out`` gives the value for a file, where a number
    or day should be more than its text; what a cell covers stays covered without it. ``reads`` are the
    fields (as paths) that ``cell`` reads of a row beside ``ListScreen.reads``.
    """

    key: str
    label: str | Promise
    cell: Callable[[Any], str | Cell]
    align: str = "start"
    sort: str = ""
    nulls: object = None
    default: bool = True
    css: str = ""
    out: Callable[[Any], Any] | None = None
    reads: tuple[str, ...] = ()

    def order(self) -> Any:
        """What the rows are ordered by; an index of the same expression serves it."""
        by = F(self.sort)
        if self.nulls is None:
            return by
        # said by hand for counts: their own kind holds no -1, and comparing with it would find nothing
        kind = models.IntegerField() if isinstance(self.nulls, int) else None
        return Coalesce(by, Value(self.nulls), output_field=kind)

    def classes(self) -> str:
        """CSS classes of the column's cells."""
        end = "text-end num" if self.align == "end" else ""
        return f"{end} {self.css}".strip()


def capital(label: str | Promise) -> str:
    """A label as a heading: model labels begin small in English."""
    text = str(label)
    return text[:1].upper() + text[1:]

"""The rows of a list as the table shows them: cells, what can be ticked, what can be edited in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dossier.core.access import Actor
from dossier.core.bulk.declarations import may_change as may_change_several
from dossier.core.inline import inline_editable_of
from dossier.core.screens.lists.columns import Column, capital

if TYPE_CHECKING:
    from dossier.core.screens.lists.screen import ListScreen


class RowMaker:
    """Makes the rows of one page for one reader; the rights are looked up once for all rows."""

    def __init__(
        self, screen: ListScreen, actor: Actor, columns: Sequence[Column], rows: Sequence[Any]
    ) -> None:
        self.screen = screen
        self.ticks = may_change_several(actor, screen.key)
        self.tick_words = _("Tick %(record)s")
        self.shown = [(column, column.classes()) for column in columns]
        self.edits: dict[str, Any] = {}
        self.changeable: frozenset[int] = frozenset()
        entry = inline_editable_of(screen.key)
        if entry is not None and entry.allowed(actor):
            self.changeable = entry.changeable(actor, rows)
            self.edits = _edits(screen.key, columns, {spec.name for spec in entry.specs(actor)})

    def row(self, row: Any) -> dict[str, Any]:
        """One row: ``cells``, ``url``, ``css``, ``tick`` and ``edit`` where it can be ticked and edited."""
        screen = self.screen
        url = screen.row_url(row)
        cells: list[dict[str, Any]] = []
        for column, css in self.shown:
            made = column.cell(row)
            cell = made if isinstance(made, dict) else {"text": made}
            if css:
                cell["css"] = f"{cell.get('css', '')} {css}".strip()
            if not cells and url and "url" not in cell:
                cell["url"] = url
            cells.append(cell)
        return {
            "url": url,
            "cells": cells,
            "css": screen.row_css(row) if screen.row_css else "",
            "tick": (row.pk, self.tick_words % {"record": cells[0].get("text", "")})
            if self.ticks
            else None,
            "edit": row.pk if self.edits and row.pk in self.changeable else None,
        }


def _edits(key: str, columns: Sequence[Column], names: set[str]) -> dict[str, Any]:
    """What the script that puts the pencils needs of a list: which columns, where their inputs are.

    The pencils are put by the browser: without scripts they would do nothing, and three hundred of them
    would make the page half as long again.
    """
    found = {
        place: [column.key, _("Change here: %(field)s") % {"field": capital(column.label)}]
        for place, column in enumerate(columns)
        if column.key in names
    }
    if not found:
        return {}
    here = reverse("cell", args=[key, 0, "-"]).removesuffix("0/-")
    return {"cells": found, "url": here, "row": _("Change values here")}

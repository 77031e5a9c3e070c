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
        self.screen, self.columns = screen, columns
        self.ticks = may_change_several(actor, screen.key)
        self.cells_url = ""
        self.changeable: frozenset[int] = frozenset()
        self.pencils: dict[str, str] = {}
        self.row_pencil = _("Change values here")
        self.classes = [column.classes() for column in columns]
        entry = inline_editable_of(screen.key)
        if entry is not None and entry.allowed(actor):
            editable = {spec.name for spec in entry.specs(actor)}
            self.pencils = {
                column.key: _("Change here: %(field)s") % {"field": capital(column.label)}
                for column in columns
                if column.key in editable
            }
            self.changeable = entry.changeable(actor, rows) if self.pencils else frozenset()
            self.cells_url = reverse("cell", args=[screen.key, 0, "-"]).removesuffix("0/-")

    def row(self, row: Any) -> dict[str, Any]:
        """One row: ``cells``, ``url``, ``css``, and what the browser needs to tick and to edit it."""
        screen = self.screen
        url = screen.row_url(row)
        pencils = self.pencils if row.pk in self.changeable else {}
        cells = []
        for position, column in enumerate(self.columns):
            made = column.cell(row)
            cell = made if isinstance(made, dict) else {"text": made}
            css = self.classes[position]
            if css:
                cell["css"] = f"{cell.get('css', '')} {css}".strip()
            if position == 0 and url and "url" not in cell:
                cell["url"] = url
            if column.key in pencils:
                cell["edit"], cell["pencil"] = column.key, pencils[column.key]
            cells.append(cell)
        made_row = {
            "url": url,
            "cells": cells,
            "css": screen.row_css(row) if screen.row_css else "",
        }
        if self.ticks or self.cells_url:
            made_row["key"] = row.pk
            if self.ticks:
                made_row["tick"] = _("Tick %(record)s") % {"record": cells[0].get("text", "")}
            if pencils:
                made_row["pencil"] = self.row_pencil
        return made_row

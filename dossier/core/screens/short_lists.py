"""A list short enough to stand whole on its page: no pages, no filters; trees among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html

from dossier.core.screens.lists import Cell

UNKNOWN: Cell = {"text": "—", "css": "unknown"}


@dataclass(frozen=True)
class ShortRow:
    """A row: its cells, the address it opens, and how it looks."""

    cells: Sequence[Cell]
    url: str = ""
    css: str = ""


@dataclass(frozen=True)
class ShortList:
    """What the page says beside its rows. ``columns`` are labels; ``ends`` those that stand at the right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[ShortRow]
    icon: str
    empty_title: str
    empty_text: str
    ends: Sequence[str] = ()
    subtitle: str = ""
    create_url: str = ""  # blank for whom may not
    create_label: str = ""

    def view(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        columns = [
            {"label": label, **({"align": "end"} if label in self.ends else {})}
            for label in self.columns
        ]
        context: dict[str, Any] = {"screen": self, "columns": columns, "rows": self.rows}
        return render(request, "screens/short_list.html", context)


def tree_cell(text: object, depth: int, url: str = "") -> Cell:
    """The name of what stands in a tree, set in by its depth (0 on top)."""
    name = format_html('<a href="{}">{}</a>', url, text) if url else format_html("{}", text)
    step = format_html('<span class="tree-step" style="--depth:{}"></span>', depth) if depth else ""
    return {"html": format_html("{}{}", step, name)}


def number_cell(value: object, url: str = "") -> Cell:
    """A figure at the right, leading to what it counts."""
    return {"text": str(value), "css": "text-end num", "url": url}

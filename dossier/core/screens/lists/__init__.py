"""Lists: what a department declares of one, and the page that is made of it (CUS-4)."""

from dossier.core.screens.lists.columns import Cell, Column, Rows, capital
from dossier.core.screens.lists.filters import Filter
from dossier.core.screens.lists.grouping import NOTHING, Grouping, by_choice, by_record
from dossier.core.screens.lists.screen import (
    COUNT_CAP,
    ListScreen,
    request_of_list,
    rows_of_address,
    with_columns,
)

__all__ = [
    "COUNT_CAP",
    "NOTHING",
    "Cell",
    "Column",
    "Filter",
    "Grouping",
    "ListScreen",
    "Rows",
    "by_choice",
    "by_record",
    "capital",
    "request_of_list",
    "rows_of_address",
    "with_columns",
]

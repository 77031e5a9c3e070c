"""Owners and categories that rows of a sheet name, held until the import is committed (ORG-1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from dossier.core.imports.result import Row
from dossier.core.imports.stages import fetch
from dossier.people.states import EmployeeStatus


class Held:
    """Made once, inside the import's transaction, before its first write. Nobody held can leave, and no
    category be taken out of use, until the transaction ends."""

    def __init__(self, columns: Collection[str], categories: Mapping[str, int]) -> None:
        self._owners: set[int] | None = None
        if "owner" in columns:
            found = fetch(
                "SELECT id FROM people_employee WHERE status = %s ORDER BY id FOR SHARE",
                [EmployeeStatus.IN_POST],
            )
            self._owners = {pk for (pk,) in found}
        self._categories: set[int] | None = None
        self._names = {pk: name for name, pk in categories.items()}
        if {"category", "category_code", "nature"}.intersection(columns):
            found = fetch(
                "SELECT id FROM customers_customercategory WHERE is_active ORDER BY id FOR SHARE"
            )
            self._categories = {pk for (pk,) in found}

    def put_right(self, rows: Iterable[Row]) -> None:
        """Turn what is no longer to be had into a question of the row."""
        for row in rows:
            values = row.data.values
            owner = values.get("owner_id")
            if owner and self._owners is not None and owner not in self._owners:
                del values["owner_id"]
                [(name,)] = fetch("SELECT name FROM people_employee WHERE id = %s", [owner])
                _ask(row, "owner", "not_in_post", name)
            node = values.get("category_node_id")
            if node and self._categories is not None and node not in self._categories:
                del values["category_node_id"]
                _ask(row, "category_code", "unknown_category", self._names[node])


def _ask(row: Row, field: str, code: str, value: str) -> None:
    row.warn(field, code, value=value)
    row.data.questions.append((field, value, code, {"value": value}))

"""Restores from backups: no fault, but always said; none may be slipped under the heads outside (AUD-1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from django.utils.translation import gettext as _

from dossier.core.history.faults import Fault, Restored


def restores_on_record(connection: psycopg.Connection[Any]) -> list[Restored]:
    """The restores the database itself knows of, oldest first."""
    return [
        Restored(*row)
        for row in connection.execute(
            "SELECT at, restored_by, backup_id, backup_made_at, kept_seal, seen_seal, signed"
            " FROM public.core_restoration ORDER BY id"
        )
    ]


def check_restores(restores: list[Restored], noted: list[str]) -> Iterator[Fault]:
    """The last restore noted outside the database must be on record in it."""
    if noted and (not restores or restores[-1].backup != noted[-1]):
        yield Fault(
            "restore_unrecorded",
            _(
                "The heads kept outside the database note a restore of the backup %(id)s that the database does not know."
            )
            % {"id": noted[-1][:8]},
        )

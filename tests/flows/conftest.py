"""Stories across departments: real files through the same services as pages and commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dossier.core.access import system_actor
from dossier.core.imports.engine import Given, bring_in
from dossier.core.imports.mapping import load_map
from dossier.core.imports.registry import Options
from dossier.core.imports.result import Result

MAPS = Path(__file__).resolve().parents[2] / "docs" / "howto" / "maps"
Bring = Callable[..., Result]


@pytest.fixture
def bring(committed_db: str) -> Bring:
    """Bring a file in as the system; ``map_name`` is one of the documented maps."""

    def bring_file(kind: str, file: Path, *, map_name: str = "", **options: Any) -> Result:
        mapping = load_map(MAPS / f"{map_name}.toml") if map_name else None
        return bring_in(
            actor=system_actor(os_user="test"),
            kind=kind,
            given=Given(source=file, name=file.name, mapping=mapping),
            options=Options(**options),
        )

    return bring_file

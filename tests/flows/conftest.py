"""Shared by the stories: the report as a program reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dossier.config import cli
from dossier.core.access import system_actor
from tests.factories import actor_for


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs ``dossier report …`` in this process, on the tests' database."""

    @contextmanager
    def here(login: str | None = None) -> Any:
        from dossier.people.models import Account

        yield actor_for(Account.objects.get(login=login)) if login else system_actor()

    monkeypatch.setattr("dossier.config.environment.command_environment", here)
    return lambda *words: cli.run(["report", *words])


@pytest.fixture
def revenue(run: Callable[..., int], tmp_path: Path) -> Callable[[str, str], dict[str, Decimal]]:
    """The report's revenue by one dimension, by key; its total under the key ``total``."""

    def figures(by: str, currency: str) -> dict[str, Decimal]:
        file = tmp_path / "report.json"
        words = ["--by", by, "--measures", "revenue", "--currency", currency, "--json", str(file)]
        assert run("sales", *words) == 0
        made = json.loads(file.read_text(encoding="utf-8"))
        found = {row["key"][0]: Decimal(row["values"]["revenue"]) for row in made["rows"]}
        assert sum(found.values()) == Decimal(made["totals"]["revenue"])
        return found | {"total": Decimal(made["totals"]["revenue"])}

    return figures

"""`dossier check`: is everything in order?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import typer

from dossier.config.options import JsonFile, write_json
from dossier.core.bilingual import bilingual

Check = Callable[[], list[str]]

_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="check",
        help=bilingual(
            "Check the program, the database, its migrations, rights and history triggers.",
            "检查程序、数据库、迁移、权限和历史触发器。",
        ),
    )(check)


def check(json_file: JsonFile = None) -> int:
    """Run every check; changes nothing. Exit status 1 when something is wrong."""
    from dossier.config.environment import database_environment
    from dossier.config.exits import Exit

    results: list[dict[str, object]] = []
    with database_environment(prepare=False):
        for name, label, faults in _results():
            results.append({"check": name, "ok": not faults, "faults": faults})
            _say(label, faults)
            if faults and name == "database":
                break  # the rest asks the database
    write_json(json_file, {"ok": all(result["ok"] for result in results), "checks": results})
    return Exit.DONE if all(result["ok"] for result in results) else Exit.FAILED


def _say(label: str, faults: list[str]) -> None:
    """One line when all is right, else the first faults; the JSON has them all."""
    typer.echo(f"{'✓' if not faults else '✗'} {label}", err=True)
    for fault in faults[:_SHOWN]:
        typer.echo(f"    {fault}", err=True)
    if more := len(faults) - len(faults[:_SHOWN]):
        typer.echo("    " + bilingual(f"… and {more} more", f"……另有 {more} 项"), err=True)


def _results() -> Iterator[tuple[str, str, list[str]]]:
    from dossier.config import checks

    everything: tuple[tuple[str, str, Check], ...] = (
        ("program", bilingual("program", "程序"), checks.program),
        ("database", bilingual("database", "数据库"), checks.database),
        ("migrations", bilingual("migrations", "迁移"), checks.migrations),
        ("rights", bilingual("rights of the program in the database", "数据库权限"), checks.rights),
        ("history", bilingual("history triggers", "历史触发器"), checks.history_triggers),
    )
    for name, label, run in everything:
        yield name, label, run()

"""`dossier check`: is everything in order?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

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
            "Check program, settings, database, migrations, rights, history, seals, disk, jobs and backups.",
            "检查程序、设置、数据库、迁移、权限、历史、封存、磁盘、后台任务和备份。",
        ),
    )(check)


def check(json_file: JsonFile = None) -> int:
    """Run every check; changes nothing. Exit status 1 when something is wrong."""
    from dossier.config.environment import database_environment
    from dossier.config.exits import Exit

    results: list[dict[str, object]] = []
    with database_environment(prepare=False):
        from dossier.config.checks import Notice

        for name, label, found in _results():
            notices = [one for one in found if isinstance(one, Notice)]
            faults = [one for one in found if not isinstance(one, Notice)]
            results.append({"check": name, "ok": not faults, "faults": faults, "notices": notices})
            _say(label, faults, notices)
            if faults and name == "database":
                break  # the rest asks the database
    write_json(json_file, {"ok": all(result["ok"] for result in results), "checks": results})
    return Exit.DONE if all(result["ok"] for result in results) else Exit.FAILED


def _say(label: str, faults: Sequence[str], notices: Sequence[str]) -> None:
    """One line when all is right, else the first faults; the JSON has them all."""
    typer.echo(f"{'✓' if not faults else '✗'} {label}", err=True)
    for fault in faults[:_SHOWN]:
        typer.echo(f"    {fault}", err=True)
    for notice in notices[:_SHOWN]:
        typer.echo(f"    · {notice}", err=True)
    if more := len(faults) - len(faults[:_SHOWN]):
        typer.echo("    " + bilingual(f"… and {more} more", f"……另有 {more} 项"), err=True)


def _results() -> Iterator[tuple[str, str, list[str]]]:
    from django.db import ProgrammingError
    from psycopg.errors import UndefinedTable

    from dossier.config import checks, place_checks

    everything: tuple[tuple[str, str, Check], ...] = (
        ("program", bilingual("program", "程序"), checks.program),
        ("settings", bilingual("settings", "设置"), place_checks.settings_sane),
        ("secrets", bilingual("secrets", "密钥"), place_checks.secrets),
        ("disk", bilingual("disk", "磁盘空间"), place_checks.disk),
        ("database", bilingual("database", "数据库"), checks.database),
        ("migrations", bilingual("migrations", "迁移"), checks.migrations),
        ("rights", bilingual("rights of the program in the database", "数据库权限"), checks.rights),
        ("history", bilingual("history triggers", "历史触发器"), checks.history_triggers),
        ("seals", bilingual("seals of the history", "历史封存"), place_checks.seals),
        ("jobs", bilingual("jobs", "后台任务"), place_checks.jobs),
        ("backups", bilingual("backups", "备份"), place_checks.backups),
    )
    for name, label, run in everything:
        try:
            found = run()
        except (ProgrammingError, UndefinedTable) as error:  # not migrated so far
            found = [str(error).strip()]
        yield name, label, found

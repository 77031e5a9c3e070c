"""`dossier migrate`: bring the database to this version."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.core.bilingual import bilingual


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="migrate",
        help=bilingual(
            "Bring the database to this version: tables, history triggers, rights, reference data. "
            "`run` does it by itself.",
            "把数据库升级到当前版本：数据表、历史触发器、权限、基础数据。run 会自动执行。",
        ),
    )(migrate)


def migrate(
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", help=bilingual("Say nothing when all goes well.", "成功时不输出。")
        ),
    ] = False,
) -> None:
    """Apply everything as the owner; may be repeated."""
    from dossier.config import schema
    from dossier.config.environment import database_environment

    with database_environment(prepare=False):
        schema.apply(verbosity=0 if quiet else 1)
    if not quiet:
        typer.echo(bilingual("The database is up to date.", "数据库已是最新。"))

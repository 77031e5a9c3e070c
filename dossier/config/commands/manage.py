"""`dossier manage`: Django's own commands, with the database running."""

from __future__ import annotations

import typer

from dossier.core.bilingual import bilingual


def register(app: typer.Typer) -> None:
    """Add the command; it passes every argument on, `--help` too."""
    app.command(
        name="manage",
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "help_option_names": [],
        },
        add_help_option=False,
        help=bilingual(
            "Run a command of Django, for developers and administrators.",
            "运行 Django 管理命令（供开发和运维人员使用）。",
        ),
    )(manage)


def manage(context: typer.Context) -> None:
    """Hand the arguments to Django."""
    from django.core.management import execute_from_command_line

    from dossier.config.environment import database_environment

    with database_environment(prepare=False):
        execute_from_command_line(["dossier manage", *context.args])

"""The console script `dossier`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import NoReturn

import typer

from dossier.config.commands import MODULES
from dossier.config.exits import CommandError, Exit
from dossier.core.bilingual import bilingual, terminal_language

_INTERRUPTED = 130  # what shells say of a command ended by Ctrl-C


def build() -> typer.Typer:
    """The command line with all commands; cheap, so that `--help` answers at once."""
    app = typer.Typer(
        name="dossier",
        help=bilingual(
            "Dossier: a sales department's customer files and everything recorded against them.",
            "客档：销售部门的客户档案，以及围绕客户的一切记录。",
        ),
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # they print local variables, which are people's data
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in MODULES:
        register: Callable[[typer.Typer], None] = importlib.import_module(
            f"dossier.config.commands.{name}"
        ).register
        register(app)
    return app


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit status (see `exits.Exit`)."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run one command; its exit status. What a person can mend is said in a line, without a traceback."""
    command = typer.main.get_command(build())
    try:
        result = command.main(args=arguments, prog_name="dossier", standalone_mode=False)
    except Exception as error:  # the last door: what is not explained is raised again
        lines = _explained(error)
        if lines is None:
            raise
        return _say(*lines)
    if result == _INTERRUPTED:
        return _say(bilingual("Stopped.", "已中断。"), status=_INTERRUPTED)
    return result if isinstance(result, int) else Exit.DONE


def _say(*lines: str, status: int = Exit.FAILED) -> int:
    for line in lines:
        typer.echo(line, err=True)
    return int(status)


def _explained(error: Exception) -> list[str] | None:
    """The sentences for errors a person can mend; None: a fault of the program, which shows its trace."""
    if isinstance(error, typer.Abort):
        return [bilingual("Stopped.", "已中断。")]
    if hasattr(error, "format_message"):  # wrong use of the command line, said by its parser
        context = getattr(error, "ctx", None)
        usage = [context.get_usage()] if context is not None else []
        return [*usage, str(error.format_message())]
    if isinstance(error, (CommandError, *_known())):
        return [str(error)]
    return _refusal(error) or _database_refusal(error)


def _known() -> tuple[type[Exception], ...]:
    from dossier.core.db.embedded import EmbeddedError
    from dossier.core.db.server_user import ServerUserError
    from dossier.core.db.urls import DatabaseUrlError

    return (EmbeddedError, ServerUserError, DatabaseUrlError)


def _refusal(error: Exception) -> list[str] | None:
    from django.utils import translation

    from dossier.core.errors import Refusal, Refusals

    if not isinstance(error, Refusal):
        return None
    # Raised inside the command's language, shown after it has ended.
    with translation.override(terminal_language()):
        if isinstance(error, Refusals):
            return [one.message for one in error.refusals]
        return [error.message]


def _database_refusal(error: Exception) -> list[str] | None:
    import psycopg
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    if isinstance(error, ImproperlyConfigured):
        return [str(error)]
    if isinstance(error, (OperationalError, psycopg.OperationalError)):
        return [
            bilingual("The database does not answer:", "无法连接数据库："),
            str(error).strip(),
        ]
    return None


if __name__ == "__main__":
    main()

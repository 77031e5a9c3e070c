"""`dossier demo`: the demonstration company."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.core.bilingual import bilingual


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="demo",
        help=bilingual(
            "Load the demonstration company into an empty database and print its log-ins.",
            "向空数据库载入演示公司，并列出登录名。",
        ),
    )(demo)


def demo(
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            help=bilingual("The same seed gives the same company.", "相同的种子生成相同的公司。"),
        ),
    ] = 2026,
    customers: Annotated[
        int,
        typer.Option(
            "--customers", min=50, max=20_000, help=bilingual("How many customers.", "客户数量。")
        ),
    ] = 2_000,
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help=bilingual(
                "Do nothing, and say nothing, where the database holds other records.",
                "数据库已有其他记录时什么也不做。",
            ),
        ),
    ] = False,
) -> int:
    """Exit status 0: loaded, or loaded before; 1: the database holds other records."""
    from django.utils import timezone

    from dossier.config.environment import command_environment
    from dossier.config.exits import Exit
    from dossier.core.errors import Refusal

    with command_environment() as actor:
        from dossier.demo.load import is_loaded, load  # needs Django set up

        if is_loaded():
            typer.echo(
                bilingual("The demonstration company is there already.", "演示公司已经载入。"),
                err=True,
            )
        else:
            try:
                load(
                    actor=actor,
                    today=timezone.localdate(),
                    seed=seed,
                    customers=customers,
                    say=lambda text: typer.echo(text, err=True),
                )
            except Refusal as refusal:
                if once and refusal.code == "not_empty":
                    return Exit.DONE
                raise
        log_ins()
    return Exit.DONE


def log_ins() -> None:
    """Print who can sign in to the demonstration, and with what."""
    from dossier.demo.company import ADMINISTRATOR, COMPANY, PEOPLE
    from dossier.demo.load import PASSWORD

    typer.echo(f"\n{COMPANY}    {bilingual('password', '密码')}: {PASSWORD}")
    for _number, name, team, position, _supervisor, login, _roles in PEOPLE:
        typer.echo(f"  {login:<14}{name}  {team} {position}")
    typer.echo(f"  {ADMINISTRATOR:<14}{bilingual('system administrator', '系统管理员')}\n")

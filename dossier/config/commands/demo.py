"""`dossier demo`: the demonstration company."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from dossier.core.bilingual import bilingual

_MOST_SMALL = 20_000


class Scale(StrEnum):
    """How large the company is."""

    SMALL = "small"
    LARGE = "large"


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
    scale: Annotated[
        Scale,
        typer.Option(
            "--scale",
            help=bilingual(
                "How large: as a small firm, or 100,000 customers and 1,000,000 order lines.",
                "规模：small 为小型公司；large 为 10 万客户、100 万条订单明细。",
            ),
        ),
    ] = Scale.SMALL,
    customers: Annotated[
        int | None,
        typer.Option(
            "--customers",
            min=50,
            max=1_000_000,
            help=bilingual(
                "How many customers (small: 2,000; large: 100,000).",
                "客户数量（small 默认 2,000；large 默认 100,000）。",
            ),
        ),
    ] = None,
    lines: Annotated[
        int | None,
        typer.Option(
            "--lines",
            min=1_000,
            max=10_000_000,
            help=bilingual(
                "How many order lines, with --scale large (ten per customer, at most 1,000,000).",
                "订单明细数量，与 --scale large 同用（默认每位客户 10 条，最多 100 万条）。",
            ),
        ),
    ] = None,
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
    """Exit status 0: loaded, or loaded before; 1: the database holds other records, or another size."""
    from django.utils import timezone

    from dossier.config.environment import command_environment
    from dossier.config.exits import Exit
    from dossier.core.errors import Refusal

    with command_environment() as actor:
        from dossier.demo.load import Size, is_loaded, large, load  # needs Django set up

        if scale is Scale.LARGE:
            size = large(customers or 100_000, lines)
        elif lines is not None or (customers or 0) > _MOST_SMALL:
            raise typer.BadParameter(
                bilingual("This needs --scale large.", "这需要 --scale large。")
            )
        else:
            size = Size(customers or 2_000)
        if is_loaded(size):
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
                    size=size,
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

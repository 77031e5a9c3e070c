"""`dossier run`: web, jobs and the embedded database in one."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.core.bilingual import bilingual


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="run",
        help=bilingual(
            "Start the program: web, jobs and the embedded database. Ctrl-C stops all.",
            "启动程序：网页服务、后台任务和内置数据库。按 Ctrl-C 全部停止。",
        ),
    )(run)


def run(
    port: Annotated[
        int,
        typer.Option(min=1, max=65535, help=bilingual("Port of the web pages.", "网页端口。")),
    ] = 8000,
    host: Annotated[
        str, typer.Option(help=bilingual("Address to listen on.", "监听地址。"))
    ] = "127.0.0.1",
    no_demo: Annotated[
        bool,
        typer.Option(
            "--no-demo",
            help=bilingual(
                "Do not load the demo company into an empty database.",
                "数据库为空时不载入演示公司。",
            ),
        ),
    ] = False,
) -> int:
    """Run until stopped."""
    from dossier.config.supervisor import Supervisor

    return Supervisor(host=host, port=port, demo=not no_demo).run()

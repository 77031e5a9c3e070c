"""Options that several commands share, so that they are spelt and explained alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from dossier.core.bilingual import bilingual

AsLogin = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="LOGIN",
        help=bilingual(
            "Act as this login, with its rights. Default: the system, your user name recorded.",
            "以该登录名的身份和权限执行；默认以系统身份执行，并记录您的操作系统用户名。",
        ),
    ),
]

JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        help=bilingual(
            "Write the result as JSON to FILE (“-”: standard output).",
            "把结果以 JSON 写入 FILE（“-”表示标准输出）。",
        ),
    ),
]


def json_text(value: Any) -> str:
    """A result as JSON, as it is written."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


def write_json(target: Path | None, value: Any) -> None:
    """Write a result where `--json` says; nothing without the option."""
    if target is None:
        return
    text = json_text(value)
    if str(target) == "-":
        typer.echo(text, nl=False)
    else:
        target.write_text(text, encoding="utf-8")

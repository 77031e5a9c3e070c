"""`dossier backup`: one file with everything, proven whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dossier.config.options import JsonFile, write_json
from dossier.core.bilingual import bilingual


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="backup",
        help=bilingual(
            "Write database and files into one FILE, also while the program runs; or check such a file. "
            "DOSSIER_BACKUP_PASSPHRASE encrypts it and puts the keys in.",
            "把数据库和文件备份到一个 FILE（程序运行时也可以），或检查备份文件。设置 DOSSIER_BACKUP_PASSPHRASE 则加密并包含密钥。",
        ),
    )(backup)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=bilingual(
                "Only read FILE to its end and prove it whole.", "只通读 FILE 并校验其完整性。"
            ),
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help=bilingual("Replace FILE where it exists.", "FILE 已存在时替换它。")
        ),
    ] = False,
    unpack: Annotated[
        Path | None,
        typer.Option(
            "--unpack",
            metavar="FOLDER",
            help=bilingual(
                "Prove FILE whole and unpack it into FOLDER, which must not exist (for a PostgreSQL of your own).",
                "校验 FILE 并解包到尚不存在的 FOLDER（用于自备的 PostgreSQL）。",
            ),
        ),
    ] = None,
    without_key: Annotated[
        bool,
        typer.Option(
            "--without-key",
            help=bilingual(
                "With --check or --unpack: accept a file of another key, its maker unproven.",
                "与 --check、--unpack 同用：接受用其他密钥制作的文件（无法证明来源）。",
            ),
        ),
    ] = False,
    json_file: JsonFile = None,
) -> int:
    """Exit status 0: made, or whole; 1: refused, and nothing was written."""
    from dossier.config.environment import database_environment, django_environment
    from dossier.config.exits import Exit

    if check or unpack is not None:
        with django_environment():
            _check(file, unpack, without_key, json_file)
        return Exit.DONE
    with database_environment():
        from django.conf import settings
        from django.utils.translation import gettext as _

        from dossier.core.backup.runs import back_up_and_record

        made = back_up_and_record(file, overwrite=force)
        typer.echo(
            _(
                "%(path)s: %(rows)s rows of %(tables)s tables, %(files)s files, %(size)s MB, %(seconds)s s."
            )
            % {
                "path": made.path,
                "rows": f"{made.rows:,}",
                "tables": made.tables,
                "files": made.files,
                "size": f"{made.size / 1_000_000:,.1f}",
                "seconds": f"{made.seconds:.1f}",
            }
        )
        if not made.encrypted:
            typer.echo(
                _(
                    "Not encrypted, and without the keys: keep a copy of %(folder)s in a safe, or set DOSSIER_BACKUP_PASSPHRASE."
                )
                % {"folder": settings.HOME_DIR / "secrets"},
                err=True,
            )
        write_json(json_file, asdict(made))
    return Exit.DONE


def _check(file: Path, folder: Path | None, without_key: bool, json_file: Path | None) -> None:
    from django.utils.translation import gettext as _

    from dossier.core.backup.restoring import check as read

    found = read(file, folder=folder, without_key=without_key)
    typer.echo(
        _(
            "Whole: backup of %(made)s, %(rows)s rows of %(tables)s tables, %(files)s files, %(entries)s entries of history."
        )
        % {
            "made": f"{found.made_at:%Y-%m-%d %H:%M} UTC",
            "rows": f"{found.rows:,}",
            "tables": found.tables,
            "files": found.files,
            "entries": f"{found.entries:,}",
        }
    )
    if not found.signed:
        typer.echo(_("Who made it is not proven: this home has another key."), err=True)
    write_json(json_file, asdict(found))

"""`dossier restore`: bring a backup back, verified, or change nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dossier.config.options import JsonFile, write_json
from dossier.core.bilingual import bilingual


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="restore",
        help=bilingual(
            "Bring FILE back: proven, restored beside the old, verified, then put in its place. "
            "The old database and files are kept until --drop-old.",
            "从 FILE 恢复：先校验文件，在旧数据旁恢复并核对，再整体替换。旧数据保留到 --drop-old 为止。",
        ),
    )(restore)


def restore(
    file: Annotated[Path | None, typer.Argument(metavar="FILE")] = None,
    drop_old: Annotated[
        bool,
        typer.Option(
            "--drop-old",
            help=bilingual(
                "Remove what restores have set aside; without FILE nothing else is done.",
                "删除历次恢复保留的旧数据；不带 FILE 时只做这一件事。",
            ),
        ),
    ] = False,
    without_key: Annotated[
        bool,
        typer.Option(
            "--without-key",
            help=bilingual(
                "The key it was made with is lost: restore all the same, seals and maker unproven.",
                "制作时的密钥已丢失：仍然恢复，但封存和来源无法证明。",
            ),
        ),
    ] = False,
    with_history_faults: Annotated[
        bool,
        typer.Option(
            "--with-history-faults",
            help=bilingual(
                "Restore although the history in it has faults.", "即使其中的历史有问题也恢复。"
            ),
        ),
    ] = False,
    json_file: JsonFile = None,
) -> int:
    """Exit status 0: restored; 1: refused, and nothing was changed."""
    from dossier.config.environment import database_environment
    from dossier.config.exits import CommandError, Exit
    from dossier.config.runlock import run_lock
    from dossier.core.db.secrets import default_home

    if file is None and not drop_old:
        raise CommandError(bilingual("Name the backup.", "请指定备份文件。"))
    with run_lock(default_home(), "dossier restore"), database_environment(prepare=False):
        from django.utils.translation import gettext as _

        from dossier.core.backup.restoring import restore as bring_back
        from dossier.core.backup.swapping import drop_kept
        from dossier.core.db.embedded import Cluster

        if file is None:
            typer.echo(
                _("%(count)s earlier states removed.")
                % {"count": drop_kept(Cluster(default_home()))}
            )
            return Exit.DONE
        done = bring_back(
            file,
            upgrade=_upgrade,
            say=lambda text: typer.echo(text, err=True),
            without_key=without_key,
            with_history_faults=with_history_faults,
            drop_old=drop_old,
        )
        typer.echo(
            _(
                "Restored: backup of %(made)s, %(rows)s rows, %(files)s files; counts, sums and history are right. %(seconds)s s."
            )
            % {
                "made": f"{done.backup.made_at:%Y-%m-%d %H:%M} UTC",
                "rows": f"{done.backup.rows:,}",
                "files": done.backup.files,
                "seconds": f"{done.seconds:.1f}",
            }
        )
        for fault in done.faults:
            typer.echo(f"✗ {fault.text}")
        if done.kept_database and not drop_old:
            typer.echo(
                _(
                    "The old state is kept: database %(database)s, files in %(folder)s. `dossier restore --drop-old` removes it."
                )
                % {"database": done.kept_database, "folder": done.kept_folder}
            )
        write_json(json_file, asdict(done))
    return Exit.DONE


def _upgrade(app_url: str, owner_url: str) -> bool:
    """`dossier migrate` for another database than the home's own."""
    environment = os.environ | {
        "DOSSIER_DATABASE_URL": app_url,
        "DOSSIER_OWNER_DATABASE_URL": owner_url,
    }
    words = [sys.executable, "-m", "dossier.config.cli", "migrate", "--quiet"]
    return subprocess.run(words, env=environment, check=False).returncode == 0  # noqa: S603 - our own module

"""`dossier duplicates FILE`: which rows of a file are one company or person; `--archive`: of the files kept (CUS-3)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dossier.config.exits import CommandError, Exit
from dossier.config.options import AsLogin, JsonFile, write_json
from dossier.core.bilingual import bilingual

if TYPE_CHECKING:
    from dossier.customers.imports.file_check import Checked

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="duplicates",
        help=bilingual(
            "Find rows of an Excel or CSV file that are one company or one person, without bringing anything in;"
            " or look through the customer files (--archive). Exit status: 0 done, 1 not done because of an error.",
            "查找 Excel 或 CSV 文件中重复的公司或人员，不导入任何内容；或检查全部客户档案（--archive）。"
            "退出状态：0 完成；1 因错误未完成。",
        ),
    )(duplicates)


def duplicates(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help=bilingual("The file.", "要检查的文件。"), show_default=False
        ),
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            help=bilingual(
                "Map of the columns (TOML): of an import, or with [compare] what each column holds.",
                "列对照文件（TOML）：可用导入的对照文件，或用 [compare] 说明各列的内容。",
            ),
        ),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=bilingual("Sheet of the workbook.", "工作表名称。")),
    ] = None,
    archive: Annotated[
        bool,
        typer.Option(
            "--archive",
            help=bilingual(
                "Look through the customer files instead; what is found is kept for the administrator.",
                "改为检查客户档案，结果保存供客户信息管理员处理。",
            ),
        ),
    ] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help=bilingual(
                "With --archive: all files, not only those changed since the last time.",
                "与 --archive 同用：检查全部档案，而不只是上次以来有改动的。",
            ),
        ),
    ] = False,
    json_file: JsonFile = None,
    as_login: AsLogin = None,
) -> int:
    """Check the words, then the file or the archive."""
    if archive == (file is not None):
        raise CommandError(
            bilingual(
                "Name a file, or say --archive: dossier duplicates FILE.",
                "请写明文件，或使用 --archive：dossier duplicates FILE。",
            )
        )
    if archive:
        return _archive(as_login, json_file, everything=everything)
    for path in (file, map_file):
        if path is not None and not path.is_file():
            raise CommandError(bilingual(f"There is no file {path}.", f"没有文件 {path}。"))
    assert file is not None
    return _file(file, map_file, sheet, json_file)


def _file(file: Path, map_file: Path | None, sheet: str | None, json_file: Path | None) -> int:
    from dossier.config.environment import program_environment

    with program_environment():
        from dossier.core.imports.mapping import load_map
        from dossier.customers.imports.file_check import check_file

        mapping = load_map(map_file) if map_file else None
        checked = check_file(file, file.name, mapping, sheet=sheet)
        write_json(json_file, checked.as_json())
        _say(checked)
    return Exit.DONE


def _say(checked: Checked) -> None:
    """What was found, for a person; on the standard error, so that JSON may go to the output."""
    from dossier.customers.duplicate_words import together

    inside = sum(len(group.rows) for group in checked.groups)
    columns = ", ".join(checked.columns.values())
    lines = [
        bilingual(
            f"{checked.rows} rows, {len(checked.groups)} groups that look like one, with {inside} rows;"
            f" {checked.seconds:.1f} s",
            f"{checked.rows} 行，{len(checked.groups)} 组疑似重复，共 {inside} 行；{checked.seconds:.1f} 秒",
        ),
        bilingual(f"Columns compared: {columns}", f"比较的列：{columns}"),
    ]
    for group in checked.groups[:_SHOWN]:
        lines.append(f"  {group.score:.2f}")
        for row, code, name in zip(group.rows, group.codes, group.names, strict=True):
            said = " ".join(filter(None, (code, name)))
            lines.append(bilingual(f"    row {row}: {said}", f"    第 {row} 行：{said}"))
        lines.extend(
            f"      {pair.rows[0]} – {pair.rows[1]}: {together(pair.reasons)}"
            for pair in group.pairs
        )
    if len(checked.groups) > _SHOWN:
        more = len(checked.groups) - _SHOWN
        lines.append(
            bilingual(
                f"  … {more} more; all of them with --json", f"  …… 另有 {more} 组，全部见 --json"
            )
        )
    for line in lines:
        typer.echo(line, err=True)


def _archive(as_login: str | None, json_file: Path | None, *, everything: bool) -> int:
    from dossier.config.environment import command_environment

    with command_environment(as_login) as actor:
        from dossier.customers.services.duplicate_pairs import archive_searched

        done = archive_searched(actor=actor, everything=everything)
        write_json(json_file, done.as_json())
        typer.echo(
            bilingual(
                f"{done.customers} customer files looked at, {done.found} new possible duplicates, {done.open} open in"
                f" all; {done.seconds:.1f} s",
                f"检查 {done.customers} 份客户档案，新发现 {done.found} 对疑似重复，待处理共 {done.open} 对；"
                f"{done.seconds:.1f} 秒",
            ),
            err=True,
        )
    return Exit.DONE

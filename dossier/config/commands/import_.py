"""`dossier import KIND FILE`: bring a company's own sheet in (AUD-4)."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dossier.config.exits import CommandError, Exit
from dossier.config.options import AsLogin, JsonFile, write_json
from dossier.core.bilingual import bilingual

if TYPE_CHECKING:
    from dossier.core.access import Actor
    from dossier.core.imports.pipeline import Reading
    from dossier.core.imports.registry import Options
    from dossier.core.imports.result import Result

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="import",
        help=bilingual(
            "Bring in employees, customers, products or sales from an Excel or CSV file. Exit status: 0 done,"
            " 2 done with rejected rows (a dry run that found problems too), 1 nothing changed because of an error.",
            "从 Excel 或 CSV 文件导入员工（employees）、客户（customers）、产品（products）或销售（sales）。"
            "退出状态：0 完成；2 完成但有被拒绝的行（试运行发现问题时也是）；1 因错误未做任何改动。",
        ),
    )(import_file)


def import_file(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND", help="employees, customers, products, sales", show_default=False
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help=bilingual("The file.", "要导入的文件。"), show_default=False
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=bilingual("Check everything, change nothing.", "只检查，不做任何改动。"),
        ),
    ] = False,
    valid_only: Annotated[
        bool,
        typer.Option(
            "--valid-only",
            help=bilingual(
                "Bring in the good rows though others are refused; without it, one refused row stops all.",
                "导入合格的行，其余拒绝；不加此项时，只要有一行被拒绝就全部不导入。",
            ),
        ),
    ] = False,
    create_missing: Annotated[
        str,
        typer.Option(
            "--create-missing",
            metavar="LIST",
            help=bilingual(
                "What sales lines may create where it is missing: products, customers (as drafts), or both.",
                "销售行可新建的缺失内容：products（产品）、customers（客户草稿），可同时列出。",
            ),
        ),
    ] = "",
    unassigned: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=bilingual(
                "Name of the walk-in customer for lines without a customer.",
                "无客户的行记到该名称的散客名下。",
            ),
        ),
    ] = "",
    currency: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help=bilingual(
                "Currency where the sheet names none (CNY).", "表中未写币种时使用的币种（CNY）。"
            ),
        ),
    ] = "",
    leave_out_duplicates: Annotated[
        bool,
        typer.Option(
            "--leave-out-duplicates",
            help=bilingual(
                "Leave out customers that look like an earlier row or one on file; without it all come in, flagged.",
                "疑似与前面的行或已有档案重复的客户不导入；不加此项时全部导入并互相标记。",
            ),
        ),
    ] = False,
    map_file: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            help=bilingual("Map of the columns (TOML).", "列对照文件（TOML）。"),
        ),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=bilingual("Sheet of the workbook.", "工作表名称。")),
    ] = None,
    annotated: Annotated[
        Path | None,
        typer.Option(
            "--annotated",
            metavar="FILE",
            help=bilingual(
                "Write a copy of the sheet with its problems, to correct and bring in again.",
                "输出带问题标注的副本，改正后可再次导入。",
            ),
        ),
    ] = None,
    undo: Annotated[
        int | None,
        typer.Option(
            metavar="RUN",
            help=bilingual(
                "Undo the import of this number instead.", "撤销该编号的导入（不导入文件）。"
            ),
        ),
    ] = None,
    json_file: JsonFile = None,
    as_login: AsLogin = None,
) -> int:
    """Check the words, then do the work inside the database's environment."""
    from dossier.config.environment import command_environment

    if undo is None and (kind is None or file is None):
        raise CommandError(
            bilingual(
                "Name a kind and a file: dossier import KIND FILE.",
                "请写明类别和文件：dossier import KIND FILE。",
            )
        )
    for path in (file, map_file):
        if undo is None and path is not None and not path.is_file():
            raise CommandError(bilingual(f"There is no file {path}.", f"没有文件 {path}。"))
    with command_environment(as_login) as actor:
        if undo is not None:
            return _undo(actor, undo, json_file)
        from dossier.core.imports.registry import LEAVE_OUT, Options

        assert kind is not None and file is not None
        options = Options(
            dry_run=dry_run,
            valid_only=valid_only,
            create_missing=frozenset(
                word.strip() for word in create_missing.split(",") if word.strip()
            ),
            unassigned=unassigned.strip(),
            currency=currency.strip().upper(),
            duplicates=LEAVE_OUT if leave_out_duplicates else "",
        )
        return _bring_in(actor, kind, file, options, map_file, sheet, annotated, json_file)


def _bring_in(
    actor: Actor,
    kind: str,
    file: Path,
    options: Options,
    map_file: Path | None,
    sheet: str | None,
    annotated: Path | None,
    json_file: Path | None,
) -> int:
    from dossier.config.progress import Advance, progress
    from dossier.core.imports.engine import Given, bring_in
    from dossier.core.imports.mapping import load_map

    given = Given(
        source=file, name=file.name, mapping=load_map(map_file) if map_file else None, sheet=sheet
    )
    label = bilingual(f"Rows of {file.name}", f"{file.name} 行数")
    with ExitStack() as stack:
        said: list[Advance] = []

        def on_reading(reading: Reading) -> None:
            lines = reading.table.lines - reading.header.row_number
            said.append(stack.enter_context(progress(lines if lines > 0 else None, label)))

        result = bring_in(
            actor=actor,
            kind=kind,
            given=given,
            options=options,
            advance=lambda count: said[0](count),
            on_reading=on_reading,
        )
    if annotated is not None:
        from dossier.core.imports.copies import annotate

        annotated.write_bytes(annotate(kind, given, result))
    write_json(json_file, result.as_json())
    _say(result, options, quiet=str(json_file) == "-")
    return _status(result, options)


def _status(result: Result, options: Options) -> int:
    if result.status == "refused":
        return Exit.FAILED
    found = bool(result.problems) if options.dry_run else bool(result.rejected)
    return Exit.DONE_WITH_REJECTED_ROWS if found else Exit.DONE


def _say(result: Result, options: Options, *, quiet: bool) -> None:
    """What came of it, for a person; on the standard error, so that JSON may go to the output."""
    from collections import Counter

    from dossier.core.imports.messages import field_label, short_text

    heads = {
        "checked": bilingual("Checked, nothing was changed.", "已检查，未做任何改动。"),
        "refused": bilingual(
            "Rows are refused, so nothing was changed. Correct them, or use --valid-only.",
            "有被拒绝的行，未做任何改动。请改正，或使用 --valid-only。",
        ),
        "done": bilingual(f"Done (import {result.run}).", f"完成（导入编号 {result.run}）。"),
    }
    lines = [heads[result.status]]
    lines.append(
        bilingual(
            f"{result.rows} rows: {result.created} new, {result.updated} changed, {result.unchanged} unchanged,"
            f" {result.rejected} refused; {result.seconds:.1f} s",
            f"{result.rows} 行：新增 {result.created}，更改 {result.updated}，未变 {result.unchanged}，"
            f"拒绝 {result.rejected}；{result.seconds:.1f} 秒",
        )
    )
    groups = Counter(
        (problem.severity, problem.code, problem.field) for _row, problem in result.problems
    )
    for (severity, code, field), count in sorted(groups.items()):
        mark = "✗" if severity == "error" else "!"
        lines.append(f"  {mark} {count} × {field_label(field, result.kind)}: {short_text(code)}")
    errors = [
        (row, problem)
        for row, problem in sorted(result.problems, key=lambda one: one[0])
        if problem.severity == "error"
    ]
    for row, problem in errors[:_SHOWN]:
        text = problem.text(result.kind)
        lines.append(bilingual(f"  row {row}: {text}", f"  第 {row} 行：{text}"))
    if len(errors) > _SHOWN:
        lines.append(
            bilingual(f"  … {len(errors) - _SHOWN} more", f"  …… 另有 {len(errors) - _SHOWN} 处")
        )
    if result.duplicates:
        lines.append(
            bilingual(
                f"  {len(result.duplicates)} groups of rows look like one company.",
                f"  {len(result.duplicates)} 组行疑似同一公司。",
            )
        )
    for line in lines:
        typer.echo(line, err=True)


def _undo(actor: Actor, run_id: int, json_file: Path | None) -> int:
    from dossier.core.imports.undo import undo_run

    outcome = undo_run(actor=actor, run_id=run_id)
    write_json(json_file, outcome.as_json())
    typer.echo(
        bilingual(
            f"Undone: {outcome.deleted} records removed, {outcome.restored} put back, {len(outcome.kept)} kept.",
            f"已撤销：删除 {outcome.deleted} 条，恢复 {outcome.restored} 条，保留 {len(outcome.kept)} 条。",
        ),
        err=True,
    )
    for item in outcome.kept[:_SHOWN]:
        typer.echo(f"  {item.title}: {item.reason}", err=True)
    return Exit.DONE_WITH_REJECTED_ROWS if outcome.kept else Exit.DONE

"""`dossier report KEY`: a report's figures, on the terminal or as JSON (REP-1, REP-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dossier.config.options import AsLogin, JsonFile, json_text, write_json
from dossier.core.bilingual import bilingual

if TYPE_CHECKING:
    from datetime import date

    from dossier.reports.declarations import Answer

_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="report",
        help=bilingual(
            "The figures of a report, cut to what the actor may see. `dossier report sales --by month,salesperson`.",
            "输出报表数据，仅限执行者有权查看的范围。例如 dossier report sales --by month,salesperson。",
        ),
    )(report)


def report(
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY",
            help=bilingual("The report: sales.", "报表名称：sales。"),
            show_default=False,
        ),
    ],
    by: Annotated[
        str,
        typer.Option(
            help=bilingual(
                "One or two of month, quarter, year, customer, salesperson, team, territory, product, class, "
                "family, industry, comma separated.",
                "按一个或两个维度汇总，逗号分隔：month（月）、quarter（季度）、year（年）、customer（客户）、"
                "salesperson（业务员）、team（团队）、territory（区域）、product（产品）、class（产品类别）、"
                "family（产品系列）、industry（行业）。",
            )
        ),
    ] = "month",
    measures: Annotated[
        str,
        typer.Option(
            help=bilingual(
                "Figures, comma separated: revenue, quantity, cost, other_cost, profit, coverage, lines, orders, "
                "customers. Default: revenue, profit, quantity, as far as the actor may see them.",
                "指标，逗号分隔：revenue（销售额）、quantity（数量）、cost（成本）、other_cost（其他成本）、"
                "profit（利润）、coverage（成本覆盖率）、lines（行数）、orders（订单数）、customers（客户数）。"
                "默认为执行者有权查看的 revenue、profit、quantity。",
            ),
            show_default=False,
        ),
    ] = "",
    start: Annotated[
        str,
        typer.Option(
            "--from", metavar="DAY", help=bilingual("First day.", "起始日期。"), show_default=False
        ),
    ] = "",
    end: Annotated[
        str,
        typer.Option(
            "--to", metavar="DAY", help=bilingual("Last day.", "截止日期。"), show_default=False
        ),
    ] = "",
    currency: Annotated[
        str,
        typer.Option(
            help=bilingual(
                "Currency; figures of several are never added. Default: the most used.",
                "币种；不同币种绝不相加。默认为使用最多的币种。",
            ),
            show_default=False,
        ),
    ] = "",
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help=bilingual(
                "Only lines of this customer, salesperson, product, family, class, team, territory or industry, "
                "by the key the report gives them in JSON (code, employee number, name of a team, territory or "
                "family; “-” for none); may be repeated.",
                "只统计符合条件的明细，值即 JSON 中的 key：客户或产品编码、工号、团队/区域/系列名称，"
                "“-”表示没有；例如 customer=000840；可重复。",
            ),
            show_default=False,
        ),
    ] = None,
    json_file: JsonFile = None,
    as_login: AsLogin = None,
) -> int:
    """Compute, print or write."""
    from dossier.config.environment import command_environment
    from dossier.config.exits import Exit

    first, last = _day("--from", start), _day("--to", end)
    with command_environment(as_login) as actor:
        from dossier.core.money import DEFAULT_CURRENCY
        from dossier.reports.exports import record_answer
        from dossier.reports.output import as_json
        from dossier.reports.registry import report_of
        from dossier.sales.filters import value_of_key
        from dossier.sales.selectors import currencies

        found = report_of(key)
        allowed = {measure.key for measure in found.measures_for(actor)}
        asked = _words(measures) or [name for name in found.first_measures if name in allowed]
        if not currency:
            used = currencies(actor)
            currency = used[0] if used else DEFAULT_CURRENCY
            if len(used) > 1:
                others = ", ".join(used[1:])
                typer.echo(
                    bilingual(
                        f"Figures of {currency}; others with --currency: {others}.",
                        f"以下为 {currency} 数据；其他币种请用 --currency：{others}。",
                    ),
                    err=True,
                )
        question = found.question(
            actor,
            by=_words(by),
            measures=asked,
            currency=currency.upper(),
            start=first,
            end=last,
            filters={
                name: [value_of_key(actor, name, value) for value in values]
                for name, values in _filters(only or []).items()
            },
        )
        answer = found.answer(actor, question)
        if json_file is None:
            _print(answer)
        else:
            made = as_json(answer)
            record_answer(
                actor=actor,
                report=found,
                answer=answer,
                content=json_text(made).encode(),
                file_name=json_file.name,
                file_format="json",
            )
            write_json(json_file, made)
    return Exit.DONE


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _day(option: str, text: str) -> date | None:
    from dossier.config.exits import CommandError
    from dossier.core.values import ValueProblem, parse_date

    if not text:
        return None
    try:
        return parse_date(text)
    except ValueProblem as problem:
        raise CommandError(
            bilingual(
                f"{option}: “{text[:40]}” is not a day.", f"{option}：“{text[:40]}”不是有效日期。"
            )
        ) from problem


def _filters(only: list[str]) -> dict[str, list[str]]:
    from dossier.config.exits import CommandError

    found: dict[str, list[str]] = {}
    for text in only:
        name, equals, value = text.partition("=")
        if not equals:
            raise CommandError(
                bilingual(
                    f"--only {text[:40]}: write NAME=VALUE.",
                    f"--only {text[:40]}：请写成 名称=值。",
                )
            )
        found.setdefault(name.strip(), []).append(value.strip())
    return found


def _print(answer: Answer) -> None:
    """A plain table: at most fifty rows, then the totals."""
    from dossier.reports.output import UNKNOWN, figure_text, in_order

    question = answer.question
    heads = [str(dimension.label) for dimension in question.by] + [
        str(m.label) for m in question.measures
    ]
    typer.echo("\t".join(heads))
    for cell in in_order(answer.cells)[:_SHOWN]:
        figures = [figure_text(m, cell.figures[m.key]) or UNKNOWN for m in question.measures]
        typer.echo("\t".join([*(member.label for member in cell.members), *figures]))
    if len(answer.cells) > _SHOWN:
        more = len(answer.cells) - _SHOWN
        typer.echo(
            bilingual(
                f"… {more} more rows; --json FILE has all.",
                f"… 另有 {more} 行；全部数据请用 --json FILE。",
            ),
            err=True,
        )
    totals = [figure_text(m, answer.totals[m.key]) or UNKNOWN for m in question.measures]
    typer.echo("\t".join([bilingual("Total", "合计"), *[""] * (len(question.by) - 1), *totals]))

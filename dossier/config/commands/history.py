"""`dossier history`: prove that the history was not touched; show what happened to a record."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dossier.config.options import AsLogin, JsonFile, write_json
from dossier.core.bilingual import bilingual

# What can be shown: kind → (model, the column of the code people know it by).
SUBJECTS = {
    "customer": ("customers.Customer", "code"),
    "product": ("catalog.Product", "code"),
    "employee": ("people.Employee", "number"),
    "order": ("sales.SalesOrder", "number"),
}


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help=bilingual(
            "The history of all records: verify it, show it.", "所有记录的变更历史：校验、查看。"
        ),
    )
    group.command(
        name="verify",
        help=bilingual(
            "Check seals, entries and live rows against each other; name what was altered or removed.",
            "核对封存链、历史条目与现有数据，指出被篡改或删除之处。",
        ),
    )(verify)
    group.command(
        name="seal",
        help=bilingual(
            "Seal finished entries now (done each minute by `dossier run`).",
            "立即封存已完成的历史条目（运行时每分钟自动进行）。",
        ),
    )(seal)
    group.command(
        name="redact",
        help=bilingual(
            "Carry out approved redactions as the database's owner (`dossier run` does it where it knows the owner).",
            "以数据库所有者身份执行已批准的历史清除申请（dossier run 已知所有者时自动执行）。",
        ),
    )(redact)
    group.command(
        name="show",
        help=bilingual(
            "What happened to a record, or what it was at a moment.",
            "查看一条记录的变更经过，或其在某一时刻的内容。",
        ),
    )(show)
    app.add_typer(group, name="history")


def verify(json_file: JsonFile = None) -> int:
    """Exit status 0: untouched; 1: something was altered, and it is named."""
    from dataclasses import asdict

    from django.conf import settings
    from django.utils.translation import gettext as _

    from dossier.config.environment import database_environment
    from dossier.config.exits import CommandError, Exit
    from dossier.core.history.verifying import verify_at

    with database_environment():
        if not settings.OWNER_DATABASE_URL:
            raise CommandError(
                bilingual(
                    "Verification reads as the database's owner: set DOSSIER_OWNER_DATABASE_URL.",
                    "校验需以数据库所有者身份读取：请设置 DOSSIER_OWNER_DATABASE_URL。",
                )
            )
        verdict = verify_at(settings.OWNER_DATABASE_URL)
        for request, count in verdict.redactions.items():
            typer.echo(
                _("%(count)s entries redacted under request %(number)s.")
                % {"count": f"{count:,}", "number": request}
            )
        for fault in verdict.faults:
            typer.echo(f"✗ {fault.text}")
        for restored in verdict.restores:
            typer.echo(f"· {restored.text}")
        typer.echo(
            _(
                "%(entries)s entries, %(sealed)s of them sealed in %(seals)s seals; %(faults)s faults."
            )
            % {
                "entries": f"{verdict.entries:,}",
                "sealed": f"{verdict.sealed:,}",
                "seals": verdict.seals,
                "faults": len(verdict.faults),
            }
        )
        write_json(
            json_file,
            {
                "ok": not verdict.faults,
                "entries": verdict.entries,
                "sealed": verdict.sealed,
                "seals": verdict.seals,
                "redactions": [
                    {"request": request, "entries": count}
                    for request, count in verdict.redactions.items()
                ],
                "faults": [fault.as_json() for fault in verdict.faults],
                "restores": [asdict(restored) for restored in verdict.restores],
            },
        )
    return Exit.FAILED if verdict.faults else Exit.DONE


def seal() -> int:
    """Seal what is finished."""
    import psycopg
    from django.conf import settings
    from django.utils.translation import gettext as _

    from dossier.config.environment import database_environment
    from dossier.config.exits import Exit
    from dossier.core.history.sealing import seal_pending

    with (
        database_environment(),
        psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection,
    ):
        typer.echo(_("%(count)s entries sealed.") % {"count": f"{seal_pending(connection):,}"})
    return Exit.DONE


def redact() -> int:
    """Carry out what was approved."""
    from django.conf import settings
    from django.utils.translation import gettext as _

    from dossier.config.environment import database_environment
    from dossier.config.exits import CommandError, Exit
    from dossier.core.history.redacting import carry_out_as_owner

    with database_environment():
        if not settings.OWNER_DATABASE_URL:
            raise CommandError(
                bilingual(
                    "Redaction alters the history as the database's owner: set DOSSIER_OWNER_DATABASE_URL.",
                    "清除历史须以数据库所有者身份修改历史：请设置 DOSSIER_OWNER_DATABASE_URL。",
                )
            )
        try:
            done = carry_out_as_owner()
        except ValueError as error:  # an approval made without the key: nothing was done
            raise CommandError(str(error)) from error
        typer.echo(_("%(count)s redactions carried out.") % {"count": len(done)})
    return Exit.DONE


def show(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=" | ".join(SUBJECTS))],
    code: Annotated[str, typer.Argument(metavar="CODE")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help=bilingual(
                "As it stood then, for example 2026-05-31T18:00.",
                "截至该时刻的内容，如 2026-05-31T18:00。",
            ),
        ),
    ] = None,
    login: AsLogin = None,
    json_file: JsonFile = None,
) -> int:
    """Print the changes, or with ``--at`` the record and its parts as they stood."""
    from django.apps import apps
    from django.utils import timezone
    from django.utils.translation import gettext as _

    from dossier.config.environment import command_environment
    from dossier.config.exits import CommandError, Exit
    from dossier.core.errors import NotFound
    from dossier.core.history.reading import changes, state_at

    if kind not in SUBJECTS:
        raise CommandError(
            bilingual(
                f"KIND must be one of: {', '.join(SUBJECTS)}.",
                f"KIND 须为其中之一：{'、'.join(SUBJECTS)}。",
            )
        )
    with command_environment(login) as actor:
        actor.require("core.history", "view")
        label, column = SUBJECTS[kind]
        model: Any = apps.get_model(label)
        record = model.objects.for_user(actor).filter(**{column: code}).order_by("pk").first()
        if record is None:
            raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
        moment = _moment(at)
        found = [_covered(change, actor) for change in changes(record, until=moment)]
        if moment is None:
            for change in found:
                said = ", ".join(
                    f"{name}: {change.before.get(name)!r} → {change.after.get(name)!r}"
                    for name in sorted(change.before.keys() | change.after.keys())
                )
                typer.echo(
                    f"{timezone.localtime(change.at):%Y-%m-%d %H:%M:%S} {change.who} {change.op} "
                    f"{change.table} {change.row}{f' ({change.why})' if change.why else ''}\n    {said}"
                )
            write_json(json_file, [change.__dict__ for change in found])
        else:
            rows = state_at(found)
            for (table, row), columns in rows.items():
                typer.echo(f"{table} {row}")
                for name, value in columns.items():
                    if value not in (None, "", []):
                        typer.echo(f"    {name}: {value}")
            write_json(
                json_file,
                [
                    {"table": table, "row": row, "columns": columns}
                    for (table, row), columns in rows.items()
                ],
            )
    return Exit.DONE


def _covered(change: Any, actor: Any) -> Any:
    """The change with sensitive values covered for those who may not unmask (ORG-4)."""
    from dataclasses import replace

    from dossier.core.fields import masked
    from dossier.core.history.marks import redacted
    from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS
    from dossier.customers.questions import covered_change
    from dossier.people.fields import EMPLOYEE

    if change.table == "customers_question":
        return covered_change(change, actor)
    kind, specs = {
        "customers_contact": ("customers.customer", CONTACT_FIELDS),
        "customers_bankaccount": ("customers.customer", BANK_ACCOUNT_FIELDS),
        "people_employee": ("people.employee", EMPLOYEE),
    }.get(change.table, ("", ()))
    if not kind or actor.is_system or actor.can(kind, "unmask"):
        return change
    masks = {spec.name: spec.mask for spec in specs if spec.mask is not None}

    def cover(columns: dict[str, Any]) -> dict[str, Any]:
        return {
            name: masked(str(value), masks[name])
            if name in masks and value and redacted(value) is None
            else value
            for name, value in columns.items()
        }

    return replace(change, before=cover(change.before), after=cover(change.after))


def _moment(text: str | None) -> Any:
    """A moment as typed, in the company's time zone unless it names one."""
    from datetime import datetime

    from django.utils import timezone

    from dossier.config.exits import CommandError

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            bilingual(
                f"“{text}” is not a time. Write for example 2026-05-31T18:00.",
                f"“{text}”不是时间，请写成 2026-05-31T18:00。",
            )
        ) from None
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment

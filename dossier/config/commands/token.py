"""`dossier token`: tokens of the API, made, listed and revoked at the console (SYS-3, AUD-2)."""

from __future__ import annotations

from typing import Annotated

import typer

from dossier.core.bilingual import bilingual


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="token",
        help=bilingual(
            "Make a token of the API for a log-in and print it once; --list shows tokens, --revoke ends one.",
            "为登录名创建 API 令牌，只显示一次；--list 列出令牌，--revoke 吊销令牌。",
        ),
    )(token)


def token(
    login: Annotated[
        str,
        typer.Argument(
            metavar="[LOGIN]",
            help=bilingual("Whose token.", "令牌所属的登录名。"),
            show_default=False,
        ),
    ] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=bilingual(
                "What it may be used for, such as customers:read or *:write; may be repeated. Default: *:read.",
                "用途，例如 customers:read 或 *:write；可重复。默认 *:read。",
            ),
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int, typer.Option(help=bilingual("How many days it is valid.", "有效天数。"))
    ] = 90,
    name: Annotated[
        str,
        typer.Option(help=bilingual("What it is for.", "令牌名称。"), show_default=False),
    ] = "",
    show: Annotated[
        bool,
        typer.Option(
            "--list",
            help=bilingual(
                "List tokens, of LOGIN or all; never the secrets.",
                "列出令牌（某登录名或全部），不含密钥。",
            ),
        ),
    ] = False,
    revoke: Annotated[
        str,
        typer.Option(
            metavar="PREFIX",
            help=bilingual(
                "End the token with this prefix or number at once.", "立即吊销该前缀或编号的令牌。"
            ),
            show_default=False,
        ),
    ] = "",
) -> int:
    """Make, list or revoke."""
    from dossier.config.environment import command_environment
    from dossier.config.exits import CommandError, Exit

    with command_environment() as actor:
        from dossier.core.api.app import load
        from dossier.core.bilingual import listed
        from dossier.people.selectors import actor_by_login
        from dossier.people.services import token_create, token_revoke

        load()  # the scopes are known by the departments
        if revoke:
            ended = token_revoke(actor=actor, token_id=_found(revoke))
            typer.echo(
                bilingual(
                    f"Revoked: {ended.name} ({ended.account})",
                    f"已吊销：{ended.name}（{ended.account}）",
                )
            )
        elif show:
            _list(login)
        elif not login:
            raise CommandError(
                bilingual(
                    "Name a log-in: dossier token LOGIN, or --list, or --revoke PREFIX.",
                    "请指定登录名：dossier token LOGIN，或使用 --list、--revoke PREFIX。",
                )
            )
        else:
            owner = actor_by_login(login)
            made = token_create(
                actor=actor,
                account_id=owner.account_id,
                name=name or bilingual("made at the console", "控制台创建"),
                scopes=scope or ["*:read"],
                days=days,
            )
            until = f"{made.token.expires_at:%Y-%m-%d}"
            typer.echo(
                bilingual(
                    f"Token of {owner.login}, valid until {until}, for {listed(made.token.scopes)}. It is shown this once:",
                    f"{owner.login} 的令牌，有效期至 {until}，用途 {listed(made.token.scopes)}。仅显示这一次：",
                ),
                err=True,
            )
            typer.echo(made.secret)
    return Exit.DONE


def _found(word: str) -> int:
    """The token of a prefix, a whole token or a number."""
    from dossier.config.exits import CommandError
    from dossier.people.models import ApiToken

    parts = word.split("_")
    prefix = parts[1] if word.startswith("dossier_") and len(parts) > 1 else word
    found = ApiToken.objects.filter(prefix=prefix).values_list("pk", flat=True).first()
    if found is None and word.isascii() and word.isdecimal() and len(word) < 19:
        found = ApiToken.objects.filter(pk=int(word)).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(
            bilingual(f"There is no token “{word[:40]}”.", f"没有令牌“{word[:40]}”。")
        )
    return found


def _list(login: str) -> None:
    from django.utils import timezone

    from dossier.people.models import ApiToken

    rows = ApiToken.objects.select_related("account").order_by("account__login", "-pk")
    if login:
        rows = rows.filter(account__login__iexact=login)
    now = timezone.now()
    for one in rows:
        state = (
            bilingual("revoked", "已吊销")
            if one.revoked_at
            else bilingual("expired", "已过期")
            if one.expires_at <= now
            else bilingual("valid", "有效")
        )
        used = f"{timezone.localtime(one.last_used_at):%Y-%m-%d %H:%M}" if one.last_used_at else "—"
        typer.echo(
            f"{one.prefix}\t{one.account.login}\t{state}\t{timezone.localtime(one.expires_at):%Y-%m-%d}"
            f"\t{used}\t{','.join(one.scopes)}\t{one.name}"
        )

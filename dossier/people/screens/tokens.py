"""Pages of API tokens: one's own in the account menu, anybody's on the page of the account (AUD-2, SYS-3)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.access import Actor
from dossier.core.api.app import load
from dossier.core.api.scopes import EVERY, READ, WRITE, object_types
from dossier.core.errors import NotFound, Refusal
from dossier.core.screens.forms import PlainField
from dossier.core.screens.requests import actor_of, page
from dossier.people.models import Account, ApiToken
from dossier.people.services import token_create, token_revoke
from dossier.people.services.tokens import USUAL_DAYS
from dossier.people.tokens import tokens_of

DAYS = (30, USUAL_DAYS, 180, 365)
_SHOWN = 50


class TokenForm(forms.Form):
    """A name, how long, and what for."""

    name = PlainField(
        max_length=60,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("For example the program that uses it."),
    )
    days = forms.TypedChoiceField(
        coerce=int, choices=[], initial=USUAL_DAYS, label=gettext_lazy("Valid for")
    )
    scopes = forms.MultipleChoiceField(
        required=False, choices=[], label=gettext_lazy("May be used for")
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        days: Any = self.fields["days"]
        days.choices = [(count, _("%(count)s days") % {"count": count}) for count in DAYS]
        scopes: Any = self.fields["scopes"]
        scopes.choices = [
            (f"{word}:{mode}", word) for word, _label, modes in scope_rows() for mode in modes
        ]


def scope_rows() -> list[tuple[str, Any, tuple[str, ...]]]:
    """Object types with their label and the ways a token can use them; everything first."""
    load()
    everything: tuple[str, Any, tuple[str, ...]] = (
        EVERY,
        _("Everything you may do"),
        (READ, WRITE),
    )
    return [
        everything,
        *(
            (item.word, item.label, (READ, WRITE) if item.kinds else (READ,))
            for item in object_types()
        ),
    ]


def scope_words(scopes: list[str]) -> str:
    """Scopes in words: 'Customers: read, write'."""
    labels = {word: str(label) for word, label, _modes in scope_rows()}
    modes = {READ: _("read"), WRITE: _("write")}
    found: dict[str, list[str]] = {}
    for scope in scopes:
        word, _colon, mode = scope.rpartition(":")
        found.setdefault(labels.get(word, word), []).append(modes.get(mode, mode))
    return "; ".join(f"{label}: {', '.join(used)}" for label, used in found.items())


def token_lines(account: Account) -> list[dict[str, Any]]:
    """An account's tokens as its pages list them."""
    now = timezone.now()
    return [
        {
            "token": token,
            "scopes": scope_words(token.scopes),
            "state": _state(token, now),
            "living": token.revoked_at is None and token.expires_at > now,
        }
        for token in tokens_of(account)[:_SHOWN]
    ]


def _state(token: ApiToken, now: Any) -> dict[str, str]:
    if token.revoked_at is not None:
        return {"text": _("revoked"), "badge": "secondary"}
    if token.expires_at <= now:
        return {"text": _("expired"), "badge": "secondary"}
    return {"text": _("valid"), "badge": "green"}


@never_cache
@page()
@require_http_methods(["GET", "HEAD", "POST"])
def my_tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one is shown once, in the answer that makes it."""
    account = request.user
    assert isinstance(account, Account)
    form = TokenForm(request.POST or None)
    secret, status = "", 200
    if request.method == "POST":
        made = _make(request, form) if form.is_valid() else None
        if made is None:
            status = 422
        else:
            secret, form = made, TokenForm()
    chosen = set(form["scopes"].value() or ()) if form.is_bound else {f"customers:{READ}"}
    return render(
        request,
        "people/my_tokens.html",
        {
            "form": form,
            "scope_rows": [
                {
                    "word": word,
                    "label": label,
                    "modes": [
                        {"value": f"{word}:{mode}", "mode": mode, "on": f"{word}:{mode}" in chosen}
                        for mode in modes
                    ],
                }
                for word, label, modes in scope_rows()
            ],
            "secret": secret,
            "tokens": token_lines(account),
            "may_revoke": True,
        },
        status=status,
    )


def _make(request: HttpRequest, form: TokenForm) -> str | None:
    """The secret of the new token; None when it was refused, told on the form."""
    try:
        made = token_create(
            actor=actor_of(request),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            days=form.cleaned_data["days"],
            agent=request.headers.get("User-Agent", ""),
        )
    except Refusal as refusal:
        name = refusal.field if refusal.field in form.fields else None
        form.add_error(name, forms.ValidationError(refusal.message.replace("%", "%%")))
        return None
    return made.secret


@page()
@require_POST
def my_token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own tokens."""
    actor = actor_of(request)
    _of_account(actor.account_id or 0, token_id)
    _revoke(request, actor, token_id)
    return redirect("my-tokens")


@page("people.role.change")
@require_POST
def account_token_revoke(request: HttpRequest, pk: int, token_id: int) -> HttpResponse:
    """End a token of anybody's account."""
    _of_account(pk, token_id)
    _revoke(request, actor_of(request), token_id)
    return redirect(reverse("account", args=[pk]))


def _of_account(account_id: int, token_id: int) -> None:
    if not ApiToken.objects.filter(pk=token_id, account_id=account_id).exists():
        raise NotFound("not_found", _("There is no such token."))


def _revoke(request: HttpRequest, actor: Actor, token_id: int) -> None:
    token_revoke(actor=actor, token_id=token_id, agent=request.headers.get("User-Agent", ""))
    messages.success(
        request, _("The token is revoked; programs that use it are refused from now on.")
    )

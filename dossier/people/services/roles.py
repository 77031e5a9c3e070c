"""Roles and their grants (ORG-3, ORG-4)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, kinds
from dossier.core.errors import Refusal
from dossier.core.services import command, once
from dossier.people.models import Role, RoleGrant
from dossier.people.services._common import (
    administrators_kept,
    bump,
    check_version,
    clean_text,
    locked,
    write,
)

Grants = Mapping[str, str]
"""Permission ("kind.action") → scope; an empty scope grants nothing."""


def role_create(*, actor: Actor, name: str, grants: Grants, submission: str = "") -> Role:
    """Make a role of the company's own (ORG-3)."""
    actor.require("people.role", "change")
    with command(actor):
        claim = once(actor=actor, key=submission, what="people.role") if submission else None
        if claim is not None and claim.result:
            return Role.objects.get(pk=claim.result)  # type: ignore[no-any-return] # the manager is untyped
        wanted = _checked(grants)
        clean = _clean_name(name, None)
        role = Role(key=f"{slugify(clean)[:30] or 'role'}-{secrets.token_hex(3)}", name=clean)
        role.save()
        RoleGrant.objects.bulk_create(
            RoleGrant(role=role, kind=kind, action=action, scope=scope)
            for (kind, action), scope in wanted.items()
        )
        if claim is not None:
            claim.result = str(role.pk)
            claim.save(update_fields=["result"])
        return role


def role_update(
    *,
    actor: Actor,
    role_id: int,
    grants: Grants,
    name: str | None = None,
    expected_version: int | None,
) -> Role:
    """Give a role exactly these grants; acts at the next request of everybody who has it (ORG-3).

    A shipped role keeps its name, which is translated. Nobody takes from the company its last
    account that can change roles, nor that right from himself.
    """
    with command(actor), administrators_kept(actor):
        role: Role = locked(Role.objects, actor, role_id, "change")
        wanted = _checked(grants)
        changed = False
        if name is not None and not role.is_shipped:
            changed = write(
                role, {"name": _clean_name(name, role)}, expected_version=expected_version
            )
        held = {(grant.kind, grant.action): grant for grant in role.grants.all()}
        if {pair: grant.scope for pair, grant in held.items()} != wanted:
            if not changed:
                check_version(role, expected_version)
            _apply(role, held, wanted)
            if not changed:
                bump(role)
        return role


def role_delete(*, actor: Actor, role_id: int) -> None:
    """Remove a role of the company's own that no account has."""
    with command(actor), administrators_kept(actor):
        role: Role = locked(Role.objects, actor, role_id, "change")
        if role.is_shipped:
            raise Refusal(
                "shipped_role", _("A shipped role cannot be removed; take its rights away instead.")
            )
        if role.accounts.exists():
            raise Refusal("role_in_use", _("Accounts have this role. Take it from them first."))
        role.delete()


def _apply(
    role: Role, held: dict[tuple[str, str], RoleGrant], wanted: dict[tuple[str, str], str]
) -> None:
    gone = [grant.pk for pair, grant in held.items() if pair not in wanted]
    RoleGrant.objects.filter(pk__in=gone).delete()
    for pair, scope in wanted.items():
        grant = held.get(pair)
        if grant is None:
            RoleGrant.objects.create(role=role, kind=pair[0], action=pair[1], scope=scope)
        elif grant.scope != scope:
            write(grant, {"scope": scope}, expected_version=None)


def _checked(grants: Grants) -> dict[tuple[str, str], str]:
    """Grants that a department has declared, with a scope its kind knows."""
    declared = {
        f"{kind.key}.{action}": (kind.key, action, {scope.value for scope in kind.scopes})
        for kind in kinds()
        for action in kind.actions
    }
    wanted: dict[tuple[str, str], str] = {}
    for permission, scope in grants.items():
        if not scope:
            continue
        known = declared.get(permission)
        if known is None or scope not in known[2]:
            raise Refusal(
                "unknown_permission",
                _("There is no permission “%(name)s” with this reach."),
                params={"name": f"{permission}: {scope}"[:80]},
            )
        wanted[known[0], known[1]] = scope
    return wanted


def _clean_name(name: str, role: Role | None) -> str:
    clean = clean_text(name, longest=60, field="name", must=True, blank=_("Give the role a name."))
    others = Role.objects.exclude(pk=role.pk if role else None)
    if others.alias(plain=Lower("name")).filter(plain=clean.lower()).exists():
        raise Refusal("name_taken", _("There is already a role of this name."), field="name")
    return clean

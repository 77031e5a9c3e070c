"""Roles and accounts (ORG-3)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, Scope
from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, Body, body
from dossier.core.api.records import (
    Record,
    Sort,
)
from dossier.core.api.routes import Call, Json, Routes
from dossier.core.api.scopes import ObjectType
from dossier.people.api.shared import (
    NAME,
    TEXT,
    VERSION,
    YES,
    key_list,
    plain,
    refers_to,
    row_key,
)
from dossier.people.models import Account, Role, RoleGrant
from dossier.people.services import (
    account_set_active,
    account_set_roles,
    account_sign_out,
    account_unlock,
    role_create,
    role_delete,
    role_update,
)

# Roles and accounts --------------------------------------------------------------------------------------

ROLES = Routes(ObjectType("roles", _("Roles"), ("people.role",)), "people.role")


class _Roles(Record):
    """Roles with their grants."""

    def one(self, actor: Actor, key: Any) -> Json:
        """A role and what it may do: permission → how far."""
        made = super().one(actor, key)
        rows = RoleGrant.objects.filter(role_id=key).order_by("kind", "action")
        return made | {"grants": {f"{g.kind}.{g.action}": g.scope for g in rows}}

    def document(self) -> kinds.Schema:
        """With the grants."""
        made = super().document()
        grants = {"type": "object", "additionalProperties": {"type": "string", "enum": list(Scope)}}
        return made | {
            "properties": made["properties"] | {"grants": grants},
            "required": [*made["required"], "grants"],
        }


ROLE = _Roles(
    name="Role",
    rows=Role.objects.for_user,
    shown=[
        *row_key(),
        plain("key", TEXT, _("Key")),
        plain("name", TEXT, _("Name")),
        plain("is_shipped", YES, _("Shipped with the program")),
    ],
    sorts={"key": Sort("key")},
    default_sort="key",
)
ROLES.records("/roles", ROLE, plural="roles", summary=(_("List roles"), _("Read a role")))
_GRANTS = kinds.by_word(kinds.choice([scope.value for scope in Scope]), 100)


@ROLES.write(
    "POST", "/roles", summary=_("Make a role"), needs="change",
    body=body("RoleNew", name=NAME, grants=(_GRANTS, REQUIRED, _("Rights and how far they reach"))),
    record=ROLE, status=201,
)  # fmt: skip
def create_role(call: Call, body: Body) -> Json:
    """Make a role of the company's own."""
    made = role_create(actor=call.actor, name=body["name"], grants=body["grants"])
    return ROLE.one(call.actor, made.pk)


@ROLES.write(
    "PUT", "/roles/{id}", summary=_("Set the rights of a role"), needs="change",
    body=body(
        "RoleChange",
        name=(kinds.text(60), None, _("Name")),
        grants=(_GRANTS, REQUIRED, _("Rights and how far they reach")),
        version=VERSION,
    ),
    record=ROLE, shows=True,
)  # fmt: skip
def update_role(call: Call, id: int, body: Body) -> Json:
    """Give a role exactly these grants."""
    role_update(
        actor=call.actor,
        role_id=id,
        grants=body["grants"],
        name=body.get("name"),
        expected_version=body["version"],
    )
    return ROLE.one(call.actor, id)


@ROLES.write("DELETE", "/roles/{id}", summary=_("Remove a role"), needs="change", status=204)
def delete_role(call: Call, id: int) -> Json:
    """Remove a role of the company's own that no account has."""
    role_delete(actor=call.actor, role_id=id)
    return None


ACCOUNTS = Routes(ObjectType("accounts", _("Accounts"), ("people.role",)), "people.role")


def _accounts(actor: Actor) -> Any:
    actor.require("people.role", "view")
    return Account.objects.all()


class _Accounts(Record):
    """Accounts with their roles; nothing of passwords or tokens."""

    def one(self, actor: Actor, key: Any) -> Json:
        """An account and the keys of its roles."""
        made = super().one(actor, key)
        roles = Role.objects.filter(accounts=key).order_by("pk")
        return made | {"roles": list(roles.values_list("pk", flat=True))}

    def document(self) -> kinds.Schema:
        """With the roles."""
        made = super().document()
        return made | {
            "properties": made["properties"] | {"roles": key_list("integer")},
            "required": [*made["required"], "roles"],
        }


ACCOUNT = _Accounts(
    name="Account",
    rows=_accounts,
    shown=[
        *row_key(),
        plain("login", TEXT, _("Sign-in name")),
        refers_to("employee", "employee", _("Employee")),
        plain("is_active", YES, _("May sign in")),
    ],
    sorts={"login": Sort("login")},
    default_sort="login",
    search=lambda rows, text, actor: rows.filter(login__icontains=text),
)
ACCOUNTS.records(
    "/accounts",
    ACCOUNT,
    plural="accounts",
    summary=(_("List accounts"), _("Read an account")),
)


@ACCOUNTS.write(
    "PUT", "/accounts/{id}/roles", summary=_("Give an account its roles"), needs="change",
    body=body(
        "AccountRoles", roles=(kinds.several(kinds.ID), REQUIRED, _("Roles")), version=VERSION
    ),
    record=ACCOUNT, shows=True,
)  # fmt: skip
def set_account_roles(call: Call, id: int, body: Body) -> Json:
    """Exactly these roles; acts at the next request."""
    account_set_roles(
        actor=call.actor, account_id=id, role_ids=body["roles"], expected_version=body["version"]
    )
    return ACCOUNT.one(call.actor, id)


@ACCOUNTS.write(
    "PUT", "/accounts/{id}/active", summary=_("Open or close a sign-in"), needs="change",
    body=body("AccountActive", active=(kinds.YES, REQUIRED, _("May sign in")), version=VERSION),
    record=ACCOUNT, shows=True,
)  # fmt: skip
def set_account_active(call: Call, id: int, body: Body) -> Json:
    """Closing ends sessions and tokens at once."""
    account_set_active(
        actor=call.actor, account_id=id, active=body["active"], expected_version=body["version"]
    )
    return ACCOUNT.one(call.actor, id)


@ACCOUNTS.write(
    "POST", "/accounts/{id}/unlock", summary=_("End a lock-out"), needs="change", record=ACCOUNT
)
def unlock_account(call: Call, id: int) -> Json:
    """The next try to sign in counts as the first."""
    account_unlock(actor=call.actor, account_id=id, agent="API")
    return ACCOUNT.one(call.actor, id)


@ACCOUNTS.write(
    "POST", "/accounts/{id}/sign-out", summary=_("End all browsers of an account"),
    needs="change", record=ACCOUNT,
)  # fmt: skip
def sign_out_account(call: Call, id: int) -> Json:
    """The sign-in stays open."""
    account_sign_out(actor=call.actor, account_id=id, agent="API")
    return ACCOUNT.one(call.actor, id)

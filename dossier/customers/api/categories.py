"""The tree of customer categories."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, Body, body
from dossier.core.api.records import REFERS, Narrow, Record, Shown, Sort, shown_fields
from dossier.core.api.routes import Call, Json, Routes
from dossier.core.api.scopes import ObjectType
from dossier.core.errors import NotFound, Refusal
from dossier.customers.api.profiles import REASON, VERSION
from dossier.customers.models import CustomerCategory
from dossier.customers.selectors import category_detail
from dossier.customers.services import (
    category_close,
    category_create,
    category_delete,
    category_move_customers,
    category_reopen,
    category_update,
)
from dossier.customers.services.categories import NAME_LONGEST

CATEGORIES = Routes(
    ObjectType("categories", _("Customer categories"), ("customers.category",)),
    "customers.category",
)
_TEXT: kinds.Schema = {"type": "string"}
_PATHS, _MAKE = REFERS["category"].shown("parent")


def _rows(actor: Actor) -> Any:
    actor.require("customers.category", "view")
    return CustomerCategory.objects.all()


CATEGORY = Record(
    name="Category",
    rows=_rows,
    shown=[
        *shown_fields(CustomerCategory, ()),
        Shown("code", ("code",), lambda: _TEXT, title=_("Category code")),
        Shown("name", ("name",), lambda: _TEXT, title=_("Name")),
        Shown(
            "parent",
            _PATHS,
            lambda: kinds.nullable(REFERS["category"].document(coded=False)),
            _MAKE,
            title=_("Belongs to"),
        ),
        Shown("is_active", ("is_active",), lambda: {"type": "boolean"}, title=_("In use")),
    ],
    sorts={"code": Sort("code")},
    default_sort="code",
    filters=[
        Narrow(
            "is_active",
            kinds.YES_PARAMETER,
            lambda rows, value, actor: rows.filter(is_active=value),
            _("In use"),
        )
    ],
    search=lambda rows, text, actor: rows.filter(name__icontains=text),
)
CATEGORIES.records(
    "/categories",
    CATEGORY,
    plural="categories",
    summary=(_("List customer categories"), _("Read a category")),
)


def _category(actor: Actor, key: int | None, field: str) -> CustomerCategory | None:
    """The category a key stands for."""
    if key is None:
        return None
    try:
        return category_detail(actor, key)
    except NotFound as error:
        raise Refusal(
            "unknown", _("There is no such record, or it is not yours to choose."), field=field
        ) from error


_PARENT = (kinds.ID | None, None, _("Belongs to"))


@CATEGORIES.write(
    "POST", "/categories", summary=_("Enter a category"), needs="change",
    body=body(
        "CategoryNew",
        name=(kinds.text(NAME_LONGEST), REQUIRED, _("Name")),
        code=(kinds.text(20), "", _("Category code")),
        parent=_PARENT,
    ),
    record=CATEGORY, status=201,
)  # fmt: skip
def create_category(call: Call, body: Body) -> Json:
    """Without a code it is given the next free one below its parent."""
    made = category_create(
        actor=call.actor,
        name=body["name"],
        code=body.get("code") or "",
        parent=_category(call.actor, body.get("parent"), "parent"),
    )
    return CATEGORY.one(call.actor, made.pk)


@CATEGORIES.write(
    "PATCH", "/categories/{id}", summary=_("Change a category"), needs="change",
    body=body(
        "CategoryChange",
        name=(kinds.text(NAME_LONGEST), None, _("Name")),
        code=(kinds.text(20), None, _("Category code")),
        parent=_PARENT,
        version=VERSION,
    ),
    record=CATEGORY, shows=True,
)  # fmt: skip
def update_category(call: Call, id: int, body: Body) -> Json:
    """Change code, name or place."""
    version = body.pop("version")
    category_detail(call.actor, id)
    if "parent" in body:
        body["parent"] = _category(call.actor, body["parent"], "parent")
    category_update(actor=call.actor, category_id=id, expected_version=version, changes=body)
    return CATEGORY.one(call.actor, id)


@CATEGORIES.write(
    "POST", "/categories/{id}/close", summary=_("Take a category out of use"), needs="change",
    body=REASON, record=CATEGORY, shows=True,
)  # fmt: skip
def close_category(call: Call, id: int, body: Body) -> Json:
    """Customers that have it keep it."""
    category_close(
        actor=call.actor,
        category_id=id,
        reason=body["reason"],
        expected_version=body["version"],
    )
    return CATEGORY.one(call.actor, id)


@CATEGORIES.write(
    "POST", "/categories/{id}/reopen", summary=_("Take a category into use again"),
    needs="change", body=REASON, record=CATEGORY, shows=True,
)  # fmt: skip
def reopen_category(call: Call, id: int, body: Body) -> Json:
    """It is offered again."""
    category_reopen(
        actor=call.actor,
        category_id=id,
        reason=body["reason"],
        expected_version=body["version"],
    )
    return CATEGORY.one(call.actor, id)


def _moved() -> kinds.Schema:
    return {
        "type": "object",
        "properties": {"moved": kinds.integer(0)},
        "required": ["moved"],
        "additionalProperties": False,
    }


@CATEGORIES.write(
    "POST", "/categories/{id}/move-customers",
    summary=_("Give all customers of a category another one"), needs="change",
    body=body(
        "CategoryMove",
        to=(kinds.ID, REQUIRED, _("The category they go to")),
        reason=(kinds.text(200, shortest=1), REQUIRED, _("Reason, kept in the history")),
        close=(kinds.YES, False, _("Take the emptied one out of use")),
        expected_count=(kinds.number(0, kinds.MOST_COUNT), None, _("How many there must be")),
    ),
    answer=("Moved", _moved),
)  # fmt: skip
def move_category_customers(call: Call, id: int, body: Body) -> Json:
    """In one step; how many."""
    moved = category_move_customers(
        actor=call.actor,
        category_id=id,
        to=_category(call.actor, body["to"], "to"),
        reason=body["reason"],
        close=bool(body.get("close")),
        expected_count=body.get("expected_count"),
    )
    return {"moved": moved}


@CATEGORIES.write(
    "DELETE", "/categories/{id}", summary=_("Remove a category"), needs="change", status=204
)
def delete_category(call: Call, id: int) -> Json:
    """Only one that no customer has and nothing stands below."""
    category_delete(actor=call.actor, category_id=id)
    return None

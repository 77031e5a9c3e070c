"""Writing the tree of customer categories: enter, edit, take out of use, move customers, remove (CUS-4).

Each of these locks the whole tree, which is small, in the order of its keys and before any customer.
Who gives a customer a category locks that one (``open_category``): the two wait for one another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.reasons import reason_text
from dossier.core.services import command, once, unique
from dossier.core.values import text
from dossier.customers.models import Customer, CustomerCategory
from dossier.customers.rules.categories import CODE_LONGEST, clean_code
from dossier.customers.selectors.categories import KIND, category_suggestion
from dossier.customers.services._rows import check_version, save_changes
from dossier.people.rules import makes_cycle

NAME_LONGEST = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def open_category(category: CustomerCategory | None) -> None:
    """Lock the category a customer is given; refused where it is no longer in use."""
    if category is None:
        return
    row = CustomerCategory.objects.select_for_update(no_key=True).filter(pk=category.pk).first()
    if row is None or not row.is_active:
        raise Refusal(
            "category_closed",
            _("The category %(name)s is no longer in use. Choose another."),
            field="category_node",
            params={"name": str(category)},
        )


def category_create(
    *,
    actor: Actor,
    name: str,
    code: str = "",
    parent: CustomerCategory | None = None,
    submission: str = "",
) -> CustomerCategory:
    """Enter a category; without a code it is given the next free one below its parent (CUS-4)."""
    actor.require(KIND, "change")
    with command(actor):
        claim = None
        if submission:
            claim = once(actor=actor, key=submission, what="customers.category")
            if claim.result:
                return CustomerCategory.objects.get(pk=claim.result)
        tree = _locked_tree()
        checked = _checked(tree, None, {"name": name, "parent": parent})
        checked["code"] = _code(code) if code.strip() else _next_code(checked["parent"])
        with _taken(checked["code"]):
            row = CustomerCategory.objects.create(**checked)
        if claim is not None:
            claim.result = str(row.pk)
            claim.save(update_fields=["result"])
        return row


def category_update(
    *,
    actor: Actor,
    category_id: int,
    expected_version: int | None,
    changes: Mapping[str, Any],
) -> CustomerCategory:
    """Change code, name or parent; none stands below itself. Codes below it stay as they are (CUS-4).

    Raises Stale with the present values where it was changed since ``expected_version``.
    """
    actor.require(KIND, "change")
    with command(actor):
        tree = _locked_tree()
        row = _in(tree, category_id)
        theirs = {"code": row.code, "name": row.name, "parent": row.parent}
        check_version(row, expected_version, theirs)
        checked = _checked(tree, row, changes)
        if "code" in changes:
            checked["code"] = _code(changes["code"])
        with _taken(checked.get("code", row.code)):
            save_changes(row, checked)
        return row


def category_close(
    *, actor: Actor, category_id: int, reason: str, expected_version: int | None = None
) -> CustomerCategory:
    """Take a category out of use: it is not offered any more, customers that have it keep it."""
    actor.require(KIND, "change")
    with command(actor, why=reason_text(reason)):
        tree = _locked_tree()
        row = _in(tree, category_id)
        if row.is_active:
            check_version(row, expected_version, {"is_active": row.is_active})
            _close(tree, row)
        return row


def category_reopen(
    *, actor: Actor, category_id: int, reason: str, expected_version: int | None = None
) -> CustomerCategory:
    """Take a category into use again; what it stands below must be in use."""
    actor.require(KIND, "change")
    with command(actor, why=reason_text(reason)):
        tree = _locked_tree()
        row = _in(tree, category_id)
        if not row.is_active:
            check_version(row, expected_version, {"is_active": row.is_active})
            _parent_in_use(tree, row.parent_id)
            save_changes(row, {"is_active": True})
        return row


def category_move_customers(
    *,
    actor: Actor,
    category_id: int,
    to: CustomerCategory | None,
    reason: str,
    close: bool = False,
    expected_count: int | None = None,
) -> int:
    """Give all customers of a category another one, in one step; how many. ``close`` retires the emptied one.

    Archived files go along. Refused where the actor may not edit every one of them, and where there
    are not ``expected_count`` any more, which is what the person was shown.
    """
    actor.require(KIND, "change")
    with command(actor, why=reason_text(reason)):
        tree = _locked_tree()
        row = _in(tree, category_id)
        target = tree.get(to.pk) if to is not None else None
        if target is None:
            raise Refusal("missing", _("Choose the category they go to."), field="to")
        if target.pk == row.pk:
            raise Refusal(
                "same", _("They stand in this category already. Choose another."), field="to"
            )
        if not target.is_active:
            raise Refusal(
                "category_closed",
                _("The category %(name)s is no longer in use. Choose another."),
                field="to",
                params={"name": str(target)},
            )
        keys = _locked_customers(actor, row)
        if expected_count is not None and expected_count != len(keys):
            raise Refusal(
                "count_changed",
                _("Meanwhile %(count)s customers stand here. Check, then do it again."),
                params={"count": len(keys)},
            )
        moved = Customer.objects.filter(pk__in=keys).update(
            category_node=target, version=F("version") + 1, updated_at=timezone.now()
        )
        if close and row.is_active:
            _close(tree, row)
        return moved


def category_delete(*, actor: Actor, category_id: int, expected_version: int | None = None) -> None:
    """Remove a category that no customer has and nothing stands below; its history stays."""
    actor.require(KIND, "change")
    with command(actor):
        tree = _locked_tree()
        row = CustomerCategory.objects.select_for_update().get(pk=_in(tree, category_id).pk)
        check_version(row, expected_version, {"name": row.name})
        if any(other.parent_id == row.pk for other in tree.values()):
            raise Refusal(
                "has_parts",
                _("Other categories stand below it. Move or remove those first."),
            )
        if Customer.objects.filter(category_node=row).exists():
            raise Refusal(
                "in_use",
                _("Customers have this category. Move them to another, or take it out of use."),
            )
        row.delete()


# What these share -------------------------------------------------------------------------------------


def _locked_tree() -> dict[int, CustomerCategory]:
    """Every category, locked; read once more, since one may have been entered while the lock was waited for."""
    rows = CustomerCategory.objects.order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    return {row.pk: row for row in rows}


def _in(tree: Mapping[int, CustomerCategory], category_id: int) -> CustomerCategory:
    row = tree.get(category_id)
    if row is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return row


def _checked(
    tree: Mapping[int, CustomerCategory],
    row: CustomerCategory | None,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Name and parent, each rule checked."""
    checked: dict[str, Any] = {}
    if "name" in values:
        checked["name"] = _name(values["name"])
    if "parent" in values:
        parent = values["parent"]
        key = parent.pk if parent is not None else None
        if key is not None and key not in tree:
            raise NotFound(
                "not_found",
                _("There is no such record, or it is not yours to choose."),
                field="parent",
            )
        if row is None or key != row.parent_id:
            above = {pk: other.parent_id for pk, other in tree.items()}
            if row is not None and makes_cycle(row.pk, key, above.get):
                raise Refusal(
                    "cycle",
                    _("A category cannot stand below itself. Choose another place."),
                    field="parent",
                )
            if row is None or row.is_active:
                _parent_in_use(tree, key)
        checked["parent"] = tree[key] if key is not None else None
    return checked


def _parent_in_use(tree: Mapping[int, CustomerCategory], key: int | None) -> None:
    if key is not None and not tree[key].is_active:
        raise Refusal(
            "category_closed",
            _("The category %(name)s is no longer in use. Choose another."),
            field="parent",
            params={"name": str(tree[key])},
        )


def _name(given: str) -> str:
    name = text(given)
    if not name:
        raise Refusal("missing", _("Give the category a name."), field="name")
    if _CONTROL.search(given) or len(name) > NAME_LONGEST:
        raise Refusal(
            "too_long",
            _("A name has at most %(longest)s characters, on one line."),
            field="name",
            params={"longest": NAME_LONGEST},
        )
    return name


def _code(given: str) -> str:
    code = clean_code(given)
    if not code:
        raise Refusal(
            "bad_code",
            _(
                "“%(value)s” is not a category code. Use at most %(longest)s letters, digits, points or dashes."
            ),
            field="code",
            params={"value": given[:60], "longest": CODE_LONGEST},
        )
    return code


def _next_code(parent: CustomerCategory | None) -> str:
    code = category_suggestion(parent)
    if not code:
        raise Refusal("missing", _("Give the category a code."), field="code")
    return code


def _close(tree: Mapping[int, CustomerCategory], row: CustomerCategory) -> None:
    if any(other.parent_id == row.pk and other.is_active for other in tree.values()):
        raise Refusal(
            "has_parts", _("Categories below it are in use. Take those out of use or move them.")
        )
    save_changes(row, {"is_active": False})


def _locked_customers(actor: Actor, row: CustomerCategory) -> list[int]:
    """The customers of a category, locked in the order of their keys, all within reach for editing."""
    rows = Customer.objects.filter(category_node=row).order_by("pk")
    keys = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    mine = Customer.objects.for_user(actor, "change").filter(pk__in=keys).count()
    if mine != len(keys):
        raise NotAllowed(
            "out_of_reach",
            _(
                "Not all customers of this category are yours to edit. Ask somebody who may edit every file."
            ),
        )
    return keys


@contextmanager
def _taken(code: str) -> Iterator[None]:
    """Say which of code and name another category has already."""
    name_taken = Refusal(
        "name_taken", _("There is already a category of this name here."), field="name"
    )
    code_taken = Refusal(
        "code_taken",
        _("There is already a category of the code %(code)s. Give another."),
        field="code",
        params={"code": code},
    )
    with (
        unique("customers_customercategory_code", code_taken),
        unique("category_code_once", code_taken),
        unique("category_name_once", name_taken),
    ):
        yield

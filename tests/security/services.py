"""Every service that writes, found in the code itself, and the least each one must be called with."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings

import dossier
from dossier.core.bulk.services import fingerprint
from dossier.customers.rules.companies_alike import DuplicateRow
from dossier.customers.services.rules import ItemRule
from dossier.people.models import Employee
from dossier.sales.rules import LineInput

_MODULES = (
    "services", "numbering", "number_schemes", "undo", "named_maps", "proof", "exports", "saved_views",
    "redacting", "runs",
)  # fmt: skip

# Not called with what a person sent, or the frame of the others: why each needs no right of its own.
INTERNAL = {
    "once": "claims a key inside a service that has asked for the right",
    "record_export": "puts on record what was asked for; recording is never refused",
    "record_answer": "the same for reports",
    "customers_hand_over": "a part of employee_leave, which asks for the right",
    "account_bootstrap": "the first administrator, only while there is no account (PEO first run)",
    "session_begin": "notes the browser that just signed in",
    "session_seen": "notes a browser in use",
    "session_moved": "notes one's own browser under a new key",
    "sign_in_note": "notes a sign-in",
    "sessions_kill": "a part of services that ask for the right",
    "language_keep": "one's own language",
    "password_change": "one's own password",
    "sessions_end_all": "one's own browsers",
    "employee_in_post_locked": "a lock inside services",
    "questions_hand_over": "a part of employee_leave, which asks for the right",
    "checks_run": "what the jobs run over the files, as the system; it only asks questions",
    "tokens_revoke": "a part of account_set_active, which asks for the right",
    "view_save": "one's own list under a name; to share it the right is asked (tests/flows/test_saved_views.py)",
}


def services() -> Iterator[tuple[str, Callable[..., Any]]]:
    """(name, function) of every public service: keyword-only, with an actor."""
    importlib.import_module(settings.ROOT_URLCONF)  # the look-ups the API's forms refer to
    for module in pkgutil.walk_packages(dossier.__path__, "dossier."):
        parts = module.name.split(".")
        if "tests" in parts or "migrations" in parts or not set(parts) & set(_MODULES):
            continue
        made = importlib.import_module(module.name)
        for name, function in vars(made).items():
            if inspect.isfunction(function) and function.__module__ == module.name:
                actor = inspect.signature(function).parameters.get("actor")
                if actor is not None and actor.kind is actor.KEYWORD_ONLY and name[0] != "_":
                    yield name, function


def line(product_id: int, **more: Any) -> LineInput:
    """A line of an order."""
    values: dict[str, Any] = {
        "product_id": product_id,
        "quantity": Decimal(1),
        "unit_price": Decimal(10),
    }
    return LineInput(**(values | more))


def _bulk(customer_id: int) -> dict[str, Any]:
    """One value for customers chosen on their list."""
    bulk = importlib.import_module("dossier.core.bulk.declarations").bulk_editable_of("customers")
    fields = importlib.import_module("dossier.customers.fields").CUSTOMER_FIELDS
    rows = list(bulk.model.objects.filter(pk=customer_id))
    spec = next(spec for spec in fields if spec.name == "remark")
    return {"entry": bulk, "spec": spec, "rows": rows, "value": "x", "none": False}


def least(ids: dict[str, int]) -> dict[str, dict[str, Any]]:
    """The arguments of each service beside the actor, with these rows (by kind) as what it is done to."""
    kind = importlib.import_module("dossier.core.imports.registry").kinds()[0]
    version = {"expected_version": 1}
    customer = {"customer_id": ids["customer"]}
    reason = {"reason": "because"}
    order = {
        **customer,
        "ordered_on": date(2026, 1, 15),
        "currency": "CNY",
        "salesperson_id": None,
        "lines": [line(ids["product"])],
    }
    bulk = _bulk(ids["customer"])
    redaction = {"redaction_id": ids["redaction"]}
    return {
        "bulk_try": bulk,
        "bulk_change": {**bulk, "shown": "x", "seen": fingerprint(bulk["rows"]), **reason},
        "bulk_undo": {"edit_id": ids["bulk_edit"]},
        "view_change": {
            "view_id": ids["saved_view"],
            "version": 1,
            "name": "y",
            "is_pinned": False,
            "is_shared": False,
        },
        "view_remove": {"view_id": ids["saved_view"]},
        "redaction_ask": {
            "subject": "customer",
            "pk": ids["customer"],
            "fields": ["remark"],
            "ground": "no_basis",
            "submission": "one",
            **reason,
        },
        "redaction_approve": redaction,
        "redaction_refuse": {**redaction, "decision": "no"},
        "plan_change": {**version, "keep_daily": 3},
        "backup_ask": {},
        "product_create": {"values": {"name": "x"}},
        "product_update": {"product_id": ids["product"], "values": {"name": "x"}, **version},
        "product_discontinue": {"product_id": ids["product"], **version},
        "product_resume": {"product_id": ids["product"], **version},
        "family_get_or_create": {"name": "a new one"},
        "verification_ask": {},
        "keep_map": {"kind": kind, "name": "x", "text": ""},
        "remove_map": {"map_id": ids["named_map"]},
        "undo_run": {"run_id": ids["import_run"]},
        "scheme_change": {"key": "customer", "prefix": "Z", "width": 4, **reason},
        "category_create": {"name": "x", "code": "77"},
        "category_update": {"category_id": ids["category"], "changes": {"name": "y"}, **version},
        "category_close": {"category_id": ids["category"], **reason},
        "category_reopen": {"category_id": ids["category"], **reason},
        "category_move_customers": {"category_id": ids["category"], "to": None, **reason},
        "category_delete": {"category_id": ids["category"]},
        "contact_add": {**customer, "data": {"name": "x"}},
        "contact_update": {"contact_id": ids["contact"], "changes": {"name": "x"}, **version},
        "contact_set_main": {"contact_id": ids["contact"]},
        "bank_account_add": {**customer, "data": {"bank": "x"}},
        "bank_account_update": {
            "account_id": ids["bank_account"],
            "changes": {"bank": "x"},
            **version,
        },
        "bank_account_set_usual": {"account_id": ids["bank_account"]},
        "customer_create": {
            "data": {"name": "x", "phone": "010-61234567"},
            "contacts": [{"name": "x"}],
        },
        "customer_update": {**customer, "changes": {"remark": "x"}, **version},
        "customer_assign": {**customer, "owner": ids["employee"], **reason, **version},
        "customer_archive": {**customer, **reason, **version},
        "customer_restore": {**customer, **reason, **version},
        "question_answer": {"question_id": ids["question"], "answer": "x", "source": "customer"},
        "questions_reassign": {
            "question_ids": [ids["question"]],
            "to": Employee(pk=ids["employee"]),
            **reason,
        },
        "note_add": {**customer, "data": {"kind": "need", "text": "x"}},
        "note_update": {"note_id": ids["note"], "changes": {"text": "y"}, **version},
        "duplicates_asked": {
            "row": DuplicateRow(ref="", name="x"),
            "via": "typing",
            "exclude": ids["customer"],
        },
        "duplicate_pair_settle": {"pair_id": ids["pair"], **reason},
        "duplicate_pair_reopen": {"pair_id": ids["pair"], **reason},
        "archive_searched": {},
        "profile_rules_set": {"changes": {"new_days": 100}, **reason, **version},
        "completeness_set": {
            "rules": {"website": ItemRule(1, "", "salesperson")},
            **reason,
            **version,
        },
        "token_create": {"name": "x", "scopes": ["customers:read"], "account_id": ids["account"]},
        "token_revoke": {"token_id": ids["token"]},
        "value_reveal": {
            "table": "customers_contact",
            "row_id": ids["contact"],
            "field": "mobile",
        },
        "sheet_value_reveal": {"row_id": ids["sheet_row"], "column": 1},
        "account_create": {"employee_id": ids["employee"], "login": "newcomer"},
        "account_set_login": {"account_id": ids["account"], "login": "other"},
        "account_set_roles": {"account_id": ids["account"], "role_ids": []},
        "account_set_active": {"account_id": ids["account"], "active": False},
        "account_unlock": {"account_id": ids["account"]},
        "account_sign_out": {"account_id": ids["account"]},
        "account_reset_password": {"account_id": ids["account"]},
        "employee_create": {"name": "x"},
        "employee_update": {"employee_id": ids["employee"], "name": "x", **version},
        "employee_leave": {"employee_id": ids["employee"], "left_on": date(2026, 1, 1)},
        "employee_return": {"employee_id": ids["employee"]},
        "employee_reveal": {"employee_id": ids["employee"], "field": "mobile"},
        "team_create": {"name": "x"},
        "team_update": {"team_id": ids["team"], "name": "x", **version},
        "territory_create": {"name": "x"},
        "territory_update": {"territory_id": ids["territory"], "name": "x", **version},
        "territory_delete": {"territory_id": ids["territory"]},
        "role_create": {"name": "x", "grants": {}},
        "role_update": {"role_id": ids["role"], "grants": {}, **version},
        "role_delete": {"role_id": ids["role"]},
        "session_end": {"session_id": ids["session"]},
        "order_record": order,
        "order_amend": {**order, "order_id": ids["order"], "number": "", **version},
        "order_void": {"order_id": ids["order"], **reason, **version},
    }

"""Every write to customer files: keyword-only, one transaction each, checked against the actor."""

from dossier.customers.services.categories import (
    category_close,
    category_create,
    category_delete,
    category_move_customers,
    category_reopen,
    category_update,
)
from dossier.customers.services.checks import checks_run
from dossier.customers.services.duplicate_notices import DuplicatesFound, duplicates_asked
from dossier.customers.services.duplicate_pairs import (
    archive_searched,
    duplicate_pair_reopen,
    duplicate_pair_settle,
)
from dossier.customers.services.ending import customer_archive, customer_restore
from dossier.customers.services.notes import note_add, note_update
from dossier.customers.services.parts import (
    bank_account_add,
    bank_account_set_usual,
    bank_account_update,
    contact_add,
    contact_set_main,
    contact_update,
)
from dossier.customers.services.profiles import (
    customer_assign,
    customer_create,
    customer_update,
    customers_hand_over,
)
from dossier.customers.services.questions import (
    question_answer,
    questions_hand_over,
    questions_reassign,
    sheet_value_reveal,
    value_reveal,
)
from dossier.customers.services.rules import completeness_set, profile_rules_set
from dossier.customers.services.standing import standing_refresh

__all__ = [
    "DuplicatesFound",
    "archive_searched",
    "bank_account_add",
    "bank_account_set_usual",
    "bank_account_update",
    "category_close",
    "category_create",
    "category_delete",
    "category_move_customers",
    "category_reopen",
    "category_update",
    "checks_run",
    "completeness_set",
    "contact_add",
    "contact_set_main",
    "contact_update",
    "customer_archive",
    "customer_assign",
    "customer_create",
    "customer_restore",
    "customer_update",
    "customers_hand_over",
    "duplicate_pair_reopen",
    "duplicate_pair_settle",
    "duplicates_asked",
    "note_add",
    "note_update",
    "profile_rules_set",
    "question_answer",
    "questions_hand_over",
    "questions_reassign",
    "sheet_value_reveal",
    "standing_refresh",
    "value_reveal",
]

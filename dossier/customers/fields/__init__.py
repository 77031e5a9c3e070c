"""The field lists of customers, contacts and bank accounts: one entry per field for every surface."""

from __future__ import annotations

from typing import Final

from dossier.core.fields import FieldSpec
from dossier.customers.fields.notes import NOTE_FIELDS, SENSITIVE_NOTE_FIELDS, note_fields
from dossier.customers.fields.parts import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS
from dossier.customers.fields.profile import CUSTOMER_FIELDS, GROUPS
from dossier.customers.fields.sheets import CUSTOMER_SHEET_ONLY, SHEET_DECOYS

__all__ = [
    "BANK_ACCOUNT_FIELDS",
    "CONTACT_FIELDS",
    "CUSTOMER_FIELDS",
    "CUSTOMER_SHEET_ONLY",
    "GROUPS",
    "NOTE_FIELDS",
    "SENSITIVE_NOTE_FIELDS",
    "SHEET_DECOYS",
    "UNLISTED",
    "by_name",
    "note_fields",
    "spec_of",
]

_RECORD: Final = {
    "id": "the database's own key",
    "version": "guards against stale edits",
    "created_at": "shown by the time line",
}
UNLISTED: Final[dict[str, dict[str, str]]] = {
    "Customer": _RECORD
    | {
        "not_applicable": "shown at each field it names",
        "archived_at": "shown by the time line",
        "main_contact": "repeats the primary contact",
        "main_phone": "repeats a telephone",
        "name_key": "derived, for comparing",
        "sort_key": "derived, orders the list",
        "pinyin": "derived, for searching",
        "search_text": "derived, for searching",
        "search_terms": "derived, for searching",
        "guarded_numbers": "repeats contacts' telephones, for searching",
    },
    "Contact": _RECORD
    | {
        "customer": "the profile it stands on",
        "not_applicable": "shown at each field it names",
        "updated_at": "shown by the time line",
    },
    "BankAccount": _RECORD
    | {"customer": "the profile it stands on", "updated_at": "shown by the time line"},
    "Note": _RECORD
    | {"customer": "the profile it stands on", "updated_at": "shown by the time line"},
}
"""Model fields on no surface, and why."""

_BY_TABLE: Final = {
    "customers_customer": {spec.name: spec for spec in CUSTOMER_FIELDS},
    "customers_contact": {spec.name: spec for spec in CONTACT_FIELDS},
    "customers_bankaccount": {spec.name: spec for spec in BANK_ACCOUNT_FIELDS},
    # by its table alone a note may be about people, so what could be sensitive is taken to be
    "customers_note": {spec.name: spec for spec in SENSITIVE_NOTE_FIELDS},
}


def spec_of(table: str, name: str) -> FieldSpec | None:
    """The entry of a field by database table; None where the field is on no surface."""
    return _BY_TABLE.get(table, {}).get(name)


def by_name(specs: tuple[FieldSpec, ...]) -> dict[str, FieldSpec]:
    """Entries by the name of their field."""
    return {spec.name: spec for spec in specs}

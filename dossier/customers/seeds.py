"""What every installation begins with: the scheme of customer codes, the rules of profiles (CUS-2, CUS-9)."""

from __future__ import annotations

from typing import Any

import psycopg
from django.utils.translation import gettext_lazy as _

from dossier.core.db.seeds import seed
from dossier.core.numbering import Numbered, numbered

CODE_SCHEME = "customer"

numbered(
    Numbered(
        key=CODE_SCHEME,
        label=_("Customer codes"),
        columns=(("customers_customer", "code"), ("customers_customeralias", "code")),
    )
)


@seed
def load_scheme(connection: psycopg.Connection[Any]) -> None:
    """Six digits from 000001; a company changes prefix and width in the settings."""
    connection.execute(
        "INSERT INTO core_numberscheme (key, prefix, width, longest, highest) VALUES (%s, '', 6, 20, 0)"
        " ON CONFLICT (key) DO NOTHING",
        [CODE_SCHEME],
    )


# item: weight, the lowest grade it is asked of ('' everybody), who supplies it (CUS-9)
COMPLETENESS: dict[str, tuple[int, str, str]] = {
    "region": (4, "", "owner"),
    "address": (4, "B1", "owner"),
    "phone": (2, "", "owner"),
    "contact.mobile": (3, "", "owner"),
    "contact.post": (2, "", "owner"),
    "contact.email": (1, "", "owner"),
    "contact.decision_role": (2, "B1", "owner"),
    "grade": (3, "", "owner"),
    "category": (2, "", "owner"),
    "industry": (2, "", "owner"),
    "owner": (3, "", "keeper"),
    "tax_number": (3, "", "owner"),
    "enterprise_form": (1, "", "owner"),
    "legal_representative": (2, "", "owner"),
    "business_line": (2, "", "owner"),
    "nature": (1, "", "owner"),
    "direct": (1, "", "owner"),
    "source": (1, "", "keeper"),
    "first_contact_on": (1, "", "owner"),
    "needs": (2, "B1", "owner"),
    "delivery_address": (1, "B1", "owner"),
    "credit_limit": (1, "B1", "finance"),
    "payment_term_days": (2, "B1", "finance"),
    "account": (2, "B1", "finance"),
    "employee_count": (1, "B1", "owner"),
    "scale": (1, "B1", "owner"),
    "registered_capital": (1, "A1", "owner"),
    "founded_on": (1, "A1", "owner"),
    "business_scope": (1, "A1", "owner"),
    "characteristics": (2, "A1", "owner"),
    "competitors": (1, "A1", "owner"),
    "website": (1, "A1", "owner"),
    "organisation_form": (0, "", "owner"),
    "assets": (0, "", "owner"),
    "registered_address": (0, "", "owner"),
    "invoice_address": (0, "", "finance"),
    "email": (0, "", "owner"),
    "contact.gender": (0, "", "owner"),
    "contact.birthday": (0, "", "owner"),
    "contact.interests": (0, "", "owner"),
}


@seed
def load_profile_rules(connection: psycopg.Connection[Any]) -> None:
    """Thresholds and weights of a new installation; what a company has set stays."""
    connection.execute(
        "INSERT INTO customers_profilerules (id, new_days, former_days, active_days, opening_days,"
        " weight_days, key_amount, general_orders, late_share, arrears_days, answer_days, stale_days,"
        " shared_phones, low_score)"
        " VALUES (1, 180, 365, 90, 180, 365, 100000, 3, 20, 90, 14, 365, 3, 60) ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO customers_completenessrule (item, weight, lowest_grade, supplier)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (item) DO NOTHING",
            [(item, *rule) for item, rule in COMPLETENESS.items()],
        )

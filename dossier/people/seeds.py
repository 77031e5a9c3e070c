"""The roles and the number scheme every installation begins with (ORG-3); a company edits them in the settings."""

from __future__ import annotations

from typing import Any

import psycopg
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from dossier.core.access import Scope
from dossier.core.db.seeds import seed
from dossier.core.numbering import Numbered, numbered

NUMBER_SCHEME = "employee"

numbered(
    Numbered(
        key=NUMBER_SCHEME,
        label=_("Employee numbers"),
        columns=(("people_employee", "number"),),
        extra="-_.",
    )
)

OWN, TEAM, ALL = Scope.OWN.value, Scope.TEAM.value, Scope.ALL.value

_CUSTOMERS = "customers.customer"
_CATEGORIES = "customers.category"
_NUMBERS = "core.number"
_RULES = "customers.rules"
_ORDERS = "sales.order"
_PRODUCTS = "catalog.product"
_FAMILIES = "catalog.family"
_PEOPLE = "people.employee"
_TEAMS = "people.team"
_TERRITORIES = "people.territory"
_REPORTS = "reports.report"
_REDACTIONS = "core.redaction"


def _reads(scope: str) -> dict[str, str]:
    """What everybody needs: see customers, orders and reports within a scope, products and colleagues."""
    return {
        f"{_CUSTOMERS}.view": scope,
        f"{_ORDERS}.view": scope,
        f"{_REPORTS}.view": scope,
        f"{_PRODUCTS}.view": ALL,
        f"{_FAMILIES}.view": ALL,
        f"{_PEOPLE}.view": ALL,
        f"{_TEAMS}.view": ALL,
        f"{_TERRITORIES}.view": ALL,
    }


def _sells(scope: str) -> dict[str, str]:
    """A person who works customers: enters and edits files and orders within the scope."""
    return _reads(scope) | {
        f"{_CUSTOMERS}.add": scope,
        f"{_CUSTOMERS}.change": scope,
        f"{_CUSTOMERS}.unmask": scope,
        f"{_ORDERS}.add": scope,
        f"{_ORDERS}.change": scope,
        f"{_REPORTS}.export": scope,
    }


def _takes_out(scope: str) -> dict[str, str]:
    """Takes lists out as files; salespeople do not (ASVS 2.4.1)."""
    return {
        f"{_CUSTOMERS}.export": scope,
        f"{_ORDERS}.export": scope,
        f"{_PRODUCTS}.export": ALL,
    }


_SHARES_VIEWS = {"core.view.share": ALL}
_LEADS = (
    _sells(TEAM)
    | _takes_out(TEAM)
    | _SHARES_VIEWS
    | {
        f"{_CUSTOMERS}.archive": TEAM,
        f"{_CUSTOMERS}.assign": TEAM,
        f"{_PRODUCTS}.cost": ALL,
    }
)
_MANAGES = (
    _sells(ALL)
    | _takes_out(ALL)
    | _SHARES_VIEWS
    | {
        f"{_CUSTOMERS}.archive": ALL,
        f"{_CUSTOMERS}.assign": ALL,
        f"{_CUSTOMERS}.unassigned": ALL,
        f"{_PRODUCTS}.cost": ALL,
        f"{_PEOPLE}.unmask": ALL,
        f"{_RULES}.view": ALL,
        f"{_RULES}.change": ALL,
        "core.history.view": ALL,
    }
)
_KEEPS_FILES = _MANAGES | {
    f"{_CUSTOMERS}.import": ALL,
    f"{_CUSTOMERS}.duplicates": ALL,
    f"{_CATEGORIES}.view": ALL,
    f"{_CATEGORIES}.change": ALL,
    f"{_ORDERS}.import": ALL,
    f"{_PRODUCTS}.add": ALL,
    f"{_PRODUCTS}.change": ALL,
    f"{_PRODUCTS}.import": ALL,
    f"{_FAMILIES}.change": ALL,
    f"{_PEOPLE}.add": ALL,
    f"{_PEOPLE}.change": ALL,
    f"{_PEOPLE}.import": ALL,
    f"{_PEOPLE}.export": ALL,
    f"{_TEAMS}.change": ALL,
    f"{_TERRITORIES}.change": ALL,
}
_FINANCE = _reads(ALL) | _takes_out(ALL) | {f"{_PRODUCTS}.cost": ALL, f"{_REPORTS}.export": ALL}
_PRODUCT_KEEPING = {
    f"{_PRODUCTS}.add": ALL,
    f"{_PRODUCTS}.change": ALL,
    f"{_PRODUCTS}.cost": ALL,
    f"{_FAMILIES}.change": ALL,
}

# key: (English name, the message id its Chinese stands under; grants)
SHIPPED_ROLES: dict[str, tuple[str, dict[str, str]]] = {
    "salesperson": (gettext_noop("Salesperson"), _sells(OWN)),
    "telephone_sales": (gettext_noop("Telephone sales (CC)"), _sells(OWN)),
    "key_account": (gettext_noop("Key-account executive (KAE)"), _sells(OWN)),
    "sales_clerk": (
        gettext_noop("Sales clerk"),
        _sells(TEAM)
        | _takes_out(TEAM)
        | {
            f"{_ORDERS}.import": TEAM,
            f"{_PRODUCTS}.add": ALL,
            f"{_PRODUCTS}.change": ALL,
            f"{_FAMILIES}.change": ALL,
        },
    ),
    "customer_information_administrator": (
        gettext_noop("Customer-information administrator"),
        _KEEPS_FILES | {f"{_REDACTIONS}.view": ALL, f"{_REDACTIONS}.ask": ALL},
    ),
    "team_leader": (gettext_noop("Team leader"), _LEADS),
    "sales_manager": (gettext_noop("Sales manager"), _MANAGES),
    "administration_manager": (
        gettext_noop("Administration manager"),
        _reads(ALL) | {f"{_CUSTOMERS}.unassigned": ALL, f"{_RULES}.view": ALL},
    ),
    "general_manager": (
        gettext_noop("General manager"),
        _MANAGES
        | {
            "core.export.view": ALL,
            f"{_REDACTIONS}.view": ALL,
            f"{_REDACTIONS}.ask": ALL,
            f"{_REDACTIONS}.approve": ALL,
        },
    ),
    "finance": (gettext_noop("Finance"), _FINANCE),
    "finance_supervisor": (
        gettext_noop("Finance supervisor"),
        _FINANCE | {f"{_CUSTOMERS}.unmask": ALL},
    ),
    "purchasing": (gettext_noop("Purchasing"), _reads(OWN) | _PRODUCT_KEEPING),
    "production": (gettext_noop("Production"), _reads(OWN)),
    "logistics": (gettext_noop("Logistics"), _reads(ALL)),
    "warehouse_keeper": (
        gettext_noop("Warehouse keeper"),
        _reads(OWN) | {f"{_PRODUCTS}.change": ALL},
    ),
    "customer_service": (
        gettext_noop("Customer service"),
        _reads(ALL) | {f"{_CUSTOMERS}.change": ALL},
    ),
    "marketing": (
        gettext_noop("Marketing and promotion"),
        _reads(ALL) | {f"{_REPORTS}.export": ALL},
    ),
    "archivist": (gettext_noop("Archivist"), _reads(ALL) | {f"{_CUSTOMERS}.archive": ALL}),
    "auditor": (
        gettext_noop("Auditor"),
        _reads(ALL)
        | _takes_out(ALL)
        | {
            f"{_CUSTOMERS}.unassigned": ALL,
            f"{_PRODUCTS}.cost": ALL,
            f"{_REPORTS}.export": ALL,
            f"{_PEOPLE}.export": ALL,
            "people.role.view": ALL,
            f"{_RULES}.view": ALL,
            "core.history.view": ALL,
            "core.history.verify": ALL,
            "core.export.view": ALL,
            f"{_REDACTIONS}.view": ALL,
        },
    ),
    "system_administrator": (
        gettext_noop("System administrator"),
        {
            "people.role.view": ALL,
            "people.role.change": ALL,
            f"{_PEOPLE}.view": ALL,
            f"{_PEOPLE}.add": ALL,
            f"{_PEOPLE}.change": ALL,
            f"{_PEOPLE}.import": ALL,
            f"{_PEOPLE}.export": ALL,
            f"{_TEAMS}.view": ALL,
            f"{_TEAMS}.change": ALL,
            f"{_TERRITORIES}.view": ALL,
            f"{_TERRITORIES}.change": ALL,
            f"{_CATEGORIES}.view": ALL,
            f"{_CATEGORIES}.change": ALL,
            f"{_NUMBERS}.view": ALL,
            f"{_NUMBERS}.change": ALL,
            f"{_RULES}.view": ALL,
            f"{_RULES}.change": ALL,
            "core.history.verify": ALL,
            "core.export.view": ALL,
            "core.backup.view": ALL,
            "core.backup.change": ALL,
        },
    ),
}


@seed
def load_roles(connection: psycopg.Connection[Any]) -> None:
    """Add shipped roles that are missing, with their grants; an existing role is left as edited."""
    for key, (name, grants) in SHIPPED_ROLES.items():
        row = connection.execute(
            "INSERT INTO people_role (key, name, is_shipped) VALUES (%s, %s, true)"
            " ON CONFLICT (key) DO NOTHING RETURNING id",
            [key, name],
        ).fetchone()
        if row is None:
            continue
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO people_rolegrant (role_id, kind, action, scope) VALUES (%s, %s, %s, %s)",
                [
                    (row[0], *permission.rsplit(".", 1), scope)
                    for permission, scope in sorted(grants.items())
                ],
            )


@seed
def load_scheme(connection: psycopg.Connection[Any]) -> None:
    """E and four digits, for employees brought in without a number."""
    connection.execute(
        "INSERT INTO core_numberscheme (key, prefix, width, longest, highest) VALUES (%s, 'E', 4, 20, 0)"
        " ON CONFLICT (key) DO NOTHING",
        [NUMBER_SCHEME],
    )

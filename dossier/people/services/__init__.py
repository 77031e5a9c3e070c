"""Every write of this department: keyword-only, one transaction each, checked against the actor."""

from dossier.people.services.accounts import (
    NewAccount,
    account_bootstrap,
    account_create,
    account_reset_password,
    account_set_active,
    account_set_login,
    account_set_roles,
    password_change,
)
from dossier.people.services.employees import (
    EmployeeValues,
    Leave,
    employee_create,
    employee_leave,
    employee_return,
    employee_update,
)
from dossier.people.services.organisation import (
    TeamValues,
    TerritoryValues,
    team_create,
    team_update,
    territory_create,
    territory_delete,
    territory_update,
)
from dossier.people.services.roles import role_create, role_delete, role_update
from dossier.people.services.sign_ins import (
    language_keep,
    session_begin,
    session_end,
    session_moved,
    session_seen,
    sessions_end_all,
    sign_in_note,
)

__all__ = [
    "EmployeeValues",
    "Leave",
    "NewAccount",
    "TeamValues",
    "TerritoryValues",
    "account_bootstrap",
    "account_create",
    "account_reset_password",
    "account_set_active",
    "account_set_login",
    "account_set_roles",
    "employee_create",
    "employee_leave",
    "employee_return",
    "employee_update",
    "language_keep",
    "password_change",
    "role_create",
    "role_delete",
    "role_update",
    "session_begin",
    "session_end",
    "session_moved",
    "session_seen",
    "sessions_end_all",
    "sign_in_note",
    "team_create",
    "team_update",
    "territory_create",
    "territory_delete",
    "territory_update",
]

"""Addresses of this department."""

from django.urls import path

from dossier.people import signin
from dossier.people.screens import (
    accounts,
    employee_forms,
    employees,
    organisation,
    roles,
    tokens,
    who_sees,
)

urlpatterns = [
    path("sign-in/", signin.sign_in, name="sign-in"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("first-run/", signin.first_run, name="first-run"),
    path("me/sessions/", signin.my_sessions, name="my-sessions"),
    path("me/sessions/everywhere/end", signin.sign_out_everywhere, name="sign-out-everywhere"),
    path("me/sessions/<int:session_id>/end", signin.my_session_end, name="my-session-end"),
    path("me/password/", signin.password_page, name="password-change"),
    path("me/tokens/", tokens.my_tokens, name="my-tokens"),
    path("me/tokens/<int:token_id>/revoke", tokens.my_token_revoke, name="my-token-revoke"),
    path("people/", employees.employee_list, name="people"),
    path("people/new/", employee_forms.employee_new, name="employee-new"),
    path("people/<int:pk>/", employees.employee_detail, name="employee"),
    path("people/<int:pk>/edit/", employee_forms.employee_edit, name="employee-edit"),
    path("people/<int:pk>/leave/", employee_forms.employee_leave_view, name="employee-leave"),
    path("people/<int:pk>/return/", employee_forms.employee_return_view, name="employee-return"),
    path(
        "people/<int:pk>/reveal/<slug:name>", employees.employee_reveal_view, name="employee-reveal"
    ),
    path("who/<slug:key>/<int:pk>/", who_sees.who_sees, name="who-sees"),
    path("teams/", organisation.team_list, name="teams"),
    path("teams/new/", organisation.team_new, name="team-new"),
    path("teams/<int:pk>/", organisation.team_edit, name="team-edit"),
    path("territories/", organisation.territory_list, name="territories"),
    path("territories/new/", organisation.territory_new, name="territory-new"),
    path("territories/<int:pk>/", organisation.territory_edit, name="territory-edit"),
    path(
        "territories/<int:pk>/delete", organisation.territory_delete_view, name="territory-delete"
    ),
    path("settings/accounts/", accounts.account_list, name="accounts"),
    path("settings/accounts/new/", accounts.account_new, name="account-new"),
    path("settings/accounts/<int:pk>/", accounts.account_edit, name="account"),
    path(
        "settings/accounts/<int:pk>/open",
        accounts.account_active,
        {"active": True},
        name="account-open",
    ),
    path(
        "settings/accounts/<int:pk>/close",
        accounts.account_active,
        {"active": False},
        name="account-close",
    ),
    path("settings/accounts/<int:pk>/unlock", accounts.account_unlock_view, name="account-unlock"),
    path(
        "settings/accounts/<int:pk>/sign-out",
        accounts.account_sign_out_view,
        name="account-sign-out",
    ),
    path("settings/accounts/<int:pk>/password", accounts.account_password, name="account-password"),
    path(
        "settings/accounts/<int:pk>/tokens/<int:token_id>/revoke",
        tokens.account_token_revoke,
        name="account-token-revoke",
    ),
    path("settings/roles/", roles.role_list, name="roles"),
    path("settings/roles/new/", roles.role_new, name="role-new"),
    path("settings/roles/<int:pk>/", roles.role_edit, name="role"),
    path("settings/roles/<int:pk>/delete", roles.role_delete_view, name="role-delete"),
    path("settings/sign-ins/", accounts.sign_in_list, name="sign-ins"),
]

"""Pages of people: menu entries here, the pages in the modules."""

from django.utils.translation import gettext_lazy as _

from dossier.core.navigation import CreateLink, NavItem, create_link, nav
from dossier.people.screens import inline as inline  # registers cells edited in place
from dossier.people.screens import lookups as lookups  # registers the look-ups
from dossier.people.screens import pasts as pasts  # registers what tells its past
from dossier.people.screens import who_sees as who_sees  # registers what says who sees it

_SETTINGS = _("Settings")

nav(
    NavItem(
        "people",
        _("Employees"),
        "id-badge-2",
        order=60,
        key="u",
        permission="people.employee.view",
        prefix="/people/",
    )
)
nav(
    NavItem(
        "teams",
        _("Teams"),
        "hierarchy-2",
        order=62,
        permission="people.team.view",
        prefix="/teams/",
    )
)
nav(
    NavItem(
        "territories",
        _("Territories"),
        "map-2",
        order=64,
        permission="people.territory.view",
        prefix="/territories/",
    )
)
nav(
    NavItem(
        "accounts",
        _("Accounts"),
        "key",
        order=80,
        permission="people.role.view",
        group=_SETTINGS,
        prefix="/settings/accounts/",
    )
)
nav(
    NavItem(
        "roles",
        _("Roles"),
        "shield-lock",
        order=82,
        permission="people.role.view",
        group=_SETTINGS,
        prefix="/settings/roles/",
    )
)
nav(
    NavItem(
        "sign-ins",
        _("Sign-ins"),
        "login",
        order=84,
        permission="people.role.view",
        group=_SETTINGS,
        prefix="/settings/sign-ins/",
    )
)
create_link(
    CreateLink(
        "employee-new", _("Employee"), "user-plus", order=60, permission="people.employee.add"
    )
)

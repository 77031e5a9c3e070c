"""Who sees and does what with people and roles."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, ObjectKind, Scope, declare


def _employee_reach(actor: Actor, scopes: frozenset[str], action: str) -> Q:
    """Oneself; the members of one's team and below."""
    reach = Q(pk=actor.employee_id)
    if Scope.TEAM in scopes:
        reach |= Q(team_id__in=actor.team_ids)
    return reach


EMPLOYEE = declare(
    ObjectKind(
        key="people.employee",
        label=_("employees"),
        model="people.Employee",
        actions={
            "view": _("see"),
            "add": _("enter"),
            "change": _("edit"),
            "import": _("bring in from a file"),
            "export": _("take out as a file"),
            "unmask": _("see masked values"),
        },
        scopes=(Scope.OWN, Scope.TEAM, Scope.ALL),
        reach=_employee_reach,
    )
)
TEAM = declare(
    ObjectKind(
        key="people.team",
        label=_("teams"),
        model="people.Team",
        actions={"view": _("see"), "change": _("edit")},
        scopes=(Scope.ALL,),
    )
)
TERRITORY = declare(
    ObjectKind(
        key="people.territory",
        label=_("territories"),
        model="people.Territory",
        actions={"view": _("see"), "change": _("edit")},
        scopes=(Scope.ALL,),
    )
)
ROLE = declare(
    ObjectKind(
        key="people.role",
        label=_("roles, accounts and sign-ins"),
        model="people.Role",
        actions={"view": _("see"), "change": _("edit")},
        scopes=(Scope.ALL,),
    )
)
HISTORY = declare(
    ObjectKind(
        key="core.history",
        label=_("the history of all records"),
        actions={"view": _("see"), "verify": _("verify")},
        scopes=(Scope.ALL,),
    )
)
BACKUP = declare(
    ObjectKind(
        key="core.backup",
        label=_("backups"),
        actions={"view": _("see"), "change": _("make and plan")},
        scopes=(Scope.ALL,),
    )
)
REDACTION = declare(
    ObjectKind(
        key="core.redaction",
        label=_("redactions of the history"),
        actions={"view": _("see"), "ask": _("ask for"), "approve": _("approve")},
        scopes=(Scope.ALL,),
    )
)
NUMBER = declare(
    ObjectKind(
        key="core.number",
        label=_("number schemes"),
        actions={"view": _("see"), "change": _("edit")},
        scopes=(Scope.ALL,),
    )
)
VIEW = declare(
    ObjectKind(
        key="core.view",
        label=_("saved views of lists"),
        actions={"share": _("share with everybody")},
        scopes=(Scope.ALL,),
    )
)

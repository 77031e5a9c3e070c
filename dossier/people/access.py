"""Who sees and does what with people and roles."""

from django.utils.translation import gettext_lazy as _

from dossier.core.access import ObjectKind, Scope, declare
from dossier.people.grounds import TeamGround, own

ONESELF = own("self", "pk", _("It is the person's own record"))
TEAM_MATES = TeamGround(
    key="team",
    column="team_id",
    held=lambda actor: actor.team_ids,
    scopes=frozenset({Scope.TEAM}),
    subject=_("this person"),
    of_teams=True,
)

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
        grounds=(ONESELF, TEAM_MATES),
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

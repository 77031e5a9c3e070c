"""Who sees and does what with customer files (ORG-4).

Customers without an owner are seen by those who hold ``unassigned`` (customer-information
administrators) and by those who see everything.
"""

from django.utils.translation import gettext_lazy as _

from dossier.core.access import ObjectKind, Scope, declare
from dossier.people.grounds import WordedGround, own, team, territory

OWNER = own("owner", "owner_id", _("Owner of the customer"))
TEAM = team("owner-team", "owner_id", _("the customer's owner"))
TERRITORY = territory("territory", "region__code")
UNOWNED = WordedGround(
    key="unowned",
    column="owner_id",
    held=lambda actor: (None,),
    actions=frozenset({"view"}),  # to change such files takes a right on everything
    needs="customers.customer.unassigned",
    words=_("May see customers without an owner"),
)

CUSTOMER = declare(
    ObjectKind(
        key="customers.customer",
        label=_("customer files"),
        model="customers.Customer",
        actions={
            "view": _("see"),
            "unassigned": _("see customers without an owner"),
            "add": _("enter"),
            "change": _("edit"),
            "assign": _("give to an owner"),
            "archive": _("archive and restore"),
            "import": _("bring in from a file"),
            "export": _("take out as a file"),
            "unmask": _("see masked values"),
            "duplicates": _("decide on possible duplicates"),
        },
        grounds=(OWNER, TEAM, TERRITORY, UNOWNED),
    )
)
CATEGORY = declare(
    ObjectKind(
        key="customers.category",
        label=_("customer categories"),
        actions={"view": _("see"), "change": _("edit")},
        scopes=(Scope.ALL,),
    )
)
RULES = declare(
    ObjectKind(
        key="customers.rules",
        label=_("rules of classes, completeness and questions"),
        actions={"view": _("see"), "change": _("edit")},
        scopes=(Scope.ALL,),
    )
)

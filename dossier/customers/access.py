"""Who sees and does what with customer files (ORG-4).

Customers without an owner are seen by those who hold ``unassigned`` (customer-information
administrators) and by those who see everything.
"""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, ObjectKind, Scope, declare


def customer_reach(actor: Actor, scopes: frozenset[str], action: str = "view") -> Q:
    """Which customers the actor reaches for an action.

    ``unassigned`` lets files without an owner be seen; to change them takes a right on everything.
    """
    owners = set(actor.member_ids) if Scope.TEAM in scopes else set()
    if actor.employee_id:
        owners.add(actor.employee_id)
    reach = Q(owner_id__in=sorted(owners))  # a list, not a join: the planner knows what it holds
    if Scope.TERRITORY in scopes:
        for code in actor.region_codes:
            reach |= Q(region__code__startswith=_significant(code))
    if action == "view" and actor.can("customers.customer", "unassigned"):
        reach |= Q(owner_id__isnull=True)
    return reach


def _significant(code: str) -> str:
    """The digits of a division code that its subdivisions share: 370000 → 37, 370600 → 3706."""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


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
        reach=customer_reach,
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

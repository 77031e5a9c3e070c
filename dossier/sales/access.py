"""Who sees and does what with sales orders and lines.

A line is seen by those who may see its customer and by those whose scope holds its credited
salesperson; an order by those who see its customer, are credited with it or with one of its lines.
Customers and salespeople are sets of ids, so that lines and orders are read without joins.
"""

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, ObjectKind, Scope, declare
from dossier.customers.access import customer_reach
from dossier.customers.models import Customer
from dossier.people.models import Employee
from dossier.sales.models import SalesOrderLine


def _credited(actor: Actor, scopes: frozenset[str]) -> Q:
    """Lines or orders credited to a salesperson within the scope."""
    reach = Q(salesperson_id=actor.employee_id) if actor.employee_id else Q(pk__in=[])
    if Scope.TEAM in scopes and actor.team_ids:
        members = Employee.objects.filter(team_id__in=actor.team_ids)
        reach |= Q(salesperson_id__in=members.values("pk"))
    return reach


def _customer_side(actor: Actor, scopes: frozenset[str], action: str) -> Q | None:
    """Rows of the customers the actor may see; None: every customer.

    To do more than see, the customer must lie within the scope of that right itself.
    """
    if action == "view":
        scopes = actor.scopes("customers.customer", "view")
        if Scope.ALL in scopes:
            return None
    if not scopes:
        return Q(pk__in=[])
    return Q(customer_id__in=Customer.objects.filter(customer_reach(actor, scopes)).values("pk"))


def line_reach(actor: Actor, scopes: frozenset[str], action: str) -> Q:
    """Which order lines the actor reaches for an action."""
    side = _customer_side(actor, scopes, action)
    return Q() if side is None else _credited(actor, scopes) | side


def order_reach(actor: Actor, scopes: frozenset[str], action: str) -> Q:
    """Which orders the actor reaches for an action."""
    side = _customer_side(actor, scopes, action)
    if side is None:
        return Q()
    credited = _credited(actor, scopes)
    # Looked up order by order, never as a set, which would be made of every line there is before the first
    # row of a page. The second condition says so: lines credited as their order is are found without it.
    lines = (
        SalesOrderLine.objects.filter(credited)
        .filter(order_id=OuterRef("pk"))
        .exclude(salesperson_id=Coalesce(OuterRef("salesperson_id"), 0))
    )
    return credited | side | Q(Exists(lines))


_ACTIONS = {
    "view": _("see"),
    "add": _("enter"),
    "change": _("edit"),
    "import": _("bring in from a file"),
    "export": _("take out as a file"),
}
ORDER = ObjectKind(
    key="sales.order",
    label=_("sales orders"),
    model="sales.SalesOrder",
    actions=_ACTIONS,
    reach=order_reach,
)
declare(
    ObjectKind(
        key="sales.order",
        label=_("sales orders"),
        model="sales.SalesOrderLine",
        actions=_ACTIONS,
        reach=line_reach,
    )
)
declare(ORDER)  # the roles page shows the order; both models share its grants

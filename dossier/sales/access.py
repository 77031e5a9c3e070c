"""Who sees and does what with sales orders and lines.

A line is seen by those who may see its customer and by those whose scope holds its credited
salesperson; an order by those who see its customer or one of its lines' salespeople.
"""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, ObjectKind, Scope, declare
from dossier.customers.access import customer_reach
from dossier.sales.models import SalesOrderLine


def _credited(actor: Actor, scopes: frozenset[str]) -> Q:
    """Lines or orders credited to a salesperson within the scope."""
    reach = Q(salesperson_id=actor.employee_id) if actor.employee_id else Q(pk__in=[])
    if Scope.TEAM in scopes:
        reach |= Q(salesperson__team_id__in=actor.team_ids)
    return reach


def _customer_side(actor: Actor) -> Q:
    """Rows of the customers the actor may see."""
    scopes = actor.scopes("customers.customer", "view")
    if not scopes:
        return Q(pk__in=[])
    if Scope.ALL in scopes:
        return Q()
    return customer_reach(actor, scopes, prefix="customer__")


def line_reach(actor: Actor, scopes: frozenset[str]) -> Q:
    """Which order lines the actor reaches."""
    side = _customer_side(actor)
    return side if not side else _credited(actor, scopes) | side


def order_reach(actor: Actor, scopes: frozenset[str]) -> Q:
    """Which orders the actor reaches."""
    side = _customer_side(actor)
    if not side:
        return side
    credited_line = SalesOrderLine.objects.filter(_credited(actor, scopes), order_id=OuterRef("pk"))
    return _credited(actor, scopes) | side | Q(Exists(credited_line))


_ACTIONS = {
    "view": _("see"),
    "add": _("enter"),
    "change": _("edit"),
    "import": _("bring in from a file"),
}
ORDER = declare(
    ObjectKind(
        key="sales.order", label=_("sales orders"), model="sales.SalesOrder", actions=_ACTIONS, reach=order_reach
    )
)
declare(
    ObjectKind(
        key="sales.order", label=_("sales orders"), model="sales.SalesOrderLine", actions=_ACTIONS, reach=line_reach
    )
)
declare(ORDER)  # the roles page shows the order; both models share its grants

"""Who sees and does what with sales orders and lines.

A line is seen by those who may see its customer and by those whose scope holds its credited
salesperson; an order by those who see its customer, are credited with it or with one of its lines.
Customers and salespeople are sets of ids, so that lines and orders are read without joins.
"""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from dossier.core.access import ObjectKind, Through, declare
from dossier.people.grounds import own, team

CREDITED = own("credited", "salesperson_id", _("Credited with the order"))
CREDITED_TEAM = team("credited-team", "salesperson_id", _("the credited salesperson"))
# An order is also reached by each of its lines. A line knows its salesperson; its order by a column.
_LINES = ("sales.SalesOrderLine", "order_id")
LINE_CREDITED = replace(
    CREDITED,
    key="line-credited",
    words=_("Credited with a line of the order"),
    among=_LINES,
    beside=CREDITED.key,
)
LINE_CREDITED_TEAM = replace(
    CREDITED_TEAM,
    key="line-credited-team",
    subject=_("the salesperson credited with a line"),
    among=_LINES,
    beside=CREDITED_TEAM.key,
)
CUSTOMER_SIDE = Through("customer", "customer_id", "customers.Customer")

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
    grounds=(CREDITED, CREDITED_TEAM, LINE_CREDITED, LINE_CREDITED_TEAM, CUSTOMER_SIDE),
    demands={"change": CUSTOMER_SIDE},
)
declare(
    ObjectKind(
        key="sales.order",
        label=_("sales orders"),
        model="sales.SalesOrderLine",
        actions=_ACTIONS,
        grounds=(CREDITED, CREDITED_TEAM, CUSTOMER_SIDE),
        demands={"change": CUSTOMER_SIDE},
    )
)
declare(ORDER)  # the roles page shows the order; both models share its grants

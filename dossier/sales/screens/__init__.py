"""Pages of sales orders: menu entries here, the pages in the modules."""

from django.utils.translation import gettext_lazy

from dossier.core.navigation import CreateLink, NavItem, create_link, nav
from dossier.sales.screens import (
    of_customer as of_customer,  # registers tab, time line, search, tiles
)
from dossier.sales.screens import (
    who_sees as who_sees,  # registers what says who sees it
)

nav(
    NavItem(
        "orders",
        gettext_lazy("Sales orders"),
        "receipt",
        order=30,
        key="o",
        permission="sales.order.view",
        prefix="/orders/",
    )
)
create_link(
    CreateLink(
        "order-new", gettext_lazy("Sales order"), "receipt", order=20, permission="sales.order.add"
    )
)

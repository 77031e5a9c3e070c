"""Sales lines from a company's own sheets (AUD-4, ORD-4, ORD-12)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dossier.core.imports.columns import columns_of, kind_columns
from dossier.core.imports.registry import Creates, ImportKind, Options, UndoTable, register
from dossier.sales.fields import LINE_FIELDS, ORDER_FIELDS, SHEET_DECOYS, SHEET_ONLY
from dossier.sales.imports.session import SalesSession
from dossier.sales.models import SalesOrder, SalesOrderLine

COLUMNS = kind_columns(
    "sales",
    columns_of(SalesOrder, ORDER_FIELDS),
    columns_of(SalesOrderLine, LINE_FIELDS),
    columns_of(SalesOrderLine, SHEET_ONLY),
    decoys=SHEET_DECOYS,
)


def _locks(options: Options) -> frozenset[str]:
    """Lines also write customers and products where they may create them."""
    also = set(options.create_missing) & {"customers", "products"}
    return frozenset({"sales"} | also | ({"customers"} if options.unassigned else set()))


KIND = register(
    ImportKind(
        key="sales",
        label=_("Sales lines"),
        text=_("Orders with customer, product, quantity, price, cost, salesperson"),
        icon="receipt",
        order=40,
        columns=COLUMNS,
        permission="sales.order",
        model="sales.SalesOrderLine",
        session=SalesSession,
        undo=(
            UndoTable("sales.SalesOrderLine"),
            UndoTable("sales.SalesOrder", url="order"),
            UndoTable("customers.Customer", url="customer"),
            UndoTable("catalog.Product", url="product"),
            UndoTable("catalog.ProductFamily"),
        ),
        locks=_locks,
        creates=(
            Creates(
                "products",
                _("Create products that are missing"),
                _("With the code and name in the lines."),
            ),
            Creates(
                "customers",
                _("Create customers that are missing"),
                _("As drafts to be completed: code and name, nothing more."),
            ),
        ),
        list_url="orders",
        needs=(
            ("order_number",),
            ("date",),
            ("customer_code", "customer_name"),
            ("product_code", "product_name"),
        ),
    )
)

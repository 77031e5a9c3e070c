"""Sales lines from a company's own sheets (AUD-4, ORD-4, ORD-12)."""

from __future__ import annotations

from dossier.core.imports.messages import CREATES, KINDS
from dossier.core.imports.registry import Creates, ImportKind, Options, UndoTable, register
from dossier.core.imports.synonyms import SALES
from dossier.sales.imports.session import SalesSession


def _locks(options: Options) -> frozenset[str]:
    """Lines also write customers and products where they may create them."""
    also = set(options.create_missing) & {"customers", "products"}
    return frozenset({"sales"} | also | ({"customers"} if options.unassigned else set()))


KIND = register(
    ImportKind(
        key="sales",
        label=KINDS["sales"][0],
        text=KINDS["sales"][1],
        icon="receipt",
        order=40,
        columns=SALES,
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
            Creates("products", *CREATES["products"]),
            Creates("customers", *CREATES["customers"]),
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

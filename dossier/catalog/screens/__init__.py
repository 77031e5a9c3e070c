"""Pages of products, by page; importing them registers look-ups, search and navigation."""

from dossier.catalog.screens import lookups, pasts, who_sees
from dossier.catalog.screens.detail import product_detail, product_status
from dossier.catalog.screens.edit import product_edit, product_new
from dossier.catalog.screens.lists import product_list

__all__ = [
    "lookups",
    "pasts",
    "product_detail",
    "product_edit",
    "product_list",
    "product_new",
    "product_status",
    "who_sees",
]

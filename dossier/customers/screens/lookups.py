"""Look-ups of this department: customers, categories, divisions, industries."""

from __future__ import annotations

from dossier.core.screens.lookups import Lookup, lookup
from dossier.customers.selectors import (
    categories_named,
    category_by_code,
    customer_by_code,
    customers_named,
    industries_named,
    industry_by_code,
    region_by_code,
    regions_named,
)

CUSTOMER = lookup(
    Lookup(
        key="customer",
        permission="customers.customer.view",
        rows=customers_named,
        by_code=customer_by_code,
        value=lambda row: str(row.code),
        code=lambda row: str(row.code),
        text=lambda row: str(row.name),
    )
)
CATEGORY = lookup(
    Lookup(
        key="category",
        permission="customers.customer.view",
        rows=categories_named,
        by_code=category_by_code,
        value=lambda row: str(row.code),
        code=lambda row: str(row.code),
        text=lambda row: str(row.name),
    )
)
REGION = lookup(
    Lookup(
        key="region",
        permission="",
        rows=regions_named,
        by_code=region_by_code,
        value=lambda row: str(row.code),
        code=lambda row: str(row.code),
        text=lambda row: str(row.full_name),
    )
)
INDUSTRY = lookup(
    Lookup(
        key="industry",
        permission="",
        rows=industries_named,
        by_code=industry_by_code,
        value=lambda row: str(row.code),
        code=lambda row: str(row.code),
        text=lambda row: str(row.name),
    )
)

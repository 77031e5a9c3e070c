"""Look-ups of this department: customers, categories, divisions, industries."""

from __future__ import annotations

from dossier.core.screens.lookups import coded
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

_SEES_CUSTOMERS = "customers.customer.view"

CUSTOMER = coded("customer", _SEES_CUSTOMERS, customers_named, customer_by_code)
CATEGORY = coded("category", _SEES_CUSTOMERS, categories_named, category_by_code)
REGION = coded("region", "", regions_named, region_by_code, text=lambda row: str(row.full_name))
INDUSTRY = coded("industry", "", industries_named, industry_by_code)

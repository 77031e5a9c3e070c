"""Reports computed by PostgreSQL: one grouped query over the lines the actor sees, one for the totals.

Lines are grouped by what stands on them (ids, the first day of the month); names are looked up
afterwards for the groups that came out, so that the cost does not depend on the number of lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, DateField, F, Func, Q, QuerySet, Sum
from django.db.models.expressions import Combinable

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed
from dossier.core.screens.requests import bad_address
from dossier.reports.declarations import (
    Answer,
    Cell,
    CountOf,
    Dimension,
    Figures,
    Measure,
    Member,
    Question,
    Share,
    Source,
    Total,
)
from dossier.reports.sales_rights import require_measures
from dossier.sales.filters import line_filters
from dossier.sales.selectors import counted_lines, customer_attribute

_ZERO = Decimal(0)
_COVERAGE = Share(Total("amount", known="cost"), Total("amount"))
RATIO_PLACES = Decimal("0.000001")

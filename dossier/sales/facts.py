"""What orders say about a customer: the facts of its computed classes, and lines without cost (CUS-8, CUS-13).

Registered when the program starts, in whatever process, for jobs compute too.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dossier.core.access import Actor
from dossier.core.fields import Kind, display_value
from dossier.core.money import DEFAULT_CURRENCY
from dossier.core.templatetags.look import money_text
from dossier.customers.models import Customer, ProfileRules, Standing
from dossier.customers.registries import Check, FactSource, register_check, register_facts

_FACTS = """
SELECT o.customer_id, count(*) AS orders, min(o.ordered_on) AS first_on, max(o.ordered_on) AS last_on,
       count(*) FILTER (WHERE o.ordered_on > %(since)s) AS recent_orders,
       coalesce(max(l.amount), 0)::numeric(20, 2) AS recent_amount
FROM sales_salesorder o
LEFT JOIN (
    SELECT l.customer_id, sum(l.amount) AS amount
    FROM sales_salesorderline l
    WHERE l.customer_id = ANY(%(ids)s) AND l.ordered_on > %(since)s AND l.currency = %(currency)s
      AND NOT EXISTS (SELECT 1 FROM sales_salesorder v WHERE v.id = l.order_id AND v.status = 'void')
    GROUP BY l.customer_id
) l ON l.customer_id = o.customer_id
WHERE o.customer_id = ANY(%(ids)s) AND o.status <> 'void'
GROUP BY o.customer_id
"""

_WITHOUT_COST = """
SELECT o.customer_id, 'orders' AS field, '' AS given,
       jsonb_build_object('orders', count(DISTINCT o.id)) AS params
FROM sales_salesorder o JOIN sales_salesorderline l ON l.order_id = o.id
WHERE o.status <> 'void' AND l.cost IS NULL AND o.ordered_on > %(today)s::date - 365
  AND (%(ids)s::bigint[] IS NULL OR o.customer_id = ANY(%(ids)s))
GROUP BY o.customer_id
"""


def _told(
    actor: Actor, customer: Customer, standing: Standing, rules: ProfileRules
) -> list[dict[str, Any]]:
    """The customer's orders in words, with the way to them."""
    if not standing.orders:
        return [{"text": _("No order is recorded.")}]
    url = "?tab=orders"
    days = {
        "count": standing.orders,
        "first": display_value(Kind.DATE, standing.first_on),
        "last": display_value(Kind.DATE, standing.last_on),
    }
    told = [
        {
            "text": ngettext(
                "%(count)s order, on %(last)s",
                "%(count)s orders, the first on %(first)s, the last on %(last)s",
                standing.orders,
            )
            % days,
            "url": url,
        }
    ]
    weighing = rules.weight_days
    told.append(
        {
            "text": ngettext(
                "%(count)s order in the last %(days)s days, for %(amount)s",
                "%(count)s orders in the last %(days)s days, for %(amount)s",
                standing.recent_orders,
            )
            % {
                "count": standing.recent_orders,
                "days": weighing,
                "amount": money_text(standing.recent_amount, DEFAULT_CURRENCY),
            },
            "url": url,
        }
    )
    return told


register_facts(
    FactSource(key="orders", order=30, permission="sales.order.view", sql=_FACTS, told=_told)
)
register_check(
    Check(
        code="order_without_cost",
        label=gettext_lazy("Order without cost"),
        message=gettext_lazy(
            "Orders of the last year with lines whose cost is not known: %(orders)s. Enter the costs, or their profit stays unknown."
        ),
        sql=_WITHOUT_COST,
        again=True,
    )
)

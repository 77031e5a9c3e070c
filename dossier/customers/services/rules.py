"""The company's rules of computed classes, completeness and questions (CUS-8, CUS-9, CUS-13)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal, Refusals
from dossier.core.reasons import reason_text
from dossier.core.services import command
from dossier.customers.models import CompletenessRule, ProfileRules
from dossier.customers.services._rows import check_version, save_changes
from dossier.customers.states import Grade, Supplier

KIND = "customers.rules"
RANGES: dict[str, tuple[int, int]] = {
    "new_days": (1, 3650),
    "former_days": (1, 3650),
    "active_days": (1, 3650),
    "opening_days": (1, 3650),
    "weight_days": (1, 3650),
    "key_amount": (0, 10**13),
    "general_orders": (1, 1000),
    "late_share": (0, 100),
    "arrears_days": (1, 3650),
    "answer_days": (1, 365),
    "stale_days": (1, 3650),
    "shared_phones": (2, 1000),
    "low_score": (0, 100),
}
"""From and to of each threshold."""


class ItemRule(NamedTuple):
    """What is set for an item of completeness."""

    weight: int
    lowest_grade: str
    supplier: str


def profile_rules_set(
    *,
    actor: Actor,
    changes: Mapping[str, int | Decimal | None],
    reason: str,
    expected_version: int | None = None,
) -> ProfileRules:
    """Set thresholds; every customer is computed anew by the job."""
    actor.require(KIND, "change")
    why = reason_text(reason)
    _in_range(changes)
    with command(actor, why=why):
        rules = ProfileRules.objects.select_for_update().get(pk=1)
        check_version(rules, expected_version, {name: getattr(rules, name) for name in changes})
        after = {
            name: changes.get(name, getattr(rules, name)) for name in ("active_days", "former_days")
        }
        if int(after["active_days"] or 0) > int(after["former_days"] or 0):
            raise Refusal(
                "date_order",
                _(
                    "A customer cannot be former while it is still in progress: give at most as many days."
                ),
                field="active_days",
            )
        if save_changes(rules, changes):
            _compute_all()
        return rules


def completeness_set(
    *,
    actor: Actor,
    rules: Mapping[str, ItemRule],
    reason: str,
    expected_version: int | None = None,
) -> int:
    """Set weight, lowest grade and supplier of items; how many differ. All is computed anew by the job."""
    actor.require(KIND, "change")
    why = reason_text(reason)
    for item, rule in rules.items():
        wrong = (
            not 0 <= rule.weight <= 10
            or rule.lowest_grade not in ("", *Grade.values)
            or rule.supplier not in Supplier.values
        )
        if wrong:
            raise Refusal("bad_rule", _("A weight is a number from 0 to 10."), field=item)
    with command(actor, why=why):
        whole = ProfileRules.objects.select_for_update().get(pk=1)
        check_version(whole, expected_version, {})
        changed = 0
        for row in (
            CompletenessRule.objects.select_for_update().filter(item__in=rules).order_by("pk")
        ):
            changed += save_changes(row, rules[row.item]._asdict())
        if changed:
            whole.version += 1
            whole.save(update_fields=["version", "updated_at"])
            _compute_all()
        return changed


def _in_range(changes: Mapping[str, int | Decimal | None]) -> None:
    unknown = set(changes) - set(RANGES)
    if unknown:
        raise TypeError(f"not to be set here: {', '.join(sorted(unknown))}")
    refusals = [
        Refusal(
            "out_of_range",
            _("Give a number from %(low)s to %(high)s."),
            field=name,
            params={"low": RANGES[name][0], "high": RANGES[name][1]},
        )
        for name, value in changes.items()
        if value is None or not RANGES[name][0] <= value <= RANGES[name][1]
    ]
    if refusals:
        raise refusals[0] if len(refusals) == 1 else Refusals(refusals)


def _compute_all() -> None:
    """The job that computes all customers is enqueued by this transaction; one that waits is enough."""
    from procrastinate.exceptions import AlreadyEnqueued

    from dossier.customers.jobs import renew_all

    try:
        with transaction.atomic():
            renew_all.defer()
    except AlreadyEnqueued:
        return  # it has not begun yet, so it will read what is set here

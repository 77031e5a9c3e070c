"""Who sees sensitive values plainly, and how they are covered for everybody else (ORG-4)."""

from __future__ import annotations

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, display_value, masked
from dossier.core.history.marks import Redacted
from dossier.customers.access import OWNER
from dossier.customers.models import Customer
from dossier.customers.selectors.customers import may


def sees_plainly(actor: Actor, customer: Customer) -> bool:
    """Owners see their own customers' sensitive values; others ask for each, and that is recorded."""
    return actor.is_system or OWNER.holds(actor, frozenset({customer.owner_id}))


def may_reveal(actor: Actor, customer: Customer) -> bool:
    """Whether the actor may ask for this customer's masked values."""
    return may(actor, "unmask", customer)


def shown(spec: FieldSpec, value: object, *, plainly: bool) -> str:
    """A value as text, covered if it is sensitive and not to be seen plainly."""
    if isinstance(value, Redacted):
        return value
    text = display_value(spec.kind, value)
    if spec.mask is None or plainly:
        return text
    return masked(text, spec.mask)

"""What an importer may create and change: the pre-check of the preview (ORG-4).

The database's own check after the write (``for_user``) is the authority; this one lets a dry run and
``--valid-only`` name the rows beforehand.
"""

from __future__ import annotations

from dossier.core.access import Actor, Scope
from dossier.customers.models import Customer
from dossier.people.models import Employee


class Reach:
    """The scope of an actor's right to bring in (or ``add``) customers."""

    def __init__(self, actor: Actor, action: str = "import") -> None:
        self.actor = actor
        scopes = actor.scopes("customers.customer", action)
        views = actor.scopes("customers.customer", "view")
        self.everything = Scope.ALL in scopes and Scope.ALL in views
        self.owners: set[int] = set()
        self.regions: tuple[str, ...] = ()
        self.unassigned = actor.can("customers.customer", "unassigned")
        if self.everything:
            return
        both = (
            scopes if Scope.ALL in views else scopes & views if Scope.ALL not in scopes else views
        )
        if actor.employee_id:
            self.owners.add(actor.employee_id)
        if Scope.TEAM in both:
            self.owners.update(
                Employee.objects.filter(team_id__in=actor.team_ids).values_list("pk", flat=True)
            )
        if Scope.TERRITORY in both:
            self.regions = tuple(_significant(code) for code in actor.region_codes)

    def may_create(self, owner: int | None, region: str | None) -> bool:
        """Whether a new customer of this owner and region would be the actor's."""
        if self.everything:
            return True
        if (owner is None and self.unassigned) or owner in self.owners:
            return True
        return bool(region and self.regions and region.startswith(self.regions))

    def changeable(self, ids: set[int]) -> set[int]:
        """Those of these customers that the actor may change by an import."""
        return set(
            Customer.objects.for_user(self.actor, "import")
            .filter(pk__in=ids)
            .values_list("pk", flat=True)
        )


def _significant(code: str) -> str:
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code

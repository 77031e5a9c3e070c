"""Who sees and does what with products."""

from django.utils.translation import gettext_lazy as _

from dossier.core.access import ObjectKind, Scope, declare

PRODUCT = declare(
    ObjectKind(
        key="catalog.product",
        label=_("products"),
        model="catalog.Product",
        actions={
            "view": _("see"),
            "add": _("enter"),
            "change": _("edit"),
            "import": _("bring in from a file"),
            "export": _("take out as a file"),
            "cost": _("see cost and profit"),
        },
        scopes=(Scope.ALL,),
    )
)
FAMILY = declare(
    ObjectKind(
        key="catalog.family",
        label=_("product families"),
        model="catalog.ProductFamily",
        actions={"view": _("see"), "change": _("edit")},
        scopes=(Scope.ALL,),
    )
)

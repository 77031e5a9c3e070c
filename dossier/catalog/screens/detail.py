"""The page of a product, and taking it off sale and on again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dossier.catalog.access import PRODUCT
from dossier.catalog.fields import GROUPS, fields_for
from dossier.catalog.models import Product
from dossier.catalog.screens.lists import STATUS_COLORS, product_rows
from dossier.catalog.services import product_discontinue, product_resume
from dossier.catalog.states import ProductStatus
from dossier.core.fields import FieldSpec, Surface, display
from dossier.core.history.subjects import past_url
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.people.who_sees import menu_item


@page("catalog.product.view")
@require_http_methods(["GET", "HEAD"])
def product_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One product."""
    actor = actor_of(request)
    product = product_rows(actor).reachable(actor, pk)  # type: ignore[attr-defined] # a ScopedQuerySet
    actions: list[dict[str, Any]] = []
    more: list[dict[str, Any]] = []
    if actor.can(PRODUCT.key, "change"):
        actions.append(
            {
                "label": _("Edit"),
                "url": reverse("product-edit", args=[pk]),
                "icon": "pencil",
                "key": "edit",
                "primary": True,
            }
        )
        if product.status == ProductStatus.DISCONTINUED:
            word, name = _("Put on sale again"), "product-resume"
        else:
            word, name = _("Discontinue"), "product-discontinue"
        actions.append(
            {
                "label": word,
                "url": f"{reverse(name, args=[pk])}?version={product.version}",
                "method": "post",
            }
        )
    more.append(menu_item("product", product))
    specs = fields_for(actor)
    facts = [
        {
            "title": title,
            "items": [
                _fact(spec, product)
                for spec in specs
                if spec.group == group
                and spec.on(Surface.DETAIL)
                and spec.name not in ("code", "name", "status")
            ],
        }
        for group, title in GROUPS.items()
    ]
    return render(
        request,
        "screens/detail.html",
        {
            "detail": {
                "title": product.name or product.code,
                "code": product.code,
                "badges": [
                    {"text": product.get_status_display(), "color": STATUS_COLORS[product.status]}
                ],
                "actions": actions,
                "more_actions": more,
            },
            "breadcrumbs": [
                {"label": _("Products"), "url": reverse("products")},
                {"label": product.code},
            ],
            "facts": facts,
        },
    )


def _fact(spec: FieldSpec, product: Any) -> dict[str, Any]:
    return {
        "label": spec.title(Product),
        "value": display(spec, product),
        "wide": spec.wide,
        "help": spec.help,
        "past_url": past_url("product", product, spec.name),
    }


@page("catalog.product.view")
@require_POST
def product_status(request: HttpRequest, pk: int, discontinue: bool) -> HttpResponse:
    """Take off sale, or put on sale again."""
    change = product_discontinue if discontinue else product_resume
    change(
        actor=actor_of(request),
        product_id=pk,
        expected_version=version_of(request),
    )
    messages.success(request, _("Saved."))
    return redirect("product", pk=pk)

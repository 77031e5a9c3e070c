"""Search of everything and its suggestions while typing; customers first."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dossier.core.access import Actor
from dossier.core.screens.requests import actor_of, page, text_parameter
from dossier.customers import registries
from dossier.customers.access import CUSTOMER
from dossier.customers.registries import SearchSource, register_search
from dossier.customers.screens.lists import customer_url
from dossier.customers.selectors import best_customers
from dossier.customers.states import CustomerStatus

SUGGESTED, FOUND = 6, 20
_HAN = re.compile(r"[\u3400-\u9fff]")


def _customers(actor: Actor, text: str, most: int) -> list[dict[str, Any]]:
    """Customers that match, the best first."""
    return [
        {
            "url": customer_url(one.pk),
            "title": one.name,
            "hint": " · ".join(part for part in (one.code, one.owner, one.phone) if part),
            "badge": ""
            if one.status == CustomerStatus.ACTIVE
            else CustomerStatus(one.status).label,
            "color": "secondary",
        }
        for one in best_customers(actor, text, most)
    ]


register_search(
    SearchSource(
        key="customers",
        label=gettext_lazy("Customers"),
        order=10,
        find=_customers,
        permission="customers.customer.view",
        all_url=lambda text: f"{reverse('customers')}?{urlencode({'q': text})}",
    )
)


def _groups(request: HttpRequest, text: str, most: int) -> list[dict[str, Any]]:
    actor = actor_of(request)
    groups = []
    for source in registries.sources(actor) if text else []:
        items = source.find(actor, text, most)
        if items:
            more = source.all_url(text) if source.all_url is not None and len(items) == most else ""
            groups.append({"label": source.label, "items": items, "all_url": more})
    return groups


@require_safe
@page()
def search_page(request: HttpRequest) -> HttpResponse:
    """Everything within reach that holds the pieces typed."""
    text = text_parameter(request, "q")
    return render(
        request,
        "screens/search.html",
        {
            "q": text,
            "groups": _groups(request, text, FOUND),
            "create": _create(actor_of(request), text),
        },
    )


def _create(actor: Actor, text: str) -> dict[str, Any] | None:
    """Where a customer who is not found is entered; what was typed is taken along if it is a name."""
    if not text or not actor.can(CUSTOMER.key, "add"):
        return None
    name = f"?{urlencode({'name': text})}" if _HAN.search(text) else ""
    return {"url": reverse("customer-new") + name, "label": _("New customer")}


@require_safe
@page()
def suggest(request: HttpRequest) -> HttpResponse:
    """The same while typing, as options for the search box."""
    text = text_parameter(request, "q")
    context = {
        "q": text,
        "groups": _groups(request, text, SUGGESTED),
        "all_url": f"{reverse('search')}?{urlencode({'q': text})}",
    }
    return render(request, "screens/_suggest.html", context)

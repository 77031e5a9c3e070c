"""What every page shows around its content: menu, search box, the person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from dossier.core.access import Actor
from dossier.core.navigation import create_links, nav_items


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``page`` for the shell templates, made where a template asks for it.

    Parts of pages (suggestions, a table) do not, and need not wait for the menu's figures.
    """
    return {"page": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    """What the shell shows. No queries for a signed-out reader."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.login:
        return {"nav": [], "language": get_language()}
    nav = []
    for item in nav_items():
        if item.permission and not actor.can(*item.permission.rsplit(".", 1)):
            continue
        if item.shown is not None and not item.shown(actor):
            continue
        url = reverse(item.url_name)
        prefix = item.prefix or url
        active = request.path == url if prefix == "/" else request.path.startswith(prefix)
        nav.append(
            {
                "url": url,
                "label": item.label,
                "icon": item.icon,
                "group": item.group,
                "key": item.key,
                "active": active,
                "badge": item.badge(actor) if item.badge else "",
            }
        )
    return {
        "nav": nav,
        "create_links": [
            {"url": reverse(link.url_name), "label": link.label, "icon": link.icon}
            for link in create_links()
            if actor.can(*link.permission.rsplit(".", 1))
        ],
        "actor": {"name": actor.name, "login": actor.login, "roles": _role_names(request)},
        "search_url": _url("search"),
        "search_text": request.GET.get("q", "") if request.path == _url("search") else "",
        "suggest_url": _url("search-suggest"),
        "language": get_language(),
    }


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _role_names(request: HttpRequest) -> list[str]:
    """Names of the reader's roles in the reader's language; the people department gives them."""
    names = getattr(request, "role_names", None)
    return names() if callable(names) else list(getattr(request.actor, "roles", ()))  # type: ignore[attr-defined] # set by ActorMiddleware

"""Every address of the program, found in the URL configuration itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

# Addresses that belong to libraries, answer anybody, or are the API's, which tests/api goes through.
API = "api/v1/"
OUTSIDE = ("i18n/", "healthz", "favicon.ico", "static/", API)


@dataclass(frozen=True)
class Address:
    """One address: its route, the view, the converters of its arguments by name, and its own name."""

    route: str
    view: Any
    arguments: tuple[tuple[str, str], ...]
    name: str = ""

    def path(self, values: dict[str, object]) -> str:
        """The path with its arguments filled in."""
        made = self.route
        for name, converter in self.arguments:
            prefix = "" if converter == "str" and f"<{name}>" in made else f"{converter}:"
            made = made.replace(f"<{prefix}{name}>", str(values[name]))
        return f"/{made}"


def addresses() -> list[Address]:
    """All of them, ours only."""
    return [found for found in _walk(get_resolver(), "") if not found.route.startswith(OUTSIDE)]


def api_addresses() -> list[Address]:
    """Those below the API's root."""
    return [found for found in _walk(get_resolver(), "") if found.route.startswith(API)]


def _walk(resolver: URLResolver, prefix: str) -> list[Address]:
    found: list[Address] = []
    for pattern in resolver.url_patterns:
        assert isinstance(pattern.pattern, RoutePattern), pattern
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _walk(pattern, route)
        elif isinstance(pattern, URLPattern):
            import re

            arguments = tuple(
                (name, converter.rstrip(":") or "str")
                for converter, name in re.findall(r"<(\w+:)?(\w+)>", route)
            )
            found.append(Address(route, pattern.callback, arguments, pattern.name or ""))
    return found

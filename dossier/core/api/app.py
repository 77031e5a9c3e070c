"""The API put together from every department's room ``api.py``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import orjson
from django.apps import apps
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path
from ninja import NinjaAPI
from ninja.parser import Parser

from dossier.core.api import document, problems
from dossier.core.api.routes import all_routes


class _Json(Parser):
    """Reads bodies; unlike the standard library it takes no NaN and no half of a surrogate pair."""

    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


@cache
def load() -> None:
    """Import the room ``api`` of every department, so that object types and operations are known."""
    import_module("dossier.core.api.reference")
    for config in apps.get_app_configs():
        if config.name.startswith("dossier.") and config.name != "dossier.core":
            room = f"{config.name}.api"
            if find_spec(room) is not None:
                import_module(room)


@cache
def api() -> NinjaAPI:
    """The API with all operations."""
    load()
    made = NinjaAPI(
        title="Dossier",
        version="1",
        urls_namespace="api-1",
        docs_url=None,
        openapi_url=None,
        parser=_Json(),
    )
    problems.register(made)
    for routes in all_routes():
        made.add_router("", routes.router())
    return made


def urls() -> list[URLPattern | URLResolver]:
    """Addresses below ``/api/v1/``."""
    patterns, app_name, namespace = api().urls
    return [
        path("", document.to_docs),
        path("docs", document.docs, name="api-docs"),
        path("openapi.json", document.openapi, name="api-openapi"),
        path("", include((patterns, app_name), namespace=namespace)),
        path("<path:rest>", document.nowhere),
    ]

"""A list's own address with some parameters taken away and others put."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

_PASSING = ("after", "before")  # the page of the list: another choice begins at the first


def address(request: HttpRequest, *, drop: Iterable[str] = (), **put: str) -> str:
    """The page's own address, changed; always the first page unless ``put`` says which."""
    query = request.GET.copy()
    for name in (*drop, *_PASSING):
        query.pop(name, None)
    for name, value in put.items():
        query[name] = value
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path

"""A list's own address with some parameters taken away and others put."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest

_PASSING = ("after", "before")  # the page of the list: another choice begins at the first


def address(request: HttpRequest, *, drop: Iterable[str] = (), **put: str) -> str:
    """The page's own address, changed; always the first page unless ``put`` says which."""
    without = {*drop, *_PASSING}
    query = {name: values for name, values in request.GET.lists() if name not in without}
    query.update((name, [value]) for name, value in put.items())
    text = urlencode(query, doseq=True)
    return f"{request.path}?{text}" if text else request.path

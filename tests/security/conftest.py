"""The world of the permission matrix serves the tests of the faults too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.permissions.conftest import no_pages, world

__all__ = ["no_pages", "world"]


@pytest.fixture(autouse=True)
def _files_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Answers that are files are closed, as a server does after sending them.

    Only their files: closing the answer ends the request, and with it the world's connection.
    """
    request, sent = Client.request, []

    def kept(self, **more):
        answer = request(self, **more)
        if answer.streaming:
            sent.append(answer)
        return answer

    monkeypatch.setattr(Client, "request", kept)
    yield
    for answer in sent:
        for close in answer._resource_closers:
            close()

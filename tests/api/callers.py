"""Callers of the API for tests."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from dossier.core.api.app import load
from dossier.core.api.rates import BUCKETS
from dossier.people.models import Account
from dossier.people.selectors import actor_for
from dossier.people.services import token_create

ROOT = "/api/v1"


def token_for(account: Account, *scopes: str, days: int = 90) -> str:
    """A new token of an account, for everything unless scopes are named."""
    load()
    made = token_create(
        actor=actor_for(account), name="test", scopes=scopes or ["*:write"], days=days
    )
    return made.secret


class Api:
    """A program with a token."""

    def __init__(self, token: str, language: str = "en") -> None:
        BUCKETS.forget()
        self.client = Client(
            headers={"authorization": f"Bearer {token}", "accept-language": language}
        )

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request below /api/v1."""
        more: dict[str, Any] = {"headers": headers} if headers else {}
        if body is not None and method != "get":
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method.lower())(f"{ROOT}{path}", **more)

    def get(self, path: str) -> Any:
        """Read."""
        return self.call("get", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Make or do."""
        return self.call("post", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """Change."""
        return self.call("patch", path, body, **headers)


def api_for(account: Account, *scopes: str, language: str = "en") -> Api:
    """A program of this account."""
    return Api(token_for(account, *scopes), language)

"""The client that asks every program alike: one kept connection, JSON, times and rates of callables."""

from __future__ import annotations

import http.client
import json
from typing import Any

from bench.client import AnswerError


class JsonConnection:
    """Asks a program on this machine. A connection the program closes is opened anew."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.headers = {"Content-Type": "application/json"} | (headers or {})
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=900)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer. Raises ``AnswerError`` on any status but 200 and 201."""
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, sent, self.headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status not in (http.HTTPStatus.OK, http.HTTPStatus.CREATED):
            words = text[:300].decode(errors="replace")
            raise AnswerError(f"{method} {path}: {answer.status} {words}")
        return json.loads(text)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

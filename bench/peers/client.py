"""The client that asks every program alike: one kept connection, JSON, times and rates of callables."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
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


def at_once(works: Sequence[Callable[[int], object]], seconds: float) -> float:
    """Pieces of work done a second when each of these does its own again and again, at the same time.

    A work is given how many times it was done before. The first error of any stops the measure and is raised.
    """
    counts = [0] * len(works)
    faults: list[Exception] = []
    until = time.monotonic() + seconds

    def repeat(place: int) -> None:
        try:
            while time.monotonic() < until and not faults:
                works[place](counts[place])
                counts[place] += 1
        except Exception as fault:  # noqa: BLE001 - told to the measuring thread, which raises it
            faults.append(fault)

    threads = [threading.Thread(target=repeat, args=(place,)) for place in range(len(works))]
    began = time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if faults:
        raise faults[0]
    return sum(counts) / (time.monotonic() - began)

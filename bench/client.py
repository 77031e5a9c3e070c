"""A browser's part: signs in, asks for pages over one kept connection, keeps the time."""

from __future__ import annotations

import http.client
import math
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PASSWORD = "haichuan-2026"  # noqa: S105 - of the demonstration alone


class AnswerError(RuntimeError):
    """The program answered something else than the page asked for: a time of it would say nothing."""


class Session:
    """One signed-in person on one connection, or with a ``token`` a program of that person."""

    def __init__(self, port: int, login: str, token: str = "") -> None:
        self.port = port
        self._cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._bearer = {"Authorization": f"Bearer {token}"} if token else {}
        if token:
            return
        _status, page = self.ask("GET", "/sign-in/")
        fields = form_of(page)
        fields |= {"login": login, "password": PASSWORD}
        status, _page = self.ask("POST", "/sign-in/", fields)
        if status != http.HTTPStatus.FOUND:
            raise AnswerError(f"{login} could not sign in: {status}")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """(status, page) of one request."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Accept-Language": "zh-Hans",
            "Referer": f"http://127.0.0.1:{self.port}/",
            **self._bearer,
        }
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return answer.status, text

    def get(self, path: str, holds: str = "") -> str:
        """The page of a path; raises ``AnswerError`` unless it is there and holds the text."""
        status, page = self.ask("GET", path)
        if status != http.HTTPStatus.OK or holds not in page:
            raise AnswerError(f"{path}: {status}, without “{holds}”")
        return page

    def times(self, paths: Sequence[str], holds: str = "") -> list[float]:
        """Milliseconds of each of these pages, after the first three times of the first."""
        for _turn in range(3):
            self.get(paths[0], holds)
        return [timed(lambda path=path: self.get(path, holds)) for path in paths]  # type: ignore[misc] # the loop's own path


def timed(work: Callable[[], object]) -> float:
    """Milliseconds a piece of work takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def median(times: Sequence[float]) -> float:
    """The time half of the requests keep."""
    return statistics.median(times)


def p95(times: Sequence[float]) -> float:
    """The time 19 of 20 requests keep: the shortest that at least 95 in a hundred do not exceed."""
    ordered = sorted(times)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def rate(sessions: Sequence[Session], path: str, seconds: float) -> float:
    """Answers a second when all sessions ask for the page again and again."""
    return at_once([lambda _turn, one=one: one.get(path) for one in sessions], seconds)  # type: ignore[misc] # the loop's own session


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


class _Form(HTMLParser):
    """The fields of the first POST form that has the wanted one."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._open = False
        self._name = ""  # of the select or text area being read
        self._text = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._open = (given.get("method") or "").lower() == "post"
            if self._open:
                self.forms.append({})
        elif not self._open:
            return
        elif tag == "input" and name:
            kind = given.get("type") or "text"
            if kind in ("submit", "button", "file"):
                return
            if kind not in ("checkbox", "radio") or "checked" in given:
                self.forms[-1][name] = given.get("value") or ""
        elif tag in ("select", "textarea") and name:
            self._name, self._text = name, tag == "textarea"
            self.forms[-1].setdefault(name, "")
        elif tag == "option" and self._name and "selected" in given:
            self.forms[-1][self._name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._open and self._name and self._text:
            self.forms[-1][self._name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._name, self._text = "", False
        elif tag == "form":
            self._open = False


def form_of(page: str, field: str = "") -> dict[str, str]:
    """What the first POST form (with this field) of a page would send."""
    reader = _Form()
    reader.feed(page)
    for form in reader.forms:
        if not field or field in form:
            return {
                name: value.removeprefix("\n").replace("\n", "\r\n") for name, value in form.items()
            }
    raise AnswerError(f"the page has no form with “{field}”")

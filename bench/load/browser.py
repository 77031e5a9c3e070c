"""One person's browser: a kept connection, cookies, forms with files; or a program with its token."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import select
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from bench.client import PASSWORD, AnswerError, form_of
from bench.load.samples import BROKEN, Sample, Samples, now

PATIENCE = 60.0  # seconds until a person gives a page up
_TITLE = re.compile(r"<title>\s*(.*?)\s*</title>", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """What came back; status ``BROKEN`` where nothing did."""

    status: int
    text: str = ""
    location: str = ""
    headers: Mapping[str, str] | None = None

    def json(self) -> Any:
        """The object of an answer of the API."""
        return json.loads(self.text)


class Browser:
    """Signed in once; the session is kept over everything that happens to the program."""

    def __init__(self, port: int, samples: Samples, *, token: str = "") -> None:
        self.port = port
        self.samples = samples
        self._token = token
        self._cookies: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def sign_in(self, login: str) -> None:
        """As a person does, by the form."""
        page = self.ask("sign in, page", "GET", "/sign-in/", fine=(200,))
        fields = form_of(page.text) | {"login": login, "password": PASSWORD}
        answer = self.ask("sign in", "POST", "/sign-in/", fields=fields, fine=(302,))
        if answer.status != 302:
            raise AnswerError(f"{login} could not sign in: {answer.status}")

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(
        self,
        kind: str,
        method: str,
        path: str,
        *,
        fields: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        sent: Any = None,
        headers: Mapping[str, str] | None = None,
        fine: tuple[int, ...] = (200,),
    ) -> Answer:
        """Ask once, and note how long it took. ``fine`` are the statuses a person can go on with."""
        body, given = self._body(fields, files, sent)
        given |= dict(headers or {})
        began = now()
        answer = self._exchange(method, path, body, given)
        wanted = answer.status in fine and not answer.location.startswith("/sign-in")
        said = "" if wanted else f"{method} {path}: {_beginning(answer)}"
        self.samples.add(Sample(began, kind, (now() - began) * 1000, answer.status, wanted, said))
        return answer

    def send_and_leave(self, method: str, path: str, *, fields: Mapping[str, str]) -> None:
        """Send a form on a connection of its own and hang up before the answer, as a lost network does."""
        body, headers = self._body(fields, None, None)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.request(method, path, body, headers)
        except OSError:  # the program is being killed just now: nothing was sent, which is as good
            pass
        finally:
            line.close()

    # -- the wire ---------------------------------------------------------------------------------

    def _body(
        self,
        fields: Mapping[str, str] | None,
        files: Mapping[str, tuple[str, bytes]] | None,
        sent: Any,
    ) -> tuple[bytes | None, dict[str, str]]:
        headers = {"Accept-Language": "en", "Referer": f"http://127.0.0.1:{self.port}/"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        else:
            headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in self._cookies.items())
        if sent is not None:
            return json.dumps(sent).encode(), headers | {"Content-Type": "application/json"}
        if files is not None:
            limit = secrets.token_hex(16)
            kind = f"multipart/form-data; boundary={limit}"
            return _multipart(limit, fields or {}, files), headers | {"Content-Type": kind}
        if fields is not None:
            kind = "application/x-www-form-urlencoded"
            return urlencode(fields).encode(), headers | {"Content-Type": kind}
        return None, headers

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        if self._connection is not None and _was_closed(self._connection):
            self.close()  # the program ends connections nobody used for a while
        kept = self._connection is not None
        try:
            return self._once(method, path, body, headers)
        except (OSError, http.client.HTTPException):
            self.close()
        if not (kept and method == "GET"):
            return Answer(BROKEN)
        try:  # browsers ask again by themselves when a connection kept from before has gone
            return self._once(method, path, body, headers)
        except (OSError, http.client.HTTPException):
            self.close()
            return Answer(BROKEN)

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self._connection.request(method, path, body, headers)
        reply = self._connection.getresponse()
        text = reply.read().decode(errors="replace")
        for line in reply.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return Answer(reply.status, text, reply.headers.get("Location", ""), reply.headers)


def _was_closed(connection: http.client.HTTPConnection) -> bool:
    """Whether the other side hung up meanwhile: between two answers there is nothing else to read."""
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])


def _multipart(
    limit: str, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]
) -> bytes:
    parts = [
        f'--{limit}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (file_name, content) in files.items():
        head = f'--{limit}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"'
        parts.append(f"{head}\r\nContent-Type: text/csv\r\n\r\n".encode() + content + b"\r\n")
    return b"".join([*parts, f"--{limit}--\r\n".encode()])


def _beginning(answer: Answer) -> str:
    """What an answer that nobody wanted says, in a line."""
    if answer.status == BROKEN:
        return "no answer"
    title = _TITLE.search(answer.text)
    said = title[1] if title else " ".join(answer.text.split())[:160]
    errors = re.findall(r'class="[^"]*invalid-feedback[^"]*"[^>]*>\s*(.*?)\s*<', answer.text)
    return f"{answer.status} {answer.location} {said} {' '.join(errors)[:200]}".strip()

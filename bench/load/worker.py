"""A person at work: looks, thinks, types, saves, and sends again what got no answer."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.client import form_of
from bench.load.browser import Answer, Browser
from bench.load.journal import Journal, State, Write
from bench.load.samples import BROKEN, Samples
from bench.load.world import Person, World

_NOT_NOW = {BROKEN, 500, 502, 503}  # the person tries again after a moment
_A_MOMENT = 1.0
_TRIES = 45
_CUSTOMER = re.compile(r'href="/customers/(\d+)/"')


class Ended(Exception):  # noqa: N818 - not an error: the working day is over
    """Raised where a person would wait and the run is over."""


@dataclass(frozen=True)
class Pace:
    """How long people look at a page before they act: evenly spread between the two, in seconds.

    ``again``: the share of forms sent twice on purpose, as one who presses twice or loses the connection.
    """

    shortest: float = 2.0
    longest: float = 10.0
    again: float = 0.04


@dataclass
class Worker:
    """One person of the world with a browser, and perhaps a program that works beside."""

    person: Person
    world: World
    port: int
    samples: Samples
    journal: Journal
    pace: Pace
    stop: threading.Event
    seed: int
    known: list[int] = field(default_factory=list)  # customers seen in lists
    orders: list[int] = field(default_factory=list)  # orders entered by this person

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)  # noqa: S311 - whom and what to open
        self.browser = Browser(self.port, self.samples)
        self.program = Browser(self.port, self.samples, token=self.person.token)

    # -- time -------------------------------------------------------------------------------------

    def think(self) -> None:
        """Look at the page."""
        self.wait(self.draw.uniform(self.pace.shortest, self.pace.longest))

    def wait(self, seconds: float) -> None:
        """Wait, unless the run is over."""
        if self.stop.wait(seconds):
            raise Ended

    # -- asking -----------------------------------------------------------------------------------

    def read(
        self,
        kind: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        fine: tuple[int, ...] = (200,),
        by: Browser | None = None,
    ) -> Answer:
        """A page; asked again after a moment while the program does not answer."""
        for _try in range(_TRIES):
            answer = (by or self.browser).ask(kind, "GET", path, headers=headers, fine=fine)
            if answer.status not in _NOT_NOW:
                break
            self.wait(_A_MOMENT)
        return answer

    def form(self, kind: str, path: str, field_name: str) -> dict[str, str] | None:
        """The fields of the form on a page; None where the page could not be had (noted as an error)."""
        answer = self.read(kind, path)
        return form_of(answer.text, field_name) if answer.status == 200 else None

    def submit(
        self,
        kind: str,
        path: str,
        fields: Mapping[str, str],
        write: Write | None = None,
        *,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        fine: tuple[int, ...] = (302,),
    ) -> Answer:
        """A form sent; the same once more after a moment, while there is no answer to it."""
        if write is not None and write.again:
            write.sent += 1
            self.browser.send_and_leave("POST", path, fields=fields)
        return self._until_answered(
            write,
            lambda: self.browser.ask(kind, "POST", path, fields=fields, files=files, fine=fine),
        )

    def call(
        self,
        kind: str,
        method: str,
        path: str,
        sent: Any,
        write: Write,
        *,
        key: str = "",
        fine: tuple[int, ...],
    ) -> Answer:
        """A write through the API by this person's program, with an Idempotency-Key where one is given."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._until_answered(
            write,
            lambda: self.program.ask(kind, method, path, sent=sent, headers=headers, fine=fine),
        )

    def _until_answered(self, write: Write | None, send: Any) -> Answer:
        for _try in range(_TRIES):
            if write is not None:
                write.sent += 1
            answer: Answer = send()
            if answer.status not in _NOT_NOW:
                break
            if write is not None:
                write.unsure = True
            # A form on its way is seen through to an answer even if the run ends meanwhile.
            time.sleep(_A_MOMENT)
        return answer

    # -- what came of it --------------------------------------------------------------------------

    def settle(self, write: Write, answer: Answer, done: tuple[int, ...] = (302,)) -> bool:
        """Note how a write ended, as its author was told; whether it is saved."""
        if answer.status in done and not answer.location.startswith("/sign-in"):
            write.state = State.DONE
            return True
        if answer.status == 409 and not write.unsure and not write.again:
            write.state = State.REFUSED
        return False

    def some_customer(self) -> int | None:
        """One of those seen in lists so far."""
        return self.draw.choice(self.known) if self.known else None

    def remember(self, page: str) -> None:
        """Keep the customers of a list in mind."""
        found = [int(key) for key in _CUSTOMER.findall(page)]
        self.known = list(dict.fromkeys([*found, *self.known]))[:200]

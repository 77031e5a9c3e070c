"""Each process killed in turn under the load: how long until a signed-in person gets a page again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.load.browser import Browser
from bench.load.program import Program
from bench.load.samples import Samples, now

_EVERY = 0.1  # seconds between two looks of the prober
_PATIENCE = 5.0  # a question asked so long before the kill may still be without answer
_WHOLE_SECONDS = 60.0  # until every process must be there again


@dataclass(frozen=True)
class Fault:
    """Something that is killed: ``part`` names it in `Program.parts`, ``place`` which of several."""

    name: str
    part: str
    place: int = 0


@dataclass(frozen=True)
class Outage:
    """What came of one. Seconds from the kill until a page comes again, and until every process is there."""

    name: str
    serves: float
    whole: float
    signed_in: bool
    missing: Sequence[str]  # acknowledged writes that were not there afterwards
    restarts: int = 0

    def held(self, limit: float) -> bool:
        """Whether what is promised was kept."""
        return self.serves <= limit and self.signed_in and not self.missing


FAULTS: Sequence[Fault] = (
    Fault("PostgreSQL, its first process", "postmaster"),
    Fault("PostgreSQL, the process of one connection", "backend"),
    Fault("first web worker", "web worker", 0),
    Fault("second web worker", "web worker", 1),
    Fault("web, which watches its workers", "web"),
    Fault("jobs", "jobs"),
    Fault("dossier run itself, started again at once", "run"),
)
SHORT: Sequence[Fault] = (FAULTS[0], FAULTS[2])


def kill(
    fault: Fault,
    program: Program,
    prober: Browser,
    samples: Samples,
    missing: Callable[[], Sequence[str]],
    *,
    watched: float,
    excused: float,
) -> Outage | None:
    """Kill it and watch for so many seconds; None where there is no such process (one core, one worker)."""
    before = program.parts() | {"run": [program.pid]}
    if len(before[fault.part]) <= fault.place:
        return None
    victim = before[fault.part][fault.place]
    probe = _Probe(prober)
    probe.start()
    time.sleep(3 * _EVERY)
    restarts = 0
    killed = now()
    samples.killed_at(killed, excused)
    program.kill(victim)
    if fault.part == "run":
        restarts = 1
        program.start()
    whole = 0.0
    while now() - killed < watched or (not whole and now() - killed < _WHOLE_SECONDS):
        if not whole and _is_whole(program, before, victim):
            whole = now() - killed
        if fault.part == "run" and not program.pid:
            restarts += 1
            program.start()
        time.sleep(_EVERY)
    probe.stop()
    return Outage(
        fault.name,
        probe.serves_after(killed),
        whole or float("inf"),
        probe.signed_in,
        missing(),
        restarts,
    )


def _is_whole(program: Program, before: dict[str, list[int]], victim: int) -> bool:
    """As many processes of each part as before (connections come as they are needed), without the dead."""
    present = program.parts()
    return all(
        victim not in pids and len(pids) >= (len(before[part]) if part != "backend" else 1)
        for part, pids in present.items()
    )


class _Probe(threading.Thread):
    """Asks for a page as a signed-in person, on a new connection each time."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(name="probe")
        self._browser = browser
        self._ends = threading.Event()
        self.signed_in = True
        self._failed_at: list[float] = []
        self._served: list[tuple[float, float]] = []  # asked, answered

    def run(self) -> None:
        """Until stopped."""
        while not self._ends.wait(_EVERY):
            began = now()
            answer = self._browser.ask("probe", "GET", "/customers/")
            self._browser.close()
            if answer.status == 200:
                self._served.append((began, now()))
            else:
                self._failed_at.append(began)
                self.signed_in &= not answer.location.startswith("/sign-in")

    def stop(self) -> None:
        """No more questions."""
        self._ends.set()
        self.join()

    def serves_after(self, killed: float) -> float:
        """Seconds from the kill to the first page after the last failure, or the longest anybody had to
        wait for a page meanwhile, if that is longer; infinite: no page came any more."""
        failed = [at for at in self._failed_at if at >= killed - _PATIENCE]
        waited = [end - max(began, killed) for began, end in self._served if end > killed]
        if not failed:
            return max(waited, default=float("inf"))
        later = [end for began, end in self._served if began > failed[-1]]
        return max(min(later) - killed, *waited) if later else float("inf")

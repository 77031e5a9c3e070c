"""Starts the program and its commands as a user does, and weighs their memory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_MEBI = 1024
_LOOK_EVERY = 0.3  # seconds between two weighings
_PATIENCE = 180.0  # seconds for the first answer
_CALM = 0.1  # of one core: less than that is calm
_CALM_EVERY = 5.0
CALM_FOR = 70.0  # seconds: jobs that have more to do go on with it each minute
_CALM_PATIENCE = 1_800.0


class CommandError(RuntimeError):
    """A command of the program did not end well; its last words are the text."""


@dataclass(frozen=True)
class Ended:
    """A command that was watched: wall-clock seconds and the most memory (PSS, MB) it took with its
    children, and the same with the database's processes."""

    seconds: float
    own_mb: float
    all_mb: float


@dataclass(frozen=True)
class Home:
    """A home of the program: a database of its own with everything in it."""

    path: Path

    def environment(self) -> dict[str, str]:
        """What the program is told: this home, English, and no other database."""
        told = {key: value for key, value in os.environ.items() if not key.startswith("DOSSIER_")}
        return told | {"DOSSIER_HOME": str(self.path), "DOSSIER_LANG": "en"}

    def command(self, *words: str, done: tuple[int, ...] = (0,)) -> str:
        """Run `dossier …`; what it said. Raises ``CommandError`` on an exit status not in ``done``."""
        ended = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "dossier.config.cli", *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode not in done:
            raise CommandError(f"dossier {' '.join(words)}: {ended.stderr.strip()[-500:]}")
        return ended.stdout

    def watched(self, *words: str, done: tuple[int, ...] = (0,)) -> Ended:
        """Run `dossier …` and weigh it while it runs."""
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "dossier.config.cli", *words],
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        own = both = 0.0
        ends = threading.Event()

        def weigh() -> None:
            nonlocal own, both
            while not ends.wait(_LOOK_EVERY):
                weights = memory_of([process.pid, *self._postmaster()])
                mine = weights[process.pid]
                own, both = max(own, mine), max(both, sum(weights.values()))

        watcher = threading.Thread(target=weigh)
        watcher.start()
        try:
            _out, complaint = process.communicate()
        finally:
            seconds = time.monotonic() - began
            ends.set()
            watcher.join()
        if process.returncode not in done:
            raise CommandError(f"dossier {' '.join(words)}: {complaint.strip()[-500:]}")
        return Ended(seconds, own, both)

    def _postmaster(self) -> list[int]:
        try:
            text = (self.path / "postgres" / "postmaster.pid").read_text(encoding="ascii")
        except OSError:  # not started so far
            return []
        return [int(text.split("\n", 1)[0])]

    @contextmanager
    def serving(self, calm: float = CALM_FOR) -> Iterator[Serving]:
        """The whole program as `dossier run` starts it: database, two web workers, jobs.

        Yields when everything together has had less than a tenth of a core to do for ``calm`` seconds.
        """
        port = free_port()
        log = self.path.with_suffix(".log").open("wb")
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "dossier.config.cli", "run", "--no-demo", "--port", str(port)],
            env=self.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", process)
            _wait_for_calm(process.pid, self, calm)
            yield Serving(self, port, process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
            log.close()


@dataclass(frozen=True)
class Serving:
    """The running program."""

    home: Home
    port: int
    pid: int

    def memory(self) -> tuple[float, float]:
        """(MB of the program's processes, MB of PostgreSQL's), proportional shares."""
        weights = memory_of([self.pid, *self.home._postmaster()])
        own = weights.pop(self.pid)
        return own, sum(weights.values())


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CommandError("dossier run ended at once; see its log beside the home")
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):  # not yet
            time.sleep(0.2)
    raise CommandError(f"dossier run did not answer within {_PATIENCE:.0f} s")


def _wait_for_calm(pid: int, home: Home, seconds: float) -> None:
    """Until the jobs have worked off what was loaded and the server has tidied up after it."""
    deadline = time.monotonic() + _CALM_PATIENCE
    calm = 0.0
    while calm < seconds:
        if time.monotonic() > deadline:
            sys.stderr.write("! The jobs are still at work: what comes now is slower for it.\n")
            return
        before = _worked([pid, *home._postmaster()])
        time.sleep(_CALM_EVERY)
        busy = (_worked([pid, *home._postmaster()]) - before) / _CALM_EVERY
        calm = calm + _CALM_EVERY if busy < _CALM else 0.0


def _worked(roots: list[int]) -> float:
    """Seconds of processor time of these processes and their descendants, as far as they still run."""
    ticks = 0
    for pid in _family(roots):
        try:
            words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:  # it has just ended
            continue
        told = words.rpartition(")")[2].split()
        ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(roots: list[int]) -> list[int]:
    children = children_of_each()
    found, waiting = [], list(roots)
    while waiting:
        found.append(pid := waiting.pop())
        waiting += children[pid]
    return found


def children_of_each() -> defaultdict[int, list[int]]:
    """The living children of each process."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "stat").read_text(encoding="ascii", errors="replace")
            except OSError:  # it has just ended
                continue
            state, parent = words.rpartition(")")[2].split()[:2]
            if state != "Z":  # dead, and not yet taken leave of
                found[int(parent)].append(int(place.name))
    return found


def memory_of(roots: list[int]) -> dict[int, float]:
    """Proportional memory in MB of each process with all its descendants; a nearer root counts."""
    children = children_of_each()
    taken = set(roots)
    weights = {}
    for root in roots:
        total, waiting = 0.0, [root]
        while waiting:
            pid = waiting.pop()
            total += _pss(pid)
            waiting += [child for child in children[pid] if child not in taken]
        weights[root] = total
    return weights


def _pss(pid: int) -> float:
    try:
        with Path(f"/proc/{pid}/smaps_rollup").open(encoding="ascii") as lines:
            for line in lines:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) / _MEBI
    except OSError:  # it has just ended
        pass
    return 0.0

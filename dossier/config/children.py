"""A child process of the supervisor: started, watched, started again with patience, stopped for sure."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from dossier.core.db.processes import die_with_parent

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 15.0
_STEADY_SECONDS = 30.0  # having lived this long, an earlier death counts no more

# Each of a worker's threads would keep a heap of its own and give nothing back: a tenth more memory after an
# hour of work, for nothing, since Python runs one thread at a time. Only glibc reads this.
_ALLOCATOR = {"MALLOC_ARENA_MAX": "2"}

_ROOT = Path(__file__).resolve().parent.parent.parent


class Child:
    """A Python module run as a process of its own, with a process group of its own."""

    def __init__(self, name: str, words: list[str]) -> None:
        self.name = name
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._deaths = 0
        self._not_before = 0.0

    def start(self) -> None:
        """Start it now. Call from the main thread: the kernel ends the child with that thread."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", *self._words],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )

    def revive(self) -> bool:
        """Start it again if it died, unless it dies too often just now; whether it was started."""
        now = time.monotonic()
        process = self._process
        if process is not None:
            if process.poll() is None:
                return False
            self._end_group(process)
            self._process = None
            self._deaths = 1 if now - self._started > _STEADY_SECONDS else self._deaths + 1
            pause = min(_FIRST_PAUSE * 2 ** (self._deaths - 1), _LONGEST_PAUSE)
            self._not_before = now + pause
        if now < self._not_before:
            return False
        self.start()
        return True

    def ask_to_stop(self) -> None:
        """SIGTERM: finish what you do and end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait_or_kill(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic), then end it and whatever it started."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        self._end_group(process)
        process.wait(1)

    @staticmethod
    def _end_group(process: subprocess.Popen[bytes]) -> None:
        """What the child started must not outlive it: it would hold the port."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def run_once(*words: str, out: IO[bytes] | None = None) -> int:
    """Run a module of ours to its end; its exit status."""
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", *words],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=out,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    return process.wait()


def _environment() -> dict[str, str]:
    """Ours, and the folder of the program first on the path, wherever `dossier` was called."""
    path = os.pathsep.join(part for part in (str(_ROOT), os.environ.get("PYTHONPATH", "")) if part)
    return _ALLOCATOR | os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}

"""The program as a user starts it, its processes by what they do, and their end by `kill -9`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench.processes import CommandError, Home, children_of_each, free_port, memory_of

_FIRST_ANSWER = 180.0  # seconds; the first start of a home prepares its tables


@dataclass
class Program:
    """`dossier run` on a home. One who kills it starts it anew with ``start``, as a service manager does."""

    home: Home
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says, and its errors."""
        return self.home.path.with_suffix(".log")

    def start(self) -> None:
        """Start it and do not wait."""
        words = ["run", "--no-demo", "--port", str(self.port)]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "dossier.config.cli", *words],
                env=self.home.environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + _FIRST_ANSWER
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise CommandError(f"dossier run ended at once; see {self.log}")
            with (
                contextlib.suppress(URLError, OSError),
                urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5),
            ):
                return
            time.sleep(0.2)
        raise CommandError(f"dossier run did not answer within {_FIRST_ANSWER:.0f} s")

    def stop(self) -> None:
        """Ctrl-C; whatever does not end is a fault of the program."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def memory(self) -> tuple[float, float]:
        """(MB of the program's processes, MB of PostgreSQL's), proportional shares; zeros while it is down."""
        roots = [pid for pid in (self.pid, self.postmaster) if pid]
        weights = memory_of(roots)
        return weights.get(self.pid, 0.0), weights.get(self.postmaster, 0.0)

    def cpu(self) -> tuple[float, float]:
        """Seconds of a core the living processes have taken so far: (the program's, PostgreSQL's)."""
        parts = self.parts()
        own = [self.pid, *parts["web"], *parts["web worker"], *parts["jobs"]]
        postgres = [self.postmaster, *children_of_each()[self.postmaster]]
        return sum(map(_cpu, own)), sum(map(_cpu, postgres))

    # -- who is who -------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The process that watches the others; 0 when there is none."""
        return self.process.pid if self.process is not None and self.process.poll() is None else 0

    @property
    def postmaster(self) -> int:
        """PostgreSQL's first process; 0 when there is none."""
        try:
            text = (self.home.path / "postgres" / "postmaster.pid").read_text(encoding="ascii")
            pid = int(text.split("\n", 1)[0])
        except (OSError, ValueError):
            return 0
        return pid if Path(f"/proc/{pid}").exists() else 0

    def parts(self) -> dict[str, list[int]]:
        """The living processes by part: web, web worker, jobs, postmaster, backend."""
        children = children_of_each()
        found: dict[str, list[int]] = {
            name: [] for name in ("web", "web worker", "jobs", "backend")
        }
        for pid in children[self.pid] if self.pid else []:
            line = _words(pid)
            if "dossier.config.web" in line:
                found["web"].append(pid)
                found["web worker"] += [
                    one for one in children[pid] if "resource_tracker" not in _words(one)
                ]
            elif "dossier.config.worker" in line:
                found["jobs"].append(pid)
        postmaster = self.postmaster
        found["postmaster"] = [postmaster] if postmaster else []
        found["backend"] = [pid for pid in children[postmaster] if "dossier_app" in _words(pid)]
        return found

    def kill(self, pid: int) -> None:
        """`kill -9`."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if self.process is not None and pid == self.process.pid:
            self.process.wait()


def _words(pid: int) -> str:
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:  # it has just ended
        return ""


def _cpu(pid: int) -> float:
    """Of a process and those of its children that have ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:  # it has just ended
        return 0.0
    return sum(map(int, words.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")

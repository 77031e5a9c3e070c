"""A real browser on the real program: `dossier run` in a home of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Program:
    """The running program: where it answers, its home, its process."""

    address: str
    home: Path
    process: subprocess.Popen[bytes]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `dossier …` on the program's own database."""
        return subprocess.run(
            [sys.executable, "-m", "dossier.config.cli", *arguments],
            env=environment(self.home),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def environment(home: Path) -> dict[str, str]:
    """The environment of a program with this home."""
    return {**os.environ, "DOSSIER_HOME": str(home), "DOSSIER_LANG": "en"}


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(place: Path, *options: str) -> Iterator[Program]:
    """A program of its own in an empty home; stopped by Ctrl-C within five seconds."""
    home, port = place / "home", free_port()
    log = (place / "run.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "dossier.config.cli", "run", *options, "--port", str(port)],
        env=environment(home),
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310 - our own address
                    break
            except OSError:
                assert process.poll() is None, (place / "run.log").read_text()
                assert time.monotonic() < deadline, (place / "run.log").read_text()
                time.sleep(0.3)
        yield Program(address, home, process)
    finally:
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            log.close()
        assert time.monotonic() - began < 20  # five seconds on a quiet machine
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program of one's own with an empty database."""
    with running(tmp_path, "--no-demo") as found:
        yield found


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The demonstration company, shared by all tests that leave it usable for the others."""
    with running(tmp_path_factory.mktemp("company")) as found:
        yield found


# Not for the session: while Playwright's loop runs, Django refuses the database to other tests.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; skipped with a reason where it is not installed (CI installs it)."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()

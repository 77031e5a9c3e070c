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
from dataclasses import dataclass
from pathlib import Path

import pytest

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


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program of its own with an empty database; stopped by Ctrl-C within five seconds."""
    home, port = tmp_path / "home", free_port()
    log = (tmp_path / "run.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "dossier.config.cli", "run", "--no-demo", "--port", str(port)],
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
                assert process.poll() is None, (tmp_path / "run.log").read_text()
                assert time.monotonic() < deadline, (tmp_path / "run.log").read_text()
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
def chromium() -> Iterator[object]:
    """Debian's Chromium; skipped with a reason where it is not installed (CI installs it)."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()

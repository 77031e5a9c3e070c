"""`dossier run` on a home of its own: serves, refuses a second one, mends itself, leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from dossier.config.supervisor import Supervisor
from dossier.core.db import embedded
from dossier.core.db.embedded import Cluster

pytestmark = pytest.mark.slow


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def dossier(home: Path, *words: str, **options) -> subprocess.Popen[str]:
    environment = os.environ | {"DOSSIER_HOME": str(home), "DOSSIER_LANG": "en"}
    for name in ("DOSSIER_DATABASE_URL", "DOSSIER_OWNER_DATABASE_URL"):
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "-m", "dossier.config.cli", *words], env=environment, text=True, **options
    )


@contextmanager
def instance(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A running instance that has said it is ready; killed at the end if the test left it."""
    process = dossier(home, "run", "--no-demo", "--port", str(port), stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if f"http://127.0.0.1:{port}/" in line:
                break
        else:
            pytest.fail("it did not get ready: " + "".join(lines))
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def serves(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def database_answers(home: Path) -> bool:
    try:
        psycopg.connect(Cluster(home).urls().app).close()
    except psycopg.OperationalError:
        return False
    return True


def within(seconds: float, true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_day_in_the_life(tmp_path, port):
    home = tmp_path / "客档 home"
    with instance(home, port) as running:
        assert serves(port)

        second = dossier(home, "run", "--port", "1", stderr=subprocess.PIPE)
        _, message = second.communicate(timeout=30)
        assert second.returncode == 1
        assert (
            f"already running for {home}: http://127.0.0.1:{port}/ (process {running.pid})"
            in message
        )

        check = dossier(home, "check", stderr=subprocess.PIPE)
        _, report = check.communicate(timeout=60)
        assert check.returncode == 0, report
        assert database_answers(home)

        postmaster = int((home / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(postmaster, signal.SIGKILL)
        assert within(10, lambda: database_answers(home) and serves(port))

        began = time.monotonic()
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
        assert time.monotonic() - began < 5
    assert not serves(port)
    assert not Cluster(home).is_running()


def test_killed_with_9_it_leaves_nothing_and_starts_again(tmp_path, port):
    with instance(tmp_path, port) as running:
        running.kill()
        assert within(10, lambda: not serves(port) and not Cluster(tmp_path).is_running())
    with instance(tmp_path, port) as running:
        assert serves(port)
        running.terminate()
        assert running.wait(10) == 0
    assert not Cluster(tmp_path).is_running()


def test_what_is_read_before_the_web_workers_are_made_is_safe_to_share(tmp_path):
    """A connection or a thread of the parent would be broken in the workers divided from it."""
    told = os.environ | {"DOSSIER_HOME": str(tmp_path)}
    look = (
        "import threading\n"
        "from dossier.config.web import read_program\n"
        "application = read_program()\n"
        "from django.db import connections\n"
        "assert callable(application)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "from django.db.backends.postgresql.base import DatabaseWrapper\n"
        "assert all(one.connection is None for one in connections.all(initialized_only=True))\n"
        "assert not DatabaseWrapper._connection_pools\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", look], env=told, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr


def test_killed_web_workers_are_replaced_without_reading_the_program_again(tmp_path, port):
    with instance(tmp_path, port) as running:
        [web] = [pid for pid in children(running.pid) if "dossier.config.web" in command_of(pid)]
        first = children(web)
        for victim in first:  # so that none but fresh ones can answer
            os.kill(victim, signal.SIGKILL)
        assert within(60, lambda: serves(port))
        fresh = [pid for pid in children(web) if pid not in first]
        # Reading the program costs a second and a half of a core; being divided from it, next to nothing.
        assert fresh
        assert max(map(cpu_seconds, fresh)) < 0.8
        running.terminate()
        assert running.wait(10) == 0


def children(parent: int) -> list[int]:
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if int(words[1]) == parent and words[0] != "Z":
                found.append(int(place.name))
    return sorted(found)


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def cpu_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def slow_server(monkeypatch):
    """A server that takes six seconds to come up, as one that repeats a long log after a kill."""
    place = Path(tempfile.mkdtemp())  # where the server's own user may go
    place.chmod(0o755)
    script = place / "postgres"
    script.write_text(f'#!/bin/sh\nsleep 6\nexec {embedded.program("postgres")} "$@"\n')
    script.chmod(0o755)
    real = embedded.program
    monkeypatch.setattr(
        embedded, "program", lambda name: str(script) if name == "postgres" else real(name)
    )
    yield
    shutil.rmtree(place)


def killed_server(home: Path) -> tuple[Supervisor, Cluster]:
    """A supervisor whose database was just killed with -9."""
    cluster = Cluster(home)
    cluster.start()
    assert cluster._process is not None
    cluster._process.kill()
    cluster._process.wait()
    supervisor = Supervisor.__new__(Supervisor)  # without the settings of an installation
    supervisor.cluster, supervisor._stop = cluster, threading.Event()
    cluster.given_up = supervisor._stop.is_set
    return supervisor, cluster


def test_a_killed_database_that_is_slow_to_come_back_is_waited_for(tmp_path, request):
    supervisor, cluster = killed_server(tmp_path)
    request.getfixturevalue("slow_server")
    supervisor._revive_database()
    assert cluster.is_running()
    cluster.stop()


def test_ctrl_c_does_not_wait_for_a_database_that_is_slow_to_come_back(tmp_path, request):
    supervisor, cluster = killed_server(tmp_path)
    request.getfixturevalue("slow_server")
    threading.Timer(0.5, supervisor._stop.set).start()
    began = time.monotonic()
    supervisor._revive_database()
    assert time.monotonic() - began < 5
    assert not cluster.is_running()


def test_a_port_in_use_is_said(tmp_path, port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        process = dossier(tmp_path, "run", "--no-demo", "--port", str(port), stderr=subprocess.PIPE)
        _, message = process.communicate(timeout=90)
    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in message
    assert "Traceback" not in message
    assert not Cluster(tmp_path).is_running()

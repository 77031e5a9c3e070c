"""`dossier run`: keeps the database, the web and the jobs alive together, and stops them together.

The supervisor itself does little, so that it does not fail: it starts children, looks twice a second
whether they live, starts them again when they died, and on Ctrl-C or SIGTERM stops web and jobs, then the
database. When it is killed with -9 the kernel tells the children to end.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from dossier.config.children import Child, run_once
from dossier.config.commands import MODULES
from dossier.config.exits import CommandError, Exit
from dossier.config.runlock import run_lock
from dossier.core.backup.swapping import settle
from dossier.core.bilingual import bilingual
from dossier.core.db.embedded import Cluster, EmbeddedError
from dossier.people.first_run import first_run_code

_LOOK_EVERY = 0.5
_FIRST_ANSWER_SECONDS = 60.0
_PORT_SECONDS = 5.0  # a predecessor that was killed needs a moment to let the port go
_CHILDREN_SECONDS = 2.5  # of the 5 seconds in which everything is stopped
_DATABASE_SECONDS = 1.5
_THREADS = 4  # per web worker; they wait for the database most of the time


class Supervisor:
    """One running instance of a home."""

    def __init__(self, *, host: str, port: int, demo: bool) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dossier.config.settings")
        from django.conf import settings

        self.host = host
        self.port = port
        self.demo = demo
        self.home: Path = settings.HOME_DIR
        self.database_url: str = settings.DATABASE_URL
        self.served_as = _served_as(settings.ALLOWED_HOSTS)
        self.cluster = Cluster(self.home) if settings.EMBEDDED else None
        self._stop = threading.Event()
        if self.cluster is not None:
            self.cluster.given_up = (
                self._stop.is_set
            )  # Ctrl-C does not wait for a server to come up
        self._children: list[Child] = []

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the program."""
        host = "localhost" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 - only compared
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def run(self) -> int:
        """Start everything, watch it, stop everything; the exit status."""
        with run_lock(self.home, self.address):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: self._stop.set())
            with self._database():
                try:
                    return self._serve()
                finally:
                    self._stop_children()

    # -- database -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _database(self) -> Iterator[None]:
        if self.cluster is None:
            yield
            return
        with self.cluster.used(bound_to_us=True):
            settle(self.home)
            try:
                yield
            finally:
                self.cluster.stop(timeout=_DATABASE_SECONDS)

    def _revive_database(self) -> None:
        if self.cluster is None or self.cluster.is_running():
            return
        _say(bilingual("The database stopped; starting it again.", "数据库已停止，正在重新启动。"))
        try:
            self.cluster.start(bound_to_us=True)
        except EmbeddedError as error:  # tried again at the next look
            if not self._stop.is_set():
                _say(str(error))

    def _prepare(self) -> None:
        from dossier.config import schema

        if not schema.is_current(self.database_url):
            _say(bilingual("Preparing the database …", "正在准备数据库……"))
            if run_once("dossier.config.cli", "migrate", "--quiet") != 0:
                raise CommandError(
                    bilingual("The database could not be prepared.", "数据库准备失败。")
                )

    # -- serving --------------------------------------------------------------------------------

    def _serve(self) -> int:
        self._prepare()
        logins = self._load_demo()
        if self._stop.is_set():
            return Exit.DONE
        self._wait_for_port()
        self._start(self._web())
        if not self._wait_for_first_answer():
            return Exit.DONE if self._stop.is_set() else Exit.FAILED
        self._start(Child("jobs", ["dossier.config.worker"]))  # after the first page, not beside it
        _say(
            bilingual(
                f"Dossier is ready: {self.address}  (Ctrl-C stops it)",
                f"客档已就绪：{self.address}（按 Ctrl-C 停止）",
            )
        )
        if logins:
            _say(logins)
        else:
            self._say_first_run()
        while not self._stop.wait(_LOOK_EVERY):
            self._look()
        _say(bilingual("Stopping …", "正在停止……"))
        return Exit.DONE

    def _say_first_run(self) -> None:
        """While nobody can sign in yet: the code that makes the first administrator from elsewhere."""
        with psycopg.connect(self.database_url, connect_timeout=5) as connection:
            row = connection.execute("SELECT NOT EXISTS (SELECT FROM people_account)").fetchone()
        if row is not None and row[0]:
            code = first_run_code(self.home)
            _say(
                bilingual(
                    f"Open the address to make the first administrator. From another machine the code is: {code}",
                    f"请打开上述地址建立第一位管理员；从其他电脑访问时需要输入代码：{code}",
                )
            )

    def _start(self, child: Child) -> None:
        self._children.append(child)
        child.start()

    def _look(self) -> None:
        self._revive_database()
        for child in self._children:
            if child.revive():
                _say(bilingual(f"Started “{child.name}” again.", f"已重新启动“{child.name}”。"))

    def _web(self) -> Child:
        # Two processes use two cores (Python runs one thread at a time), and while one is being
        # replaced the other answers.
        words = ["dossier.config.web", "--host", self.host, "--port", str(self.port)]
        words += ["--workers", str(min(2, os.cpu_count() or 1)), "--threads", str(_THREADS)]
        return Child("web", words)

    def _load_demo(self) -> str:
        """Load the demo company once into an empty database; its log-ins, to be shown at each start."""
        note = self.home / "demo.txt"
        if not self.demo or "demo" not in MODULES:
            return ""
        if not note.exists():
            draft = note.with_suffix(".new")
            with draft.open("wb") as out:
                status = run_once("dossier.config.cli", "demo", "--once", out=out)
            if status != 0:
                raise CommandError(
                    bilingual("The demo company could not be loaded.", "演示公司载入失败。")
                )
            draft.rename(note)
        return note.read_text(encoding="utf-8").strip()

    # -- waiting --------------------------------------------------------------------------------

    def _wait_for_port(self) -> None:
        deadline = time.monotonic() + _PORT_SECONDS
        while True:
            problem = _port_problem(self.host, self.port)
            if problem is None:
                return
            if problem.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise CommandError(
                    bilingual(
                        f"Port {self.port} on {self.host} cannot be used: {problem.strerror}. "
                        "Choose another with --port.",
                        f"无法使用 {self.host} 的端口 {self.port}：{problem.strerror}。请用 --port 另选端口。",
                    )
                )
            if self._stop.wait(0.1):
                return

    def _wait_for_first_answer(self) -> bool:
        deadline = time.monotonic() + _FIRST_ANSWER_SECONDS
        while time.monotonic() < deadline and not self._stop.wait(0.05):
            if _answers(self.host, self.port, self.served_as):
                return True
            self._look()
        if not self._stop.is_set():
            _say(
                bilingual(
                    "The web process does not answer; see the messages above.",
                    "网页服务没有响应，请查看上面的信息。",
                )
            )
        return False

    def _stop_children(self) -> None:
        """Ask all at once, wait for all together, then end what is left."""
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + _CHILDREN_SECONDS
        for child in self._children:
            child.wait_or_kill(deadline)


def _served_as(hosts: list[str]) -> str:
    """A name the program answers to, for the supervisor's own question."""
    plain = [host for host in hosts if not host.startswith((".", "*"))]
    return plain[0] if plain else "localhost"


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - only compared


def _port_problem(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _answers(host: str, port: int, served_as: str) -> bool:
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": served_as})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _say(text: str) -> None:
    print(text, file=sys.stdout, flush=True)  # noqa: T201 - the command line's own output

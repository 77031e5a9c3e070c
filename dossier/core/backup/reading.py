"""Opens a backup, proves it whole, and unpacks it. Nothing in it is used before all of it is proven."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from dossier.core.backup import home
from dossier.core.backup.container import FORMAT, HEAD, MANIFEST, PIECE, Source, members, prove
from dossier.core.backup.envelope import MAGIC, Decrypting
from dossier.core.backup.refusals import (
    FULL,
    damaged,
    key_missing,
    no_backup,
    no_room,
    passphrase_missing,
)
from dossier.core.errors import Refusal

_START = HEAD.encode() + b"\0"  # a tar begins with the name of its first member


@dataclass(frozen=True)
class Backup:
    """A backup whose every byte is proven."""

    path: Path
    file: BinaryIO = field(repr=False)
    passphrase: str | None = field(repr=False)
    sha256: str
    head: dict[str, Any]
    signed: bool  # False: whole, but who made it is unproven

    @property
    def encrypted(self) -> bool:
        """Whether it is encrypted, and so holds the keys."""
        return self.passphrase is not None

    def content(self) -> Any:
        """The tar, from its beginning."""
        if self.passphrase is not None:
            return Decrypting(self.file, self.passphrase)
        self.file.seek(0)
        return self.file


def is_backup(path: Path) -> bool:
    """Whether a file begins as a backup of ours does; says nothing of its being whole."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(MAGIC))
    except OSError:
        return False
    return begins == MAGIC or (
        begins.startswith(_START[: len(begins)]) and len(begins) >= len(_START)
    )


@contextmanager
def opened(
    path: Path, *, passphrase: str | None, key: bytes, without_key: bool = False
) -> Iterator[Backup]:
    """Open and prove a backup. ``key``: this home's key of the history, which signs unencrypted ones.

    ``without_key`` accepts an unencrypted one of another key: whole, but unsigned.
    """
    if not path.is_file() or not is_backup(path):
        raise no_backup(path)
    with path.open("rb") as file:
        if file.read(len(MAGIC)) == MAGIC:
            if passphrase is None:
                raise passphrase_missing()
            content = Decrypting(file, passphrase)
            sha256 = prove(content, key=content.keys.signature)
            made = Backup(path, file, passphrase, sha256, {}, signed=True)
        else:
            ours = _key_named(file) == home.key_name(key)
            file.seek(0)
            sha256 = prove(file, key=home.signature_key(key) if ours else None)
            if not ours and not without_key:
                raise key_missing()
            made = Backup(path, file, None, sha256, {}, signed=ours)
        made.head.update(_first(made))
        if made.head.get("format") != FORMAT:
            raise newer()
        yield made


def newer() -> Refusal:
    """The backup comes from a program that knows more than this one."""
    from django.utils.translation import gettext_lazy as _

    return Refusal(
        "backup_newer",
        _(
            "This backup was made by a newer version of the program. Install that version, then restore."
        ),
    )


def _key_named(file: BinaryIO) -> str:
    """Which key the front of an unencrypted file names; not proven so far."""
    file.seek(0)
    try:
        for _name, size, content in members(file):
            return str(json.loads(content.read(min(size, PIECE)))["key"])
    except (tarfile.TarError, ValueError, KeyError, TypeError, RecursionError, Refusal) as error:
        raise damaged("head") from error
    raise damaged("head")


def _first(made: Backup) -> dict[str, Any]:
    for name, size, content in members(made.content()):
        if name == HEAD:
            head: dict[str, Any] = json.loads(content.read(size))
            return head
        break
    raise damaged("head")


def unpack(backup: Backup, folder: Path | None) -> dict[str, Any]:
    """Read every member against the manifest, into ``folder`` if one is given; the manifest."""
    seen: list[list[Any]] = []
    manifest: dict[str, Any] = {}
    try:
        for name, size, content in members(backup.content()):
            if name == MANIFEST:
                manifest = json.loads(content.read(size))
                continue
            if manifest:
                break  # the end, which was proven
            seen.append([name, size, _take(content, folder / name if folder else None)])
    except OSError as error:
        if error.errno in FULL:
            raise no_room(folder or "") from error
        raise
    if manifest.get("id") != backup.head["id"] or manifest.get("members") != seen:
        raise damaged("manifest")
    return manifest


def _take(content: Source, target: Path | None) -> str:
    """Read a member to its end, writing it where wanted; its SHA-256."""
    digest = hashlib.sha256()
    if target is None:
        while piece := content.read(PIECE):
            digest.update(piece)
        return digest.hexdigest()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while piece := content.read(PIECE):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def room_needed(backup: Backup) -> int:
    """Bytes a restore takes at most: what is unpacked, and the database beside the old one."""
    return backup.path.stat().st_size + int(backup.head["database_bytes"] * 1.2)


def refuse_without_room(backup: Backup, place: Path) -> None:
    """Refuse before anything is begun where the disk cannot take it."""
    if shutil.disk_usage(place).free < room_needed(backup):
        raise no_room(place)

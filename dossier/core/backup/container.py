"""The file itself: a tar of members, a manifest, and an end that seals every byte before it.

The end is 2,048 bytes that follow from the bytes before them alone (their number, SHA-256 and a keyed
digest of that), so a byte changed, added, left out or moved anywhere is found by reading the file once,
before anything in it is looked at.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from dossier.core.backup.refusals import damaged

FORMAT = 1
HEAD, MANIFEST, END = "dossier-backup.json", "manifest.json", "seal.json"
_BLOCK = 512
END_BYTES = 4 * _BLOCK  # a member's head, its content, and the two empty blocks that end a tar
PIECE = 1024 * 1024
_FOLDERS = frozenset({"database", "files", "seals", "secrets"})


class Sink(Protocol):
    """Something bytes are written to."""

    def write(self, data: bytes, /) -> object:
        """Take the bytes."""


class Source(Protocol):
    """Something bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, fewer than asked for only at the end."""


class Member(NamedTuple):
    """One member as the manifest lists it."""

    name: str
    size: int
    sha256: str


def is_member_name(name: str) -> bool:
    """Whether a member may be called so: one of ours, never a way out of the folder it is unpacked to."""
    first, *rest = name.split("/")
    if not rest:
        return first in (HEAD, MANIFEST, END)
    return first in _FOLDERS and not any(part in ("", ".", "..") or "\0" in part for part in rest)


def _tar_head(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, 0
    return info.tobuf(tarfile.PAX_FORMAT)


def _end(sha256: str, size: int, key: bytes) -> bytes:
    signature = hmac.new(key, f"{FORMAT} {size} {sha256}".encode(), hashlib.sha256).hexdigest()
    text = json.dumps({"bytes": size, "sha256": sha256, "hmac": signature}).encode()
    content = text + b" " * (_BLOCK - 1 - len(text)) + b"\n"
    return _tar_head(END, _BLOCK) + content + b"\0" * (2 * _BLOCK)


class Writer:
    """Writes members in order; ``finish`` writes manifest and end."""

    def __init__(self, sink: Sink, *, key: bytes) -> None:
        self._sink, self._key = sink, key
        self._digest, self._size = hashlib.sha256(), 0
        self.members: list[Member] = []

    def add_bytes(self, name: str, content: bytes) -> None:
        """A small member."""
        self._put(_tar_head(name, len(content)))
        self._put(content)
        self._put(b"\0" * (-len(content) % _BLOCK))
        self.members.append(Member(name, len(content), hashlib.sha256(content).hexdigest()))

    def add_file(self, name: str, path: Path) -> bool:
        """A file as long as it is when opened; whether it was still that long at its end."""
        if not is_member_name(name):
            raise ValueError(f"not a name of a member: {name!r}")
        with path.open("rb") as file:
            size = left = file.seek(0, 2)
            file.seek(0)
            self._put(_tar_head(name, size))
            digest = hashlib.sha256()
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                digest.update(piece)
                self._put(piece)
        rest = left
        while left:  # it became shorter meanwhile: nobody in the snapshot speaks of it
            piece = bytes(min(PIECE, left))
            left -= len(piece)
            digest.update(piece)
            self._put(piece)
        self._put(b"\0" * (-size % _BLOCK))
        self.members.append(Member(name, size, digest.hexdigest()))
        return not rest

    def finish(self, manifest: dict[str, Any]) -> str:
        """Manifest and end; the SHA-256 that the end names."""
        listed = manifest | {"members": [list(member) for member in self.members]}
        self.add_bytes(MANIFEST, json.dumps(listed, ensure_ascii=False, indent=1).encode())
        sha256 = self._digest.hexdigest()
        self._sink.write(_end(sha256, self._size, self._key))
        return sha256

    def _put(self, data: bytes) -> None:
        self._sink.write(data)
        self._digest.update(data)
        self._size += len(data)


def prove(source: Source, *, key: bytes | None) -> str:
    """Read everything once and hold it against its end; the SHA-256 it names.

    ``key`` None: the keyed digest is not looked at. Raises the refusal of a damaged backup.
    """
    digest, size, tail = hashlib.sha256(), 0, b""
    while piece := source.read(PIECE):
        piece = tail + piece
        tail = piece[-END_BYTES:]
        body = memoryview(piece)[: len(piece) - len(tail)]
        digest.update(body)
        size += len(body)
    if len(tail) < END_BYTES:
        raise damaged("cut off")
    sha256 = digest.hexdigest()
    expected = _end(sha256, size, key or b"")
    if key is None:
        expected, tail = _unsigned(expected), _unsigned(tail)
    if not hmac.compare_digest(expected, tail):
        raise damaged("end")
    return sha256


def _unsigned(end: bytes) -> bytes:
    return re.sub(rb'"hmac": "[0-9a-f]{64}"', b"", end, count=1)


def members(source: BinaryIO) -> Iterator[tuple[str, int, Source]]:
    """Name, size and content of each member, in order; read each before asking for the next.

    Only for what ``prove`` has read.
    """
    try:
        with tarfile.open(fileobj=source, mode="r|") as archive:
            for info in archive:
                content = archive.extractfile(info) if info.isreg() else None
                if content is None or not is_member_name(info.name):
                    raise damaged(f"member {info.name!r}")
                yield info.name, info.size, content
    except tarfile.TarError as error:
        raise damaged("members") from error

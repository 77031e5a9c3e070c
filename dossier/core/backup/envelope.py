"""Encryption of a whole backup under a passphrase, written and read as a stream.

AES-256-GCM over pieces of one megabyte in the STREAM construction: each piece's nonce holds its number and
whether it is the last, so that none can be changed, left out, moved, added or cut off unseen. The key comes
from the passphrase by scrypt; its settings stand in the head, which every piece is bound to.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dossier.core.backup.refusals import damaged, passphrase_wrong

MAGIC = b"DOSSIER BACKUP ENCRYPTED 1\n"
HEAD_BYTES = 512
_PIECE = 1024 * 1024
_TAG = 16
_SCRYPT = (2**17, 8, 1)  # 128 MB and about a third of a second
_DEAREST = 2**20  # a head that asks for more is not ours


class Keys(NamedTuple):
    """What a passphrase gives together with a head's salt."""

    cipher: bytes
    signature: bytes

    @property
    def check(self) -> str:
        """Tells a wrong passphrase from a damaged file."""
        return hmac.new(self.signature, b"dossier passphrase", hashlib.sha256).hexdigest()[:16]


def _keys(passphrase: str, salt: bytes, n: int, r: int, p: int) -> Keys:
    most = 128 * n * r + 64 * 1024 * 1024
    both = hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=most, dklen=64)
    return Keys(both[:32], both[32:])


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


class Encrypting(io.RawIOBase):
    """A file to write to; what is written arrives encrypted in ``target``. Call ``finish`` at the end."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        salt, self._prefix = os.urandom(16), os.urandom(7)
        n, r, p = _SCRYPT
        self.keys = _keys(passphrase, salt, n, r, p)
        head = {"salt": salt.hex(), "nonce": self._prefix.hex(), "n": n, "r": r, "p": p}
        head["check"] = self.keys.check
        self._head = MAGIC + json.dumps(head).encode()
        self._head += b" " * (HEAD_BYTES - 1 - len(self._head)) + b"\n"
        self._cipher = AESGCM(self.keys.cipher)
        self._target, self._number, self._waiting = target, 0, bytearray()
        target.write(self._head)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # bytes are all that is written here
        """Take ``data``; whole pieces go on at once, the last one stays until ``finish``."""
        self._waiting += data
        while len(self._waiting) > _PIECE:
            self._send(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(data)

    def finish(self) -> None:
        """Write the last piece."""
        self._send(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _send(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._target.write(self._cipher.encrypt(nonce, piece, self._head))
        self._number += 1


class Decrypting(io.RawIOBase):
    """The content of an encrypted file, readable from the front; each piece is proven before it is given."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        self._source = source
        source.seek(0)
        self._head = source.read(HEAD_BYTES)
        prefix, self.keys = _read_head(self._head, passphrase)
        self._prefix, self._cipher = prefix, AESGCM(self.keys.cipher)
        self._number, self._left, self._at = 0, b"", 0
        self._next = source.read(_PIECE + _TAG)
        self._ended = False

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next ``size`` bytes, fewer only at the end."""
        parts, wanted = [], size if size >= 0 else None
        while wanted is None or wanted > 0:
            if self._at >= len(self._left) and not self._fill():
                break
            part = self._left[self._at : None if wanted is None else self._at + wanted]
            self._at += len(part)
            if wanted is not None:
                wanted -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _fill(self) -> bool:
        if self._ended:
            return False
        piece, self._next = self._next, self._source.read(_PIECE + _TAG)
        self._ended = not self._next
        nonce = _nonce(self._prefix, self._number, last=self._ended)
        try:
            self._left = self._cipher.decrypt(nonce, piece, self._head)
        except (InvalidTag, ValueError) as error:
            raise damaged(f"piece {self._number + 1}") from error
        self._number, self._at = self._number + 1, 0
        return bool(self._left)


def _read_head(head: bytes, passphrase: str) -> tuple[bytes, Keys]:
    try:
        facts = json.loads(head[len(MAGIC) :])
        salt, prefix = bytes.fromhex(facts["salt"]), bytes.fromhex(facts["nonce"])
        n, r, p = int(facts["n"]), int(facts["r"]), int(facts["p"])
        if not (n <= _DEAREST and r <= 16 and p <= 4 and len(prefix) == 7 and len(salt) == 16):
            raise damaged("head")
        keys = _keys(passphrase, salt, n, r, p)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged("head") from error
    if not hmac.compare_digest(keys.check, str(facts.get("check"))):
        raise passphrase_wrong()
    return prefix, keys

"""The secrets of one home: made once, at random, readable to the owner of the home alone."""

from __future__ import annotations

import contextlib
import os
import secrets as randomness
from pathlib import Path
from typing import Literal

SecretName = Literal["superuser", "owner", "app", "django", "seal", "first-run"]
"""superuser, owner, app: passwords of the database roles; django: signing key; seal: key of the history;
first-run: what the code for making the first administrator from elsewhere is made of."""


def default_home() -> Path:
    """`DOSSIER_HOME`, by default `~/.local/share/dossier`."""
    return Path(os.environ.get("DOSSIER_HOME") or "~/.local/share/dossier").expanduser().resolve()


def secret(home: Path, name: SecretName) -> str:
    """The secret `name` of this home; made on first use.

    Several processes may ask at once: the file is complete before it gets its name, and the first one
    to name it wins.
    """
    folder = home / "secrets"
    path = folder / name
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    draft = folder / f".{name}.{os.getpid()}.{randomness.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(randomness.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()

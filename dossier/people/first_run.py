"""Who may make the first administrator: this machine, or somebody who read the console (SECURITY E 30).

Nothing here needs Django's models, so that the supervisor can print the code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from dossier.core.db.secrets import secret

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_VIA",
)


def first_run_code(home: Path) -> str:
    """The code that ``dossier run`` prints while there is no account: twelve signs in three groups.

    It is good until the first administrator exists, for nothing else and never again.
    """
    digest = hashlib.sha256(b"first run " + secret(home, "first-run").encode()).digest()
    signs = base64.b32encode(digest).decode()[:12]
    return "-".join((signs[:4], signs[4:8], signs[8:]))


def code_matches(home: Path, typed: str) -> bool:
    """Whether this is the code; blanks, dashes, case and width do not matter."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isalnum())
    wanted = first_run_code(home).replace("-", "")
    return hmac.compare_digest(plain.encode(), wanted.encode())


def is_this_machine(meta: Mapping[str, object], *, hosts: Iterable[str], proxies: bool) -> bool:
    """Whether the request certainly comes from the machine the program runs on.

    Only where the program answers to local names alone, no proxy is announced and none has left a mark.
    """
    if proxies or any(meta.get(name) for name in _FORWARDED) or not set(hosts) <= _LOCAL_NAMES:
        return False
    try:
        return ipaddress.ip_address(str(meta.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False

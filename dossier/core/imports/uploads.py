"""Files brought in through the pages: kept under names of our own, found again by their run (AUD-4)."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dossier.core.errors import NotFound
from dossier.core.imports.engine import Given
from dossier.core.imports.limits import DEFAULT, too_large
from dossier.core.imports.mapping import ImportMap, parse_map
from dossier.core.models import ImportRun

_MOST_NAME = 255


def folder() -> Path:
    """Where uploaded files lie, readable to the program's own user alone."""
    place = Path(settings.HOME_DIR) / "files" / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def keep(chunks: Iterable[bytes], *, most: int = DEFAULT.inflated_bytes) -> tuple[str, str, int]:
    """Store an upload; (its internal name, its SHA-256, its size). Nothing is left of one too large."""
    name = secrets.token_hex(16)
    place = folder() / name
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise too_large("inflated_bytes", most)
                digest.update(chunk)
                out.write(chunk)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return name, digest.hexdigest(), size


def forget(run: ImportRun) -> None:
    """Remove the stored file of a run that was given up."""
    if run.stored_as:
        (folder() / run.stored_as).unlink(missing_ok=True)


def shown_name(name: str) -> str:
    """The name of an uploaded file as it is shown: no path, no control characters."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in bare if char.isprintable())[-_MOST_NAME:] or "?"


def given_of(run: ImportRun, *, mapping: ImportMap | None = None) -> Given:
    """The file of a run and how it is read."""
    place = folder() / run.stored_as
    if not run.stored_as or not place.is_file():
        raise NotFound(
            "file_gone", _("The file of this import is no longer kept. Bring it in again.")
        )
    options: dict[str, Any] = run.options
    text = options.get("map") or options.get("given_map") or ""
    return Given(
        source=place, name=run.file_name, mapping=mapping or (parse_map(text) if text else None),
        sheet=options.get("sheet") or None,
    )  # fmt: skip

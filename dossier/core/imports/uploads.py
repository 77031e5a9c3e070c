"""Files brought in through the pages: kept under names of our own, found again by their run (AUD-4).

A run has one main file, whose rows are brought in, and may have further ones that its map looks rows up in.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.imports.engine import Given
from dossier.core.imports.limits import DEFAULT, empty_file, too_large
from dossier.core.imports.lookups import match_names
from dossier.core.imports.mapping import ImportMap, parse_map
from dossier.core.models import ImportRun
from dossier.core.services import command

MOST_FILES = 20
_MOST_BYTES = DEFAULT.inflated_bytes  # of one file, and of all files of a run together
_MOST_NAME = 255

#: A run that nobody works on and that may be changed, checked again or given up.
WAITING = (ImportRun.Status.UPLOADED, ImportRun.Status.CHECKED, ImportRun.Status.FAILED)


class Stored(NamedTuple):
    """An uploaded file: the name it came with, the one it is kept under."""

    name: str
    stored: str
    sha256: str
    size: int


def folder() -> Path:
    """Where uploaded files lie, readable to the program's own user alone."""
    place = Path(settings.HOME_DIR) / "files" / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def keep(chunks: Iterable[bytes], *, most: int = _MOST_BYTES) -> tuple[str, str, int]:
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


def keep_all(
    uploads: Iterable[UploadedFile[bytes]], *, before: Iterable[Stored] = ()
) -> list[Stored]:
    """Store several uploads beside those of ``before``; all are kept or none."""
    there, made = list(before), []
    left = _MOST_BYTES - sum(one.size for one in there)
    names = {one.name for one in there}
    try:
        for upload in uploads:
            name = shown_name(upload.name or "")
            if not upload.size:
                raise empty_file()
            if name in names:
                raise Refusal(
                    "twice",
                    _("Two files are called “%(name)s”. Leave one out, or give it another name."),
                    field="file",
                    params={"name": name},
                )
            if len(names) == MOST_FILES:
                raise Refusal(
                    "too_many_files",
                    _("An import takes %(count)s files at most. Leave out what is not needed."),
                    field="file",
                    params={"count": MOST_FILES},
                )
            if upload.size > left:
                raise Refusal(
                    "too_large",
                    _(
                        "The files are larger than %(limit)s bytes together. Leave out what is not needed, or pack"
                        " them with gzip."
                    ),
                    field="file",
                    params={"limit": _MOST_BYTES},
                )
            stored, digest, size = keep(upload.chunks(), most=left)
            made.append(Stored(name, stored, digest, size))
            names.add(name)
            left -= size
    except BaseException:
        drop(made)
        raise
    return made


def drop(files: Iterable[Stored]) -> None:
    """Remove stored files."""
    for one in files:
        if one.stored:
            (folder() / one.stored).unlink(missing_ok=True)


def further(run: ImportRun) -> list[Stored]:
    """The files of a run beside its main one."""
    return [Stored(**one) for one in run.options.get("files", [])]


def main_file(run: ImportRun) -> Stored:
    """The main file of a run; of size 0 where it is no longer kept."""
    place = folder() / run.stored_as
    size = place.stat().st_size if is_kept(run) else 0
    return Stored(run.file_name, run.stored_as, run.file_sha256, size)


def is_kept(run: ImportRun) -> bool:
    """Whether the main file is still there."""
    return bool(run.stored_as) and (folder() / run.stored_as).is_file()


def forget(run: ImportRun) -> None:
    """Remove the stored files of a run that was given up."""
    drop([main_file(run), *further(run)])


def shown_name(name: str) -> str:
    """The name of an uploaded file as it is shown: no path, no control characters."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in bare if char.isprintable())[-_MOST_NAME:] or "?"


def found_lookups(run: ImportRun, mapping: ImportMap | None) -> dict[str, Stored]:
    """{name in the map: further file}, for each look-up file that was uploaded."""
    there = {one.name: one for one in further(run)}
    wanted = [lookup.file for lookup in mapping.lookups] if mapping is not None else []
    return {name: there[hit] for name, hit in match_names(wanted, there).items()}


def missing_lookups(run: ImportRun, mapping: ImportMap | None) -> list[str]:
    """Look-up files the map names that were not uploaded."""
    found = found_lookups(run, mapping)
    wanted = [lookup.file for lookup in mapping.lookups] if mapping is not None else []
    return [name for name in dict.fromkeys(wanted) if name not in found]


def map_of(run: ImportRun) -> ImportMap | None:
    """The map given with the run: from a file, or kept under a name."""
    text = run.options.get("given_map")
    return parse_map(text) if text else None


def given_of(run: ImportRun, *, mapping: ImportMap | None = None) -> Given:
    """The file of a run, those beside it and how they are read."""
    if not is_kept(run):
        raise NotFound(
            "file_gone", _("The file of this import is no longer kept. Bring it in again.")
        )
    options: dict[str, Any] = run.options
    text = options.get("map") or options.get("given_map") or ""
    used = mapping or (parse_map(text) if text else None)
    return Given(
        source=folder() / run.stored_as, name=run.file_name, mapping=used,
        sheet=options.get("sheet") or None,
        beside={name: folder() / one.stored for name, one in found_lookups(run, used).items()},
    )  # fmt: skip


def change_waiting(
    run: ImportRun,
    *,
    actor: Actor,
    why: str,
    options: Callable[[dict[str, Any]], dict[str, Any]],
    **values: Any,
) -> None:
    """Set options, made from the present ones, and values of a run nobody works on; else a refusal.

    Two pages may be open on one run: what the other has begun or finished is not written over.
    """
    with command(actor, why=why, import_run=run.pk):
        fresh = ImportRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status not in WAITING:
            raise Refusal("under_way", _("This file is being brought in already, or was."))
        values["options"] = options(fresh.options)
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.save(update_fields=[*values, "updated_at"])
    run.refresh_from_db()

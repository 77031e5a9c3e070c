"""Takes what the pages upload: which file is the main one, which its map looks rows up in (AUD-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.imports import columns_page
from dossier.core.imports.lookups import match_names
from dossier.core.imports.mapping import ImportMap
from dossier.core.imports.named_maps import named_map, read_map
from dossier.core.imports.registry import ImportKind, kind_of
from dossier.core.imports.store import change_run, start_run
from dossier.core.imports.uploads import (
    Stored,
    change_waiting,
    drop,
    forget,
    further,
    keep_all,
    main_file,
    map_of,
    missing_lookups,
    shown_name,
)
from dossier.core.models import ImportRun

_MAP_BYTES = 1 << 20


@dataclass
class Sent:
    """Files as a form sends them: tables, and a map as a file of its own, among them or by name."""

    tables: list[UploadedFile[bytes]] = field(default_factory=list)
    map_text: str = ""
    map_name: str = ""

    @classmethod
    def of(cls, files: Any, posted: Any, actor: Actor) -> Sent:
        """What a request sends. Reads maps alone; tables are stored later."""
        uploads = files.getlist("file")
        maps = [*files.getlist("map"), *(one for one in uploads if _is_map(one))]
        saved = posted.get("saved", "")
        if len(maps) + bool(saved) > 1:
            raise Refusal("two_maps", _("One map is enough. Leave the others out."), field="map")
        sent = cls([one for one in uploads if not _is_map(one)])
        if maps:
            sent.map_text, sent.map_name = _text_of(maps[0]), shown_name(maps[0].name or "")
        elif saved:
            if not saved.isascii() or not saved.isdigit() or len(saved) > 18:
                raise NotFound("not_found", _("This mapping is no longer kept."))
            found = named_map(actor, int(saved))
            sent.map_text, sent.map_name = found.text, found.name
        return sent


def _is_map(upload: UploadedFile[bytes]) -> bool:
    return (upload.name or "").lower().endswith(".toml")


def _text_of(upload: UploadedFile[bytes]) -> str:
    if upload.size and upload.size > _MAP_BYTES:
        raise Refusal("bad_map", _("The map is larger than a map can be."), field="map")
    try:
        return str(upload.read(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("bad_map", _("The map is not text in UTF-8."), field="map") from error


def receive(*, actor: Actor, kind: ImportKind, sent: Sent, options: dict[str, Any]) -> ImportRun:
    """Make a run of what was sent. A file that no table can be read from is refused and not kept,
    unless a further question has to be asked first: then nothing given is lost."""
    actor.require(kind.permission, "import")
    if not sent.tables:
        raise Refusal("no_file", _("Choose a file first."), field="file")
    given = read_map(sent.map_text, kind) if sent.map_text else None
    files = keep_all(sent.tables)
    main, sure = _main_of(files, given)
    options = options | {
        "given_map": sent.map_text,
        "map_name": sent.map_name,
        "files": [one._asdict() for one in files if one is not main],
        "unsure": not sure,
    }
    try:
        run = start_run(
            actor=actor, kind=kind, file_name=main.name, sha256=main.sha256, stored_as=main.stored,
            status=ImportRun.Status.UPLOADED, options=options,
        )  # fmt: skip
    except BaseException:
        drop(files)
        raise
    if is_open(run):
        return run
    try:
        columns_page.look(run)
    except BaseException:
        forget(run)
        change_run(run, actor=actor, why="import_refused", status=ImportRun.Status.FAILED)
        raise
    return run


def _main_of(files: Sequence[Stored], given: ImportMap | None) -> tuple[Stored, bool]:
    """The file whose rows are brought in, and whether that is certain: the only one no look-up names."""
    looked_up = set()
    if given is not None:
        names = [lookup.file for lookup in given.lookups]
        looked_up = set(match_names(names, [one.name for one in files]).values())
    left = [one for one in files if one.name not in looked_up] or list(files)
    return max(left, key=lambda one: one.size), len(left) == 1


def is_open(run: ImportRun) -> bool:
    """Whether it must still be said which file is the main one, or files are missing."""
    return bool(run.options.get("unsure")) or bool(missing_lookups(run, map_of(run)))


def change_files(
    run: ImportRun, actor: Actor, *, sent: Sent, main: str, remove: str = "", no_map: bool = False
) -> None:
    """Add, replace and remove files of a run that was not begun, and say which is the main one."""
    kind = kind_of(run.kind)
    if sent.map_text:
        read_map(sent.map_text, kind)
    seen = ("files", "given_map")
    new_names = {shown_name(one.name or "") for one in sent.tables}
    before = [main_file(run), *further(run)]
    gone = [one for one in before if one.name in new_names or one.name == remove]
    kept = [one for one in before if one not in gone]
    files = kept + (made := keep_all(sent.tables, before=kept))
    try:
        if not files:
            raise Refusal("no_file", _("Choose a file first."), field="file")
        text = "" if no_map else sent.map_text or run.options.get("given_map", "")
        given = read_map(text, kind) if text else None
        said = next((one for one in files if one.name == main), None)
        guess, sure = _main_of(files, given)
        chosen = said or guess

        def options(known: dict[str, Any]) -> dict[str, Any]:
            if [known.get(key) for key in seen] != [run.options.get(key) for key in seen]:
                raise Refusal(
                    "changed_meanwhile",
                    _(
                        "The files of this import were changed on another page. Load this page again."
                    ),
                    field="file",
                )
            name = sent.map_name or known.get("map_name", "")
            changed = {
                "files": [one._asdict() for one in files if one is not chosen],
                "unsure": said is None and not sure,
                "given_map": text,
                "map_name": name if text else "",
            }
            old = ("columns", "map", "sheet")  # said of the files as they were before
            return {key: value for key, value in known.items() if key not in old} | changed

        change_waiting(
            run, actor=actor, why="import_files", options=options, file_name=chosen.name,
            file_sha256=chosen.sha256, stored_as=chosen.stored, status=ImportRun.Status.UPLOADED,
        )  # fmt: skip
    except BaseException:
        drop(made)
        raise
    drop(gone)

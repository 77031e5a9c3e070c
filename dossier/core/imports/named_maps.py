"""Maps kept under a name: saved where columns were said, chosen for later files (AUD-4)."""

from __future__ import annotations

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.imports.lookups import check_lookup_name
from dossier.core.imports.mapping import ImportMap, parse_map
from dossier.core.imports.registry import ImportKind, kind_of, kinds
from dossier.core.models import NamedMap
from dossier.core.services import command

_LONGEST = 80


def read_map(text: str, kind: ImportKind) -> ImportMap:
    """The map of a text, for this kind; refuses one made for another, and names that lead elsewhere."""
    found = parse_map(text)
    if found.kind and found.kind != kind.key:
        other = next((one.label for one in kinds() if one.key == found.kind), found.kind)
        raise Refusal(
            "other_kind",
            _("This map is for “%(other)s”, but “%(kind)s” was chosen. Choose what fits."),
            field="map",
            params={"other": other, "kind": kind.label},
        )
    for lookup in found.lookups:
        check_lookup_name(lookup.file)
    return found


def keep_map(*, actor: Actor, kind: ImportKind, name: str, text: str) -> None:
    """Keep a map under a name; the same name of the same kind is replaced, the history keeps both."""
    actor.require(kind.permission, "import")
    if len(name) > _LONGEST or not name.isprintable():
        raise Refusal(
            "bad_name",
            _("A mapping is called by at most %(limit)s characters in one line."),
            field="save_as",
            params={"limit": _LONGEST},
        )
    read_map(text, kind)
    try:
        with command(actor, why="import_mapping"):
            NamedMap.objects.update_or_create(
                kind=kind.key, name=name, defaults={"text": text, "saved_by": actor.login[:150]}
            )
    except IntegrityError as error:
        raise Refusal(
            "changed_meanwhile",
            _("Somebody saved a mapping of this name at this moment. Try again."),
            field="save_as",
        ) from error


def named_maps(actor: Actor) -> list[NamedMap]:
    """Those of the kinds the actor may bring in, by kind and name."""
    allowed = [kind.key for kind in kinds() if actor.can(kind.permission, "import")]
    order = {key: at for at, key in enumerate(allowed)}
    found = NamedMap.objects.filter(kind__in=allowed)
    return sorted(found, key=lambda one: (order[one.kind], one.name.casefold()))


def named_map(actor: Actor, map_id: int) -> NamedMap:
    """One of them, or NotFound."""
    found = NamedMap.objects.filter(pk=map_id).first() if map_id < 2**63 else None
    known = {kind.key for kind in kinds() if actor.can(kind.permission, "import")}
    if found is None or found.kind not in known:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return found


def remove_map(*, actor: Actor, map_id: int) -> None:
    """Forget a mapping; imports made with it keep their own copy."""
    found = named_map(actor, map_id)
    actor.require(kind_of(found.kind).permission, "import")
    with command(actor, why="import_mapping"):
        NamedMap.objects.filter(pk=found.pk).delete()

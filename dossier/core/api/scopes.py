"""What a token may be used for: words such as ``customers:read``, never more than its person's rights."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal

READ, WRITE, EVERY = "read", "write", "*"
# Rights that only show something. All others are taken from the actor where the token may not write.
SHOWING = frozenset({"view", "unassigned", "cost"})


@dataclass(frozen=True)
class ObjectType:
    """An object type of the API: the word of its scopes, and the kinds of record its writes touch."""

    word: str
    label: str | Promise
    kinds: tuple[str, ...] = ()  # none: it is only read


_types: dict[str, ObjectType] = {}


def object_type(item: ObjectType) -> ObjectType:
    """Register an object type."""
    _types[item.word] = item
    return item


def object_types() -> list[ObjectType]:
    """All of them, the lowest department first."""
    return list(_types.values())


def known_scopes() -> list[str]:
    """Every scope a token can be given."""
    words = [f"{EVERY}:{READ}", f"{EVERY}:{WRITE}"]
    for item in _types.values():
        words.append(f"{item.word}:{READ}")
        if item.kinds:
            words.append(f"{item.word}:{WRITE}")
    return words


def checked_scopes(given: Iterable[str]) -> list[str]:
    """Scopes that exist, each once, in a fixed order; at least one."""
    wanted = {word.strip() for word in given if word.strip()}
    known = known_scopes()
    unknown = sorted(wanted - set(known))
    if unknown:
        raise Refusal(
            "unknown_scope",
            _("There is no scope “%(name)s”. Choose from: %(known)s."),
            field="scopes",
            params={"name": unknown[0][:60], "known": ", ".join(known)},
        )
    if not wanted:
        raise Refusal("missing", _("Choose what the token may be used for."), field="scopes")
    return [word for word in known if word in wanted]


def allows(scopes: Collection[str], word: str, mode: str) -> bool:
    """Whether a token may be used so; who may write may read."""
    modes = (READ, WRITE) if mode == READ else (WRITE,)
    return any(f"{name}:{one}" in scopes for name in (word, EVERY) for one in modes)


def cut(actor: Actor, scopes: Collection[str]) -> Actor:
    """The actor without the rights to write that the token does not have."""
    writable = {
        kind for item in _types.values() if allows(scopes, item.word, WRITE) for kind in item.kinds
    }
    grants = {}
    for permission, reach in actor.grants.items():
        kind, _dot, action = permission.rpartition(".")
        if action in SHOWING or kind in writable:
            grants[permission] = reach
    return replace(actor, grants=grants)

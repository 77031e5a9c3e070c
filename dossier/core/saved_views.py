"""Lists as people like them: filters, sort and columns kept under a name, pinned and shared (CUS-4).

A view is only an address. Whoever opens a shared one sees the rows of their own reach.
"""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.models import SavedView
from dossier.core.services import command, unique

KIND: Final = "core.view"
MOST: Final = 50  # views one person keeps of one list
LONGEST_NAME: Final = 40
_LONGEST_QUERY: Final = 4_000
_PASSING: Final = ("after", "before", "view", "csrfmiddlewaretoken")


def plain_query(query: str) -> str:
    """The part of a list's address that is worth keeping, in one order: no page, nothing empty."""
    given = QueryDict(query.removeprefix("?"))
    kept = QueryDict(mutable=True)
    for name in sorted(given):
        values = sorted(value for value in given.getlist(name) if value)
        if values and name not in _PASSING:
            kept.setlist(name, values)
    return kept.urlencode()


def views_of(actor: Actor, list_key: str) -> QuerySet[SavedView]:
    """One's own views of a list and those others share, the own ones first."""
    if actor.account_id is None:
        return SavedView.objects.none()
    mine = Q(account_id=actor.account_id)
    return SavedView.objects.filter(mine | Q(is_shared=True), list_key=list_key).order_by(
        "is_shared", "name", "pk"
    )


def own_view(actor: Actor, pk: int) -> SavedView:
    """A view of one's own, to change or remove; NotFound for anybody else's."""
    found = (
        SavedView.objects.filter(pk=pk, account_id=actor.account_id).first()
        if actor.account_id is not None
        else None
    )
    if found is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return found


def view_save(
    *,
    actor: Actor,
    list_key: str,
    name: str,
    query: str,
    is_pinned: bool = False,
    is_shared: bool = False,
) -> SavedView:
    """Keep the list as it is under a name; a view of one's own of that name is replaced."""
    if actor.account_id is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    name, query = _checked(name, query)
    if is_shared:
        actor.require(KIND, "share")
    with command(actor, why="view_save"):
        mine = SavedView.objects.select_for_update().filter(
            account_id=actor.account_id, list_key=list_key
        )
        found = mine.filter(name=name).first()
        if found is None:
            if mine.count() >= MOST:
                raise Refusal(
                    "too_many_views",
                    _("There are %(most)s views of this list already. Remove one first."),
                    params={"most": MOST},
                )
            found = SavedView(account_id=actor.account_id, list_key=list_key, name=name)
        else:
            found.version += 1
        found.query, found.is_pinned, found.is_shared = query, is_pinned, is_shared
        found.owner_name = (actor.name or actor.login)[:150]
        with unique("saved_view_name", _taken()):
            found.save()
    return found


def view_change(
    *, actor: Actor, view_id: int, version: int, name: str, is_pinned: bool, is_shared: bool
) -> SavedView:
    """Another name, pinned or not, shared or not."""
    name, _query = _checked(name, "")
    with command(actor, why="view_change"):
        view = own_view(actor, view_id)
        view = SavedView.objects.select_for_update().get(pk=view.pk)
        if view.version != version:
            raise Stale(
                "stale",
                _("This view was changed meanwhile. Look at it anew."),
                params={"theirs": {"name": view.name}},
            )
        if is_shared and not view.is_shared:
            actor.require(KIND, "share")
        view.name, view.is_pinned, view.is_shared = name, is_pinned, is_shared
        view.version += 1
        with unique("saved_view_name", _taken()):
            view.save(update_fields=["name", "is_pinned", "is_shared", "version", "updated_at"])
    return view


def view_remove(*, actor: Actor, view_id: int) -> str:
    """Remove a view of one's own; the list it was of."""
    with command(actor, why="view_remove"):
        view = own_view(actor, view_id)
        key = view.list_key
        view.delete()
    return key


def _checked(name: str, query: str) -> tuple[str, str]:
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise Refusal("missing", _("Give the view a name."), field="name")
    if len(name) > LONGEST_NAME:
        raise Refusal(
            "too_long",
            _("The name has at most %(most)s characters."),
            field="name",
            params={"most": LONGEST_NAME},
        )
    query = plain_query(query)
    if len(query) > _LONGEST_QUERY:
        raise Refusal("too_long", _("There are too many filters to keep. Take some away."))
    return name, query


def _taken() -> Refusal:
    return Refusal("taken", _("A view of this list has that name already."), field="name")

"""The saved views of a list: the strip above it, saving, changing, removing (CUS-4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.models import SavedView
from dossier.core.saved_views import (
    KIND,
    LONGEST_NAME,
    own_view,
    plain_query,
    view_change,
    view_remove,
    view_save,
    views_of,
)
from dossier.core.screens.requests import actor_of, page, version_of

_LONGEST_KEY = 60  # of the column


def strip(request: HttpRequest, actor: Actor, key: str) -> dict[str, Any]:
    """What the strip above a list shows: pinned views as tabs, the others in a menu."""
    if actor.account_id is None:
        return {}
    now = plain_query(request.GET.urlencode())
    shown = [_shown(view, now, actor, request.path) for view in views_of(actor, key)]
    return {
        "key": key,
        "path": request.path,
        "now": now,
        "pinned": [view for view in shown if view["pinned"]],
        "others": [view for view in shown if not view["pinned"]],
        "active": next((view for view in shown if view["active"]), None),
        "any": bool(shown),
        "longest": LONGEST_NAME,
        "may_share": actor.can(KIND, "share"),
    }


def _shown(view: SavedView, now: str, actor: Actor, path: str) -> dict[str, Any]:
    mine = view.account_id == actor.account_id
    return {
        "pk": view.pk,
        "name": view.name,
        "query": view.query,
        "url": f"{path}?{view.query}" if view.query else path,
        "active": view.query == now,
        "pinned": view.is_pinned,
        "shared": view.is_shared,
        "mine": mine,
        "by": "" if mine else view.owner_name,
    }


def _back(request: HttpRequest) -> str:
    """The list one came from; home where the form names no address of ours."""
    path = request.POST.get("path") or request.GET.get("path") or ""
    local = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if local else reverse("home")


@page()
@require_POST
def saved_view_new(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the list as it is shown."""
    if len(key) > _LONGEST_KEY:
        raise NotFound("not_found", _("There is no such list."))
    back = _back(request)
    try:
        view = view_save(
            actor=actor_of(request),
            list_key=key,
            name=request.POST.get("name", ""),
            query=request.POST.get("query", ""),
            is_pinned="pinned" in request.POST,
            is_shared="shared" in request.POST,
        )
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
        query = plain_query(request.POST.get("query", ""))
        return HttpResponseRedirect(f"{back}?{query}" if query else back)
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return HttpResponseRedirect(f"{back}?{view.query}" if view.query else back)


@page()
@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, pin, share or remove one's own view."""
    actor = actor_of(request)
    view = own_view(actor, pk)
    error, status = "", 200
    path = _back(request)
    typed: dict[str, Any] = {
        "name": view.name,
        "pinned": view.is_pinned,
        "shared": view.is_shared,
    }
    if request.method == "POST":
        typed = {
            "name": request.POST.get("name", ""),
            "pinned": "pinned" in request.POST,
            "shared": "shared" in request.POST,
        }
        try:
            view_change(
                actor=actor,
                view_id=pk,
                version=version_of(request),
                name=typed["name"],
                is_pinned=typed["pinned"],
                is_shared=typed["shared"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error, status = refusal.message, 409 if isinstance(refusal, Stale) else 422
        else:
            messages.success(request, _("Saved."))
            back = _back(request)
            return HttpResponseRedirect(f"{back}?{view.query}" if view.query else back)
    context = {
        "view": view,
        "typed": typed,
        "error": error,
        "path": path,
        "longest": LONGEST_NAME,
        "may_share": actor.can(KIND, "share") or view.is_shared,
    }
    return render(request, "screens/saved_view.html", context, status=status)


@page()
@require_POST
def saved_view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one's own view; the records it showed are not touched."""
    view_remove(actor=actor_of(request), view_id=pk)
    messages.success(request, _("The view is removed. No record was touched."))
    return HttpResponseRedirect(_back(request))

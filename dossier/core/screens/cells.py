"""A cell of a list edited where it stands: its input, saving it, what stands in the way (CUS-4).

Saving calls the service of the record's own form with the version the editor saw. A refusal is shown at
the cell and keeps what was typed; a conflict says who changed what, and nothing is overwritten unasked.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dossier.core.access import Actor
from dossier.core.bilingual import listed
from dossier.core.bulk.services import answers_of
from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.fields import FieldSpec
from dossier.core.inline import InlineEditable, inline_editable_of
from dossier.core.screens.conflict import anew, changed_by, changed_fields
from dossier.core.screens.edits import (
    NONE,
    answered_none,
    base_of,
    initial_of,
    read_base,
    text_of,
    write_base,
)
from dossier.core.screens.forms import RecordForm, form_class
from dossier.core.screens.lists import request_of_list
from dossier.core.screens.lists.rows import RowMaker
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.values import is_none_word


class _Place:
    """One cell: its list, its record as the actor reaches it for a change, its field."""

    def __init__(self, actor: Actor, key: str, pk: int, name: str) -> None:
        entry = inline_editable_of(key)
        if entry is None:
            raise NotFound("not_found", _("There is no such list."))
        actor.require(*entry.needs.rsplit(".", 1))
        records: Any = entry.model._default_manager
        records.reachable(actor, pk, "change")
        spec = next((one for one in entry.specs(actor) if one.name == name), None)
        if spec is None:
            raise NotFound("not_found", _("There is no such field."))
        self.actor, self.pk = actor, pk
        self.entry: InlineEditable = entry
        self.spec: FieldSpec = spec
        self.url = reverse("cell", args=[key, pk, name])

    def record(self) -> Any:
        """The record as it is now."""
        joined = [self.spec.name] if self.spec.lookup else []
        return self.entry.model._default_manager.select_related(*joined).get(pk=self.pk)

    def form(self, data: QueryDict | None = None, **more: Any) -> RecordForm:
        """The field's own input, as the form of the record has it."""
        make = form_class(self.entry.model, [self.spec])
        return make(data, actor=self.actor, auto_id=f"cell-{self.pk}-%s", **more)

    def present(self, record: Any) -> RecordForm:
        """The input as the record stands."""
        return self.form(initial=initial_of(self.actor, record, [self.spec]))

    def save(self, record: Any, form: RecordForm, base: dict[str, Any], version: int) -> None:
        """Save what differs from what the input showed; Refusal and Stale as the record's form."""
        name = self.spec.name
        none = bool(answered_none(form, base))
        value = form.cleaned_data.get(name)
        stood = (base.get(name, ""), name in base.get(NONE, ()))
        if name in base and (text_of(form.fields[name], value), none) == stood:
            return
        answers = answers_of(record, self.spec, none=none)
        self.entry.update(self.actor, record, version, {name: value}, answers)


@page()
@require_http_methods(["GET", "HEAD", "POST"])
def cell_edit(request: HttpRequest, key: str, pk: int, name: str) -> HttpResponse:
    """The input of a cell; with POST save it and answer with the row as it is then."""
    place = _Place(actor_of(request), key, pk, name)
    record = place.record()
    if request.method != "POST":
        form = place.present(record)
        return _input(request, place, form, version=record.version, base=write_base(base_of(form)))
    version, base = version_of(request), read_base(request.POST.get("base", ""))
    form = place.form(_typed(request, place.spec))
    if not form.is_valid():
        return _input(request, place, form, version=version, base=write_base(base), status=422)
    try:
        place.save(record, form, base, version)
    except Stale:
        return _conflict(request, place, form, base)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _input(request, place, form, version=version, base=write_base(base), status=422)
    return _row(request, place)


def _typed(request: HttpRequest, spec: FieldSpec) -> QueryDict:
    """What was sent; whoever types 无 has answered 'not applicable', as in the form (CUS-7)."""
    data = request.POST.copy()
    if spec.na and is_none_word(data.get(spec.name, "")):
        data[spec.name], data[f"na_{spec.name}"] = "", "1"
    return data


def _conflict(
    request: HttpRequest, place: _Place, form: RecordForm, base: dict[str, Any]
) -> HttpResponse:
    """Who changed what since; what was typed stays, and is saved only when that is asked for again."""
    record = place.record()
    form, context = anew(place.form, form, base=base, present=place.present(record), row=record)
    line = next((one for one in context["conflict"] if one["name"] == place.spec.name), None)
    by = changed_by(record)
    others = [one for one in changed_fields(record) if one != place.spec.name]
    return _input(
        request,
        place,
        form,
        version=context["version"],
        base=context["base"],
        status=409,
        conflict={
            "by": by.get("conflict_by", ""),
            "at": by.get("conflict_at"),
            "before": line["base"] if line is not None else "",
            "theirs": line["theirs"] if line is not None else "",
            "here": line is not None,
            "others": listed(_titles(place.entry, others)),
        },
    )


def _titles(entry: InlineEditable, names: list[str]) -> list[str]:
    """What columns of the record are called; what has no name of its own is left out."""
    found = []
    for column in entry.model._meta.concrete_fields:
        if column.name in names or column.attname in names:
            text = str(column.verbose_name)
            found.append(text[:1].upper() + text[1:])
    return found


def _input(request: HttpRequest, place: _Place, form: RecordForm, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    context = {"field": form[place.spec.name], "errors": form.non_field_errors(), "url": place.url}
    return render(request, "screens/_cell.html", context | more, status=status)


def _row(request: HttpRequest, place: _Place) -> HttpResponse:
    """The whole row anew, with the columns the reader has: other cells may follow the changed one."""
    actor, screen = place.actor, place.entry.screen(place.actor)
    shown = request.headers.get("HX-Current-URL", "").partition("?")[2].partition("#")[0]
    columns = screen.chosen_columns(request_of_list(actor, shown))
    row = screen.rows(actor).filter(pk=place.pk).first()
    if row is None:  # the change took it out of the reader's sight
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    made = RowMaker(screen, actor, columns, [row]).row(row)
    response = HttpResponse(render_to_string("screens/_row.html", {"rows": [made]}, request))
    response["HX-Retarget"] = f'[data-row="{place.pk}"]'
    response["HX-Reswap"] = "outerHTML"
    return response

"""The form of a product: entering, changing."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dossier.catalog.access import FAMILY
from dossier.catalog.fields import GROUPS, fields_for
from dossier.catalog.models import Product
from dossier.catalog.screens.lists import product_url
from dossier.catalog.services import product_create, product_update
from dossier.catalog.states import ProductStatus
from dossier.core.access import Actor
from dossier.core.errors import Refusal, Stale
from dossier.core.money import CURRENCIES
from dossier.core.screens.conflict import anew, with_choices
from dossier.core.screens.edits import base_of, changes_of, initial_of, read_base, write_base
from dossier.core.screens.forms import RecordForm, fieldsets, form_class, once_token
from dossier.core.screens.requests import actor_of, page, version_of


class ProductForm(RecordForm):
    """Product form: the currency from a list; a family may be picked or named anew."""

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        self.fields["currency"] = forms.ChoiceField(
            label=self.fields["currency"].label,
            choices=[(c.code, f"{c.code} {c.name}") for c in CURRENCIES.values()],
            required=False,
        )
        self.fields["currency"].must = True  # type: ignore[attr-defined] # read by the field template
        if actor.can(FAMILY.key, "change"):
            self.fields["new_family"] = forms.CharField(
                label=_("or a new family"),
                max_length=100,
                required=False,
                help_text=_("Type a name to make a family that is not in the list yet."),
            )

    @property
    def new_family(self) -> str:
        """The family named anew, if any."""
        return str(self.cleaned_data.get("new_family") or "")

    def values(self) -> dict[str, Any]:
        """What was entered, by field name."""
        return {spec.name: self.cleaned_data.get(spec.name) for spec in self.specs}


def _form(actor: Actor, *args: Any, **more: Any) -> ProductForm:
    return cast(
        ProductForm,
        form_class(Product, fields_for(actor), base=ProductForm)(*args, actor=actor, **more),
    )


def _present(product: Product, actor: Actor) -> ProductForm:
    """The form of a product as it stands."""
    return _form(actor, initial=initial_of(actor, product, fields_for(actor)))


def _page(request: HttpRequest, form: ProductForm, status: int = 200, **more: Any) -> HttpResponse:
    parts = fieldsets(form, GROUPS)
    if "new_family" in form.fields:
        names = [bound.name for bound in parts[0]["fields"]]
        parts[0]["fields"].insert(names.index("family") + 1, form["new_family"])
    return render(
        request, "screens/form.html", {"form": form, "fieldsets": parts, **more}, status=status
    )


@page("catalog.product.add")
@require_http_methods(["GET", "HEAD", "POST"])
def product_new(request: HttpRequest) -> HttpResponse:
    """Enter a product."""
    actor = actor_of(request)
    frame: dict[str, Any] = {
        "form_title": _("New product"),
        "breadcrumbs": [
            {"label": _("Products"), "url": reverse("products")},
            {"label": _("New product")},
        ],
        "cancel_url": reverse("products"),
        "save_and_new": True,
    }
    if request.method != "POST":
        form = _form(actor, initial={"currency": "CNY", "status": ProductStatus.ON_SALE})
        return _page(request, form, once_token=once_token(), **frame)
    form = _form(actor, request.POST)
    token = request.POST.get("once_token", "")[:64]
    if form.is_valid():
        try:
            product = product_create(
                actor=actor, values=form.values(), new_family=form.new_family, submission=token
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Product %(code)s is saved.") % {"code": product.code})
            return redirect("product-new" if "and_new" in request.POST else product_url(product))
    return _page(request, form, status=422, once_token=token, **frame)


@page("catalog.product.view")
@require_http_methods(["GET", "HEAD", "POST"])
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a product; a stale edit shows both versions and keeps what was typed."""
    actor = actor_of(request)
    product = Product.objects.reachable(actor, pk, "change")
    frame: dict[str, Any] = {
        "form_title": _("Edit product %(code)s") % {"code": product.code},
        "breadcrumbs": [
            {"label": _("Products"), "url": reverse("products")},
            {"label": product.code, "url": product_url(product)},
            {"label": _("Edit")},
        ],
        "cancel_url": product_url(product),
        "version": product.version,
    }
    if request.method != "POST":
        form = _present(product, actor)
        return _page(request, form, base=write_base(base_of(form)), **frame)
    base = read_base(request.POST.get("base", ""))
    data = with_choices(request.POST, base)
    if data.get("choose_family") == "theirs":
        data["new_family"] = ""
    form = _form(actor, data)
    frame |= {"version": request.POST.get("version", "")[:10], "base": write_base(base)}
    if form.is_valid():
        try:
            product_update(
                actor=actor,
                product_id=pk,
                expected_version=version_of(request),
                values=changes_of(form, base),
                new_family=form.new_family,
            )
        except Stale:
            return _begun_anew(request, pk, form, base, frame)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(product_url(product))
    return _page(request, form, status=422, **frame)


def _begun_anew(
    request: HttpRequest, pk: int, form: ProductForm, base: dict[str, Any], frame: dict[str, Any]
) -> HttpResponse:
    """The page of the conflict; a family named anew is mine, and made only when it stays."""
    named = form.new_family
    product = Product.objects.reachable(form.actor, pk, "change")
    form, stale = anew(
        partial(_form, form.actor),
        form,
        base=base,
        present=_present(product, form.actor),
        row=product,
    )
    for line in stale["conflict"]:
        if named and line["name"] == "family":
            line |= {"mine": named, "choice": "mine"}
    return _page(request, form, status=409, **frame | stale)

"""Pages of products: list, detail, form; and the look-ups by which other pages find them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from dossier.catalog.access import FAMILY, PRODUCT
from dossier.catalog.fields import GROUPS, fields_for, may_see_cost
from dossier.catalog.models import Product, ProductFamily
from dossier.catalog.selectors import (
    families,
    family_names,
    product_by_code,
    search_products,
    sellable,
)
from dossier.catalog.services import (
    family_get_or_create,
    product_create,
    product_discontinue,
    product_resume,
    product_update,
)
from dossier.catalog.states import ProductClass, ProductStatus
from dossier.core.access import Actor
from dossier.core.errors import Refusal, Stale
from dossier.core.fields import FieldSpec, Kind, Surface, display, display_value
from dossier.core.money import CURRENCIES
from dossier.core.navigation import CreateLink, NavItem, create_link, nav
from dossier.core.screens.forms import RecordForm, fieldsets, form_class, once_token
from dossier.core.screens.lists import Cell, Column, Filter, ListScreen, with_columns
from dossier.core.screens.lookups import coded, keyed
from dossier.core.screens.requests import actor_of, page
from dossier.customers.registries import SearchSource, register_search

STATUS_COLORS = {
    ProductStatus.ON_SALE: "green",
    ProductStatus.DRAFT: "yellow",
    ProductStatus.DISCONTINUED: "secondary",
}
_NUMBERS = (Kind.MONEY, Kind.NUMBER, Kind.COUNT)
_BELOW_ALL = Decimal(-(10**17))


def _rows(actor: Actor) -> QuerySet[Any]:
    return Product.objects.for_user(actor).select_related("family")


def _url(product: Any) -> str:
    return reverse("product", args=[product.pk])


def _cell(spec: FieldSpec, product: Any) -> str | Cell:
    text = display(spec, product)
    if spec.name == "status":
        return {"text": text, "badge": STATUS_COLORS[product.status]}
    if spec.name == "name":
        return {"text": text or product.code, "url": _url(product)}
    if spec.kind is Kind.MONEY and text and product.currency != "CNY":
        return f"{product.currency} {text}"
    return text


def _columns(actor: Actor) -> list[Column]:
    made = []
    for spec in fields_for(actor):
        if not spec.on(Surface.LIST):
            continue
        number = spec.kind in _NUMBERS
        made.append(
            Column(
                key=spec.name,
                label=spec.title(Product),
                cell=lambda row, spec=spec: _cell(spec, row),  # type: ignore[misc] # the loop's own spec
                align="end" if number else "start",
                sort="sort_key" if spec.name == "name" else spec.name if spec.sort else "",
                nulls=_BELOW_ALL if number else None,
                default=spec.default_column,
            )
        )
    return made


def _head(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "create_url": reverse("product-new") if actor.can(PRODUCT.key, "add") else "",
        "create_label": _("New product"),
        "empty_text": _("Products come in with an import, or are entered one by one."),
    }


LIST = ListScreen(
    key="products",
    title=gettext_lazy("Products"),
    icon="package",
    rows=_rows,
    columns=(),
    row_url=_url,
    default_sort="code",
    search=search_products,
    search_placeholder=gettext_lazy("Name, code, specification, pinyin"),
    head=_head,
    filters=(
        Filter(
            "product_class",
            gettext_lazy("Product class"),
            "choice",
            options=lambda actor: ProductClass.choices,
            quick=True,
        ),
        Filter(
            "status",
            gettext_lazy("Status"),
            "choice",
            options=lambda actor: ProductStatus.choices,
            quick=True,
        ),
        Filter(
            "family",
            gettext_lazy("Product family"),
            "multi",
            options=lambda actor: [(str(pk), name) for pk, name in family_names(actor).items()],
            apply=lambda rows, ids: rows.filter(family_id__in=[int(i) for i in ids]),
        ),
        Filter(
            "currency",
            gettext_lazy("Currency"),
            "choice",
            options=lambda actor: [(c.code, f"{c.code} {c.name}") for c in CURRENCIES.values()],
        ),
    ),
)


@page("catalog.product.view")
@require_http_methods(["GET", "HEAD"])
def product_list(request: HttpRequest) -> HttpResponse:
    """All products."""
    return with_columns(LIST, _columns(actor_of(request))).view(request)


@page("catalog.product.view")
@require_http_methods(["GET", "HEAD"])
def product_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One product."""
    actor = actor_of(request)
    product = _rows(actor).reachable(actor, pk)  # type: ignore[attr-defined] # a ScopedQuerySet
    actions: list[dict[str, Any]] = []
    more: list[dict[str, Any]] = []
    if actor.can(PRODUCT.key, "change"):
        actions.append(
            {
                "label": _("Edit"),
                "url": reverse("product-edit", args=[pk]),
                "icon": "pencil",
                "key": "edit",
                "primary": True,
            }
        )
        if product.status == ProductStatus.DISCONTINUED:
            word, name = _("Put on sale again"), "product-resume"
        else:
            word, name = _("Discontinue"), "product-discontinue"
        actions.append(
            {
                "label": word,
                "url": f"{reverse(name, args=[pk])}?version={product.version}",
                "method": "post",
            }
        )
    specs = fields_for(actor)
    facts = [
        {
            "title": title,
            "items": [
                _fact(spec, product)
                for spec in specs
                if spec.group == group
                and spec.on(Surface.DETAIL)
                and spec.name not in ("code", "name", "status")
            ],
        }
        for group, title in GROUPS.items()
    ]
    return render(
        request,
        "screens/detail.html",
        {
            "detail": {
                "title": product.name or product.code,
                "code": product.code,
                "badges": [
                    {"text": product.get_status_display(), "color": STATUS_COLORS[product.status]}
                ],
                "actions": actions,
                "more_actions": more,
            },
            "breadcrumbs": [
                {"label": _("Products"), "url": reverse("products")},
                {"label": product.code},
            ],
            "facts": facts,
        },
    )


def _fact(spec: FieldSpec, product: Any) -> dict[str, Any]:
    return {
        "label": spec.title(Product),
        "value": display(spec, product),
        "wide": spec.wide,
        "help": spec.help,
    }


# -- the form ---------------------------------------------------------------------------------------


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

    def values(self) -> dict[str, Any]:
        """What was entered, by field name."""
        entered = {spec.name: self.cleaned_data.get(spec.name) for spec in self.specs}
        new_family = self.cleaned_data.get("new_family")
        if new_family:
            entered["family"] = family_get_or_create(actor=self.actor, name=new_family)
        for name in ("remark", "product_class"):
            entered[name] = entered[name] or ""
        return entered


def _form(actor: Actor, *args: Any, **more: Any) -> ProductForm:
    return cast(
        ProductForm,
        form_class(Product, fields_for(actor), base=ProductForm)(*args, actor=actor, **more),
    )


def _initial(product: Product, actor: Actor) -> dict[str, Any]:
    values = {spec.name: getattr(product, spec.name) for spec in fields_for(actor)}
    values["family"] = str(product.family_id or "")
    return values


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
            product = product_create(actor=actor, values=form.values(), submission=token)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Product %(code)s is saved.") % {"code": product.code})
            return redirect("product-new" if "and_new" in request.POST else _url(product))
    return _page(request, form, status=422, once_token=token, **frame)


@page("catalog.product.view")
@require_http_methods(["GET", "HEAD", "POST"])
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a product."""
    actor = actor_of(request)
    product = Product.objects.reachable(actor, pk, "change")
    frame: dict[str, Any] = {
        "form_title": _("Edit product %(code)s") % {"code": product.code},
        "cancel_url": _url(product),
        "version": product.version,
    }
    if request.method != "POST":
        return _page(request, _form(actor, initial=_initial(product, actor)), **frame)
    form = _form(actor, request.POST)
    frame["version"] = request.POST.get("version", "")[:10]
    if form.is_valid():
        try:
            product_update(
                actor=actor,
                product_id=pk,
                expected_version=_version(request.POST.get("version", "")),
                values=form.values(),
            )
        except Stale as stale:
            return _page(request, form, status=409, **(frame | _conflict(product, form, stale)))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(_url(product))
    return _page(request, form, status=422, **frame)


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _conflict(product: Product, form: ProductForm, stale: Stale) -> dict[str, Any]:
    """Both versions of what differs, for the form; saved again, the person's choice counts."""
    items = []
    for spec in form.specs:
        if spec.name not in stale.params["theirs"]:
            continue
        theirs, mine = stale.params["theirs"][spec.name], form.cleaned_data.get(spec.name)
        items.append(
            {
                "name": spec.name,
                "label": spec.title(Product),
                "theirs": _shown(spec, theirs),
                "mine": _shown(spec, mine),
                "theirs_value": _raw(theirs),
                "mine_value": _raw(mine),
                "choice": "mine",
            }
        )
    return {"conflict": items, "version": product.version, "conflict_at": product.updated_at}


def _shown(spec: FieldSpec, value: Any) -> str:
    if spec.kind is Kind.CHOICE:
        return str(dict(Product._meta.get_field(spec.name).choices or ()).get(value, ""))  # type: ignore[union-attr] # a real field
    return display_value(spec.kind, value)


def _raw(value: Any) -> str:
    return (
        "" if value is None else str(value.pk) if isinstance(value, ProductFamily) else str(value)
    )


@page("catalog.product.view")
@require_POST
def product_status(request: HttpRequest, pk: int, discontinue: bool) -> HttpResponse:
    """Take off sale, or put on sale again."""
    change = product_discontinue if discontinue else product_resume
    change(
        actor=actor_of(request),
        product_id=pk,
        expected_version=_version(request.GET.get("version", "")),
    )
    messages.success(request, _("Saved."))
    return redirect("product", pk=pk)


# -- look-ups ----------------------------------------------------------------------------------------


def _fill(actor: Actor, product: Any) -> dict[str, str]:
    """A chosen product brings its price, and for those who may see it its cost, in its currency."""
    brought = {
        "price": product.list_price,
        "unit_cost": product.cost if may_see_cost(actor) else None,
    }
    filled = {name: display_number(value) for name, value in brought.items() if value is not None}
    return filled | {"currency": product.currency} if filled else {}


def display_number(value: Decimal) -> str:
    """A number as it is typed into a field."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


coded(
    "product",
    "catalog.product.view",
    lambda actor, q: search_products(sellable(actor), q).order_by("sort_key", "pk"),
    product_by_code,
    text=lambda p: " ".join(part for part in (p.name, p.specification) if part),
    fill=_fill,
)


def _family_by_name(actor: Actor, name: str) -> ProductFamily | None:
    found: ProductFamily | None = (
        ProductFamily.objects.for_user(actor).filter(name=name).first()
        if "\x00" not in name
        else None
    )
    return found


keyed(
    "family",
    "catalog.family.view",
    families,
    ProductFamily.objects.for_user,
    _family_by_name,
)


def _found(actor: Actor, text: str, most: int) -> list[dict[str, Any]]:
    """Products for the search of everything."""
    rows = search_products(_rows(actor), text).order_by("sort_key", "pk")[:most]
    return [
        {
            "url": _url(p),
            "title": p.name or p.code,
            "hint": " · ".join(part for part in (p.code, p.specification) if part),
        }
        for p in rows
    ]


register_search(
    SearchSource(
        "products",
        gettext_lazy("Products"),
        40,
        _found,
        permission="catalog.product.view",
        all_url=lambda text: f"{reverse('products')}?{urlencode({'q': text})}",
    )
)

nav(
    NavItem(
        "products",
        gettext_lazy("Products"),
        "package",
        order=40,
        key="p",
        permission="catalog.product.view",
        prefix="/products/",
    )
)
create_link(
    CreateLink(
        "product-new",
        gettext_lazy("Product"),
        "package",
        order=40,
        permission="catalog.product.add",
    )
)

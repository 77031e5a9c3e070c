"""Settings page of the customer categories: the tree, its codes, customers moved and nodes retired (CUS-4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.confirm import reasoned_step
from dossier.core.screens.conflict import anew, with_choices
from dossier.core.screens.edits import base_of, read_base, write_base
from dossier.core.screens.forms import PlainField, RecordForm, RefField, once_token
from dossier.core.screens.lists import Cell
from dossier.core.screens.lookups import coded
from dossier.core.screens.requests import actor_of, page, text_parameter, version_of
from dossier.core.screens.short_lists import ShortList, ShortRow, number_cell, tree_cell
from dossier.customers.models import CustomerCategory
from dossier.customers.screens.requests import crumbs, place
from dossier.customers.selectors import (
    categories_named,
    category_by_code,
    category_detail,
    category_suggestion,
    category_tree,
    customers_in,
)
from dossier.customers.selectors.categories import Branch
from dossier.customers.services import (
    category_close,
    category_create,
    category_delete,
    category_move_customers,
    category_reopen,
    category_update,
)
from dossier.customers.states import CustomerStatus

_VIEW, _CHANGE = "customers.category.view", "customers.category.change"

coded(
    "category-parent",
    _CHANGE,
    categories_named,
    category_by_code,
    fill=lambda _actor, row: {"code": category_suggestion(row)},
)


def list_address(code: str) -> str:
    """The customers of a category and those below it."""
    return f"{reverse('customers')}?{urlencode({'category_node': code})}"


def standing_on(request: HttpRequest) -> CustomerCategory | None:
    """The category in use that the address names: where a new customer is entered (CUS-4)."""
    code = text_parameter(request, "category_node", longest=40)
    row = category_by_code(actor_of(request), code) if code and "\x00" not in code else None
    return row if row is not None and row.is_active else None


def new_customer_address(category: CustomerCategory | None) -> str:
    """The form of a new customer, in a category where one stands on it."""
    if category is None:
        return reverse("customer-new")
    return f"{reverse('customer-new')}?{urlencode({'category_node': category.code})}"


# The tree ---------------------------------------------------------------------------------------------


@require_safe
@page(_VIEW)
def category_list(request: HttpRequest) -> HttpResponse:
    """The tree with codes, names and the customers within the reader's reach."""
    actor = actor_of(request)
    sees_customers = actor.can("customers.customer", "view")
    may_change = actor.can("customers.category", "change")
    here, below = _("Customers here"), _("With those below")

    def row(branch: Branch) -> ShortRow:
        category = branch.row
        url = reverse("category", args=[category.pk]) if may_change else ""
        counts = [
            number_cell(branch.own),
            number_cell(branch.total, list_address(category.code) if branch.total else ""),
        ]
        state: Cell = (
            {"text": _("in use"), "badge": "green"}
            if category.is_active
            else {"text": _("out of use"), "badge": "secondary"}
        )
        cells: list[Cell] = [
            tree_cell(category.name, branch.depth, url),
            {"text": category.code, "css": "num"},
            *(counts if sees_customers else ()),
            state,
        ]
        return ShortRow(cells, url, "" if category.is_active else "archived")

    counted = [here, below] if sees_customers else []
    return ShortList(
        title=_("Customer categories"),
        columns=[_("Category name"), _("Category code"), *counted, _("Status")],
        ends=[here, below],
        rows=[row(branch) for branch in category_tree(actor)],
        create_url=reverse("category-new") if may_change else "",
        create_label=_("New category"),
        icon="binary-tree-2",
        empty_title=_("No categories yet"),
        empty_text=_(
            "The company's own tree of customers, for example by channel or trade. A customer gets the code of the category one stands on, and the list of customers is narrowed by it. A sheet brings the codes in too, once they are here."
        ),
    ).view(request)


# The form ---------------------------------------------------------------------------------------------


class CategoryForm(RecordForm):
    """Place, code and name of a category."""

    def __init__(self, *args: Any, actor: Actor, new: bool, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        parent = RefField(
            actor=actor,
            key="category-parent",
            required=False,
            label=_("Belongs to"),
            help_text=_("Left blank, it stands on top."),
        )
        code = PlainField(
            max_length=20,
            required=False,
            label=_("Category code"),
            widget=forms.TextInput(attrs={"autocomplete": "off", "class": "num"}),
            help_text=_("Left blank, the next free code is given.")
            if new
            else _("Codes of the categories below it stay as they are."),
        )
        name = PlainField(max_length=60, required=False, label=_("Category name"))
        name.must = True  # type: ignore[attr-defined] # read by the field template
        code.must = not new  # type: ignore[attr-defined] # read by the field template
        self.fields = {"name": name, "parent": parent, "code": code}
        parent.offer(self["parent"].value())


@require_http_methods(["GET", "HEAD", "POST"])
@page(_CHANGE)
def category_new(request: HttpRequest) -> HttpResponse:
    """Enter a category, below the one the address names."""
    actor = actor_of(request)
    if request.method == "POST":
        form = CategoryForm(request.POST, actor=actor, new=True)
        if form.is_valid():
            try:
                made = category_create(
                    actor=actor,
                    submission=request.POST.get("once_token") or once_token(),
                    **form.cleaned_data,
                )
            except Refusal as refusal:
                place(refusal, form)
            else:
                messages.success(request, _("Category “%(name)s” is made.") % {"name": str(made)})
                return redirect("categories")
    else:
        above = standing_on(request)
        start = {"parent": above.code, "code": category_suggestion(above)} if above else {}
        form = CategoryForm(actor=actor, new=True, initial=start)
    return _form_page(
        request,
        form,
        title=_("New category"),
        once_token=request.POST.get("once_token") or once_token(),
        status=422 if request.method == "POST" else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(_CHANGE)
def category_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, give another code or place; a stale edit shows both versions."""
    actor = actor_of(request)
    category = category_detail(actor, pk, "change")
    stale: dict[str, Any] = {}
    form = _form_of(actor, category)
    version, base = category.version, base_of(form)
    if request.method == "POST":
        version, base = version_of(request), read_base(request.POST.get("base", ""))
        form = CategoryForm(with_choices(request.POST, base), actor=actor, new=False)
        if form.is_valid():
            try:
                category_update(
                    actor=actor,
                    category_id=pk,
                    expected_version=version,
                    changes=form.cleaned_data,
                )
            except Stale:
                category = category_detail(actor, pk, "change")
                form, stale = anew(
                    partial(CategoryForm, actor=actor, new=False),
                    form,
                    base=base,
                    present=_form_of(actor, category),
                    row=category,
                )
            except NotFound as refusal:
                if refusal.field is None:
                    raise
                place(refusal, form)
            except Refusal as refusal:
                place(refusal, form)
            else:
                messages.success(request, _("Saved."))
                return redirect("categories")
    return _form_page(
        request,
        form,
        title=_("Edit %(name)s") % {"name": category.name},
        category=category,
        status=409 if stale else 422 if request.method == "POST" else 200,
        **{"version": version, "base": write_base(base)} | stale,
        **_surroundings(actor, category),
    )


def _form_of(actor: Actor, category: CustomerCategory) -> CategoryForm:
    """The form of a category as it stands."""
    parent = category.parent
    start = {
        "name": category.name,
        "code": category.code,
        "parent": parent.code if parent else "",
    }
    return CategoryForm(actor=actor, new=False, initial=start)


def _surroundings(actor: Actor, category: CustomerCategory) -> dict[str, Any]:
    """What the page of a category says and offers beside its form."""
    rows = customers_in(actor, category)
    count = rows.count()
    sees = actor.can("customers.customer", "view")
    return {
        "customers": count,
        "archived": rows.filter(status=CustomerStatus.ARCHIVED).count() if count else 0,
        "sees_customers": sees,
        "list_url": list_address(category.code) if sees else "",
        "new_customer_url": new_customer_address(category)
        if category.is_active and actor.can("customers.customer", "add")
        else "",
        "below_url": f"{reverse('category-new')}?{urlencode({'category_node': category.code})}"
        if category.is_active
        else "",
        "may_remove": not count and not category.children.exists(),
    }


def _form_page(
    request: HttpRequest, form: CategoryForm, *, title: str, status: int, **context: Any
) -> HttpResponse:
    return render(
        request,
        "customers/category.html",
        {
            "form": form,
            "form_title": title,
            "fieldsets": [{"fields": list(form)}],
            "cancel_url": reverse("categories"),
            "breadcrumbs": crumbs((_("Customer categories"), reverse("categories")), (title, "")),
            **context,
        },
        status=status,
    )


# Steps ------------------------------------------------------------------------------------------------


def _step(
    request: HttpRequest,
    category: CustomerCategory,
    run: Callable[[str], object],
    *,
    done: str,
    **words: Any,
) -> HttpResponse:
    """Ask for a reason and do it."""
    back = reverse("category", args=[category.pk])
    return reasoned_step(
        request,
        run,
        confirm={"subject": str(category), **words},
        version=category.version,
        done=done,
        then=reverse("categories"),
        cancel_url=back,
        breadcrumbs=crumbs(
            (_("Customer categories"), reverse("categories")),
            (str(category), back),
            (words["title"], ""),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(_CHANGE)
def category_close_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a category out of use."""
    actor = actor_of(request)
    category = category_detail(actor, pk, "change")
    effects = [
        _("It is not offered any more for customers, and nothing new can be placed below it."),
        _("Customers that have it keep it; they can be moved to another category in one step."),
    ]
    count = customers_in(actor, category).count()
    if count:
        effects.append(_customers_words(count))
    return _step(
        request,
        category,
        lambda reason: category_close(
            actor=actor, category_id=pk, reason=reason, expected_version=version_of(request)
        ),
        done=_("Taken out of use."),
        title=_("Take this category out of use"),
        button=_("Take out of use"),
        icon="archive",
        effects=effects,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(_CHANGE)
def category_reopen_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a category into use again."""
    actor = actor_of(request)
    category = category_detail(actor, pk, "change")
    return _step(
        request,
        category,
        lambda reason: category_reopen(
            actor=actor, category_id=pk, reason=reason, expected_version=version_of(request)
        ),
        done=_("In use again."),
        title=_("Take this category into use again"),
        button=_("Take into use again"),
        icon="archive-off",
    )


def _customers_words(count: int) -> str:
    return ngettext(
        "%(count)s customer within your reach has this category.",
        "%(count)s customers within your reach have this category.",
        count,
    ) % {"count": f"{count:,}"}


class MoveForm(RecordForm):
    """Where the customers of a category go, and why."""

    def __init__(self, *args: Any, actor: Actor, category: CustomerCategory, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        to = RefField(actor=actor, key="category", required=False, label=_("They go to"))
        to.must = True  # type: ignore[attr-defined] # read by the field template
        reason = PlainField(
            label=_("Reason"),
            required=False,
            max_length=200,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("Kept in the history with your name and the time."),
        )
        reason.must = True  # type: ignore[attr-defined] # read by the field template
        self.fields = {"to": to, "reason": reason}
        if category.is_active and not category.children.filter(is_active=True).exists():
            self.fields["close"] = forms.BooleanField(
                required=False, label=_("Take the emptied category out of use"), initial=True
            )
        to.offer(self["to"].value())


@require_http_methods(["GET", "HEAD", "POST"])
@page(_CHANGE, "customers.customer.change")
def category_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give all customers of a category another one; how many is said before."""
    actor = actor_of(request)
    category = category_detail(actor, pk, "change")
    data = request.POST if request.method == "POST" else None
    form = MoveForm(data, actor=actor, category=category)
    if request.method == "POST" and form.is_valid():
        try:
            moved = category_move_customers(
                actor=actor,
                category_id=pk,
                expected_count=version_of(request),
                **form.cleaned_data,
            )
        except NotFound:
            raise
        except Refusal as refusal:
            place(refusal, form)
        else:
            text = ngettext(
                "%(count)s customer moved to %(name)s.",
                "%(count)s customers moved to %(name)s.",
                moved,
            )
            to = form.cleaned_data["to"]
            messages.success(request, text % {"count": f"{moved:,}", "name": str(to)})
            return redirect("categories")
    context = _surroundings(actor, category)
    back, title = reverse("category", args=[pk]), _("Move its customers")
    return render(
        request,
        "customers/category_move.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": str(category),
            "fieldsets": [{"fields": list(form)}],
            # the count shown is what is agreed to, as a version elsewhere
            "version": str(context["customers"]),
            "save_label": _("Move"),
            "cancel_url": back,
            "breadcrumbs": crumbs(
                (_("Customer categories"), reverse("categories")),
                (str(category), back),
                (title, ""),
            ),
            **context,
        },
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@page(_CHANGE)
def category_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a category nobody has."""
    actor = actor_of(request)
    try:
        category_delete(actor=actor, category_id=pk, expected_version=version_of(request))
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("category", pk)
    messages.success(request, _("The category is removed."))
    return redirect("categories")


nav(
    NavItem(
        url_name="categories",
        label=gettext_lazy("Customer categories"),
        icon="binary-tree-2",
        order=76,
        permission=_VIEW,
        group=gettext_lazy("Settings"),
        prefix="/settings/categories/",
    )
)

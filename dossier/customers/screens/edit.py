"""Entering and editing a profile in few keystrokes (CUS-1, CUS-4), possible duplicates, stale edits."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, Refusal, Stale
from dossier.core.screens.conflict import anew, with_choices
from dossier.core.screens.edits import (
    answered_none,
    base_of,
    changes_of,
    initial_of,
    none_changed,
    read_base,
    write_base,
)
from dossier.core.screens.forms import RecordForm, once_token
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.services import done_before
from dossier.customers.duplicate_words import reason_words
from dossier.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS, GROUPS
from dossier.customers.forms import (
    FIRST,
    customer_form,
    first_contact_form,
    none_words,
    watch_duplicates,
)
from dossier.customers.models import Customer
from dossier.customers.screens.categories import standing_on
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.requests import crumbs, place
from dossier.customers.selectors import customer_detail, entered_row
from dossier.customers.services import (
    DuplicatesFound,
    customer_create,
    customer_update,
    duplicates_asked,
)
from dossier.customers.services.duplicate_notices import Via
from dossier.people.models import Employee

_TEMPLATE = "customers/edit.html"
_NOTHING_FOUND = DuplicatesFound()


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.add")
def customer_new(request: HttpRequest) -> HttpResponse:
    """Open a file: name, contact and telephone first, the rest if known."""
    actor = actor_of(request)
    if request.method == "POST":
        data = none_words(request.POST, CUSTOMER_FIELDS)
        form, contact = _both(actor, none_words(data, CONTACT_FIELDS, "contact-"))
        made = _create(request, actor, form, contact)
        if made is not None:
            messages.success(
                request,
                _("%(name)s is on file as %(code)s.") % {"name": made.name, "code": made.code},
            )
            if request.POST.get("and_new"):
                return redirect("customer-new")
            return redirect("customer", made.pk)
    else:
        form, contact = _both(actor, None, _fresh(request, actor))
    found = DuplicatesFound()
    if request.method == "POST" and form.is_bound:
        found = _found(actor, request.POST, "save")
    return render(
        request,
        _TEMPLATE,
        {
            "form": form,
            "form_title": _("New customer"),
            "bad_forms": [contact] if contact.is_bound and contact.errors else [],
            "breadcrumbs": crumbs((_("Customers"), reverse("customers")), (_("New customer"), "")),
            "fieldsets": _new_fieldsets(form, contact),
            "once_token": request.POST.get("once_token") or once_token(),
            "cancel_url": reverse("customers"),
            "save_and_new": True,
            **_shown(found),
            "ask_duplicates": found.strong,
        },
        status=422 if request.method == "POST" else 200,
    )


def _both(
    actor: Actor, data: QueryDict | None, initial: dict[str, Any] | None = None
) -> tuple[RecordForm, RecordForm]:
    """The form of the profile and that of its first contact, worded to stand side by side."""
    form = customer_form(data, actor=actor, initial=initial)
    contact = first_contact_form(data, actor=actor, prefix="contact")
    watch_duplicates(form, reverse("customer-duplicates"))
    form.fields["phone"].help_text = _(
        "One telephone is enough: the customer's, or the contact's mobile."
    )
    contact.fields["name"].label = _("Contact")
    contact.fields["mobile"].label = _("Contact's mobile")
    contact.fields["post"].label = _("Contact's post")
    contact.fields["email"].label = _("Contact's e-mail")
    return form, contact


def _fresh(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What a new form begins with: oneself as owner, a name typed elsewhere, the category one stands on."""
    initial: dict[str, Any] = {"name": request.GET.get("name", "")[:98]}
    category = standing_on(request)
    if category is not None:
        initial["category_node"] = category.code
    if actor.employee_id:
        mine = Employee.objects.for_user(actor).filter(pk=actor.employee_id).first()
        initial["owner"] = str(mine.pk) if mine is not None else None
    return initial


def _create(
    request: HttpRequest, actor: Actor, form: RecordForm, contact: RecordForm
) -> Customer | None:
    """The file made from two valid forms; None where something is to be corrected first."""
    fine = form.is_valid()
    if not (contact.is_valid() and fine):
        _name_missing(form, contact)
        return None
    none, none_of_contact = answered_none(form), answered_none(contact)
    person = {name: contact.cleaned_data.get(name) for name in contact.fields}
    whole = (
        form.cleaned_data.get("name")
        and person["name"]
        and (form.cleaned_data.get("phone") or person["mobile"])
    )
    token = request.POST.get("once_token") or once_token()
    # Sent again, it would only be found to be like itself.
    unsaved = whole and not done_before(token)
    if unsaved and _unconfirmed(_found(actor, request.POST, "save"), form, request):
        return None
    try:
        return customer_create(
            actor=actor,
            data={
                name: value for name, value in form.cleaned_data.items() if value not in (None, "")
            },
            contacts=[person | {"not_applicable": none_of_contact}] if any(person.values()) else [],
            not_applicable=none,
            submission=token,
        )
    except Refusal as refusal:
        others = {f"contacts.0.{name}": (contact, name) for name in contact.fields}
        others["contact"] = (contact, "name")
        place(refusal, form, others)
    return None


def _name_missing(form: RecordForm, contact: RecordForm) -> None:
    """Say beside other errors what CUS-1 still needs; the service says it where all else is right."""
    if not form.cleaned_data.get("name") and "name" not in form.errors:
        form.add_error("name", _("Enter the customer's name. “None” is no answer here."))
    if not contact.cleaned_data.get("name") and "name" not in contact.errors:
        contact.add_error(
            "name", _("A customer needs at least one contact. “None” is no answer here.")
        )
    numbers = (form.cleaned_data.get("phone"), contact.cleaned_data.get("mobile"))
    if not any(numbers) and "phone" not in form.errors and "mobile" not in contact.errors:
        form.add_error(
            "phone",
            _(
                "A customer needs at least one telephone number, its own or a contact's. “None” is no answer here."
            ),
        )


def _new_fieldsets(form: RecordForm, contact: RecordForm) -> list[dict[str, Any]]:
    """The required inputs on top, the rest by group."""
    first = [
        form["name"],
        contact["name"],
        form["phone"],
        contact["mobile"],
        contact["post"],
        contact["email"],
    ]
    parts: list[dict[str, Any]] = [
        {
            "id": "part-first",
            "title": _("Needed"),
            "fields": first,
            "description": _("Name, contact and one telephone are enough to begin."),
        }
    ]
    return parts + _rest(form)


def _rest(form: RecordForm) -> list[dict[str, Any]]:
    parts = []
    for key, title in GROUPS.items():
        fields = [form[s.name] for s in form.specs if s.group == key and s.name not in FIRST]
        if fields:
            parts.append({"id": f"part-{key}", "title": title, "fields": fields})
    return parts


# Duplicates ------------------------------------------------------------------------------------------


def _found(actor: Actor, data: QueryDict, via: Via, exclude: int | None = None) -> DuplicatesFound:
    """Possible duplicates of what stands in the form (CUS-3)."""
    numbers = f"{data.get('phone', '')[:100]};{data.get('contact-mobile', '')[:100]}"
    row = entered_row(
        name=data.get("name", "")[:200],
        tax_number=data.get("tax_number", "")[:60],
        phone=numbers,
        address=data.get("address", "")[:300],
        email=f"{data.get('email', '')[:200]};{data.get('contact-email', '')[:200]}",
        website=data.get("website", "")[:200],
        contact=data.get("contact-name", "")[:60],
    )
    return duplicates_asked(actor=actor, row=row, via=via, exclude=exclude)


def _shown(found: DuplicatesFound) -> dict[str, Any]:
    """Possible duplicates for the template."""
    return {
        "hints": [
            {
                "customer": hint.customer,
                "url": customer_url(hint.customer.pk),
                "percent": round(hint.score * 100),
                "strong": hint.strong,
                "reasons": reason_words(hint.reasons),
            }
            for hint in found.hints
        ],
        "elsewhere": found.elsewhere,
        "paused": found.paused,
    }


def _unconfirmed(found: DuplicatesFound, form: RecordForm, request: HttpRequest) -> bool:
    """Whether saving has to be confirmed once because of what was found; the form says so then."""
    if not found.strong or request.POST.get("duplicates_seen"):
        return False
    form.add_error(
        None,
        _(
            "Perhaps this customer is on file already. Compare, then save again to enter it all the same."
        ),
    )
    return True


@require_safe
@page("customers.customer.view")
def customer_duplicates(request: HttpRequest) -> HttpResponse:
    """Possible duplicates of what is being typed, as a fragment."""
    actor = actor_of(request)
    exclude = request.GET.get("exclude", "")
    known = (
        int(exclude) if exclude.isascii() and exclude.isdecimal() and len(exclude) < 19 else None
    )
    if not (actor.can("customers.customer", "add") or actor.can("customers.customer", "change")):
        raise NotAllowed(
            "not_allowed",
            gettext_lazy(
                "Your role does not include this. Ask the system administrator for the right."
            ),
        )
    found = _found(actor, request.GET, "typing", known)
    return render(request, "customers/_duplicates.html", _shown(found))


# Editing ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.view")
def customer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a profile; a stale edit shows both versions and keeps what was typed.

    What is saved is answered without the form as it stands: only what is shown again reads it.
    """
    if request.method == "POST":
        return _edit_sent(request, pk)
    customer = _changeable(actor_of(request), pk)
    form = _present(actor_of(request), customer)
    return _edit_page(request, customer, form, version=customer.version, base=base_of(form))


def _edit_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer to an edit: done, or the form again with what is to be corrected, confirmed or compared.

    The service looks whether the actor may change the customer; where it refuses or is not asked, the
    page looks before it shows anything.
    """
    actor = actor_of(request)
    version, base = version_of(request), read_base(request.POST.get("base", ""))
    data = none_words(with_choices(request.POST, base), CUSTOMER_FIELDS)
    form = _watched(customer_form(data, actor=actor), pk)
    found = DuplicatesFound()
    if form.is_valid() and _alike_now(changes_of(form, base)):
        found = _found(actor, request.POST, "save", pk)
        _unconfirmed(found, form, request)
    if form.is_valid():
        none = none_changed(form, base)
        try:
            customer_update(
                actor=actor,
                customer_id=pk,
                expected_version=version,
                changes=changes_of(form, base),
                not_applicable=none,
            )
        except Stale:
            customer = customer_detail(actor, pk)
            form, stale = anew(
                partial(customer_form, actor=actor),
                form,
                base=base,
                present=_present(actor, customer),
                row=customer,
            )
            return _edit_page(
                request, customer, form, version=version, base=base, found=found, stale=stale
            )
        except Refusal as refusal:
            place(refusal, form)
        else:
            messages.success(request, _("Saved."))
            return redirect("customer", pk)
    return _edit_page(
        request, _changeable(actor, pk), form, version=version, base=base, found=found
    )


def _changeable(actor: Actor, pk: int) -> Customer:
    """The customer with what its page shows, if the actor may change it."""
    Customer.objects.reachable(actor, pk, "change")
    return customer_detail(actor, pk)


def _edit_page(
    request: HttpRequest,
    customer: Customer,
    form: RecordForm,
    *,
    version: int,
    base: dict[str, Any],
    found: DuplicatesFound = _NOTHING_FOUND,
    stale: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page of the form; ``stale`` is what it shows of a conflict."""
    first = {"id": "part-first", "title": "", "fields": [form[name] for name in FIRST]}
    return render(
        request,
        _TEMPLATE,
        {
            "form": form,
            "form_title": _("Edit %(name)s") % {"name": customer.short_name or customer.name},
            "form_subtitle": customer.code,
            "breadcrumbs": crumbs(
                (_("Customers"), reverse("customers")),
                (str(customer), customer_url(customer.pk)),
                (_("Edit"), ""),
            ),
            "fieldsets": [first, *_rest(form)],
            "version": version,
            "base": write_base(base),
            "cancel_url": customer_url(customer.pk),
            **_shown(found),
            "ask_duplicates": found.strong,
            **(stale or {}),
        },
        status=409 if stale else 422 if request.method == "POST" else 200,
    )


def _present(actor: Actor, customer: Customer) -> RecordForm:
    """The form of a profile as it stands."""
    specs = customer_form(actor=actor).specs
    form = customer_form(actor=actor, initial=initial_of(actor, customer, specs))
    return _watched(form, customer.pk)


def _watched(form: RecordForm, pk: int) -> RecordForm:
    """The form, which looks for customers like the one being edited while it is typed into."""
    watch_duplicates(form, f"{reverse('customer-duplicates')}?exclude={pk}")
    return form


def _alike_now(changes: dict[str, Any]) -> bool:
    """Whether an edit can make a customer like another one."""
    return bool({"name", "tax_number", "phone", "address", "email"}.intersection(changes))

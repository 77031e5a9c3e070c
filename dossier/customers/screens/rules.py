"""Settings page of computed classes, completeness and questions; completeness by owner (CUS-8, CUS-9, CUS-13)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from dossier.core.access import Actor
from dossier.core.errors import Refusal, Stale
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.forms import ParsedField, PlainField, RecordForm
from dossier.core.screens.lists import Cell
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.screens.short_lists import ShortList, ShortRow, number_cell
from dossier.core.templatetags.look import moment_text
from dossier.core.values import ValueProblem, halfwidth
from dossier.customers.access import RULES
from dossier.customers.models import CompletenessRule, OwnerSum, ProfileRules
from dossier.customers.screens.requests import crumbs, place
from dossier.customers.screens.standing import score_html
from dossier.customers.selectors import owner_sums
from dossier.customers.selectors.completeness import item_title
from dossier.customers.services.rules import RANGES, ItemRule, completeness_set, profile_rules_set
from dossier.customers.states import Grade, Supplier

_VIEW, _CHANGE = f"{RULES.key}.view", f"{RULES.key}.change"

_GROUPS: Final[tuple[tuple[str | Promise, tuple[str, ...]], ...]] = (
    (
        gettext_lazy("Time and transaction state"),
        ("new_days", "former_days", "active_days", "opening_days"),
    ),
    (gettext_lazy("Weight among customers"), ("weight_days", "key_amount", "general_orders")),
    (gettext_lazy("Credit class"), ("late_share", "arrears_days")),
    (
        gettext_lazy("Questions and completeness"),
        ("answer_days", "stale_days", "shared_phones", "low_score"),
    ),
)
_TEXTS: Final[dict[str, tuple[str | Promise, str | Promise, str | Promise]]] = {
    # label, unit, help
    "new_days": (pgettext_lazy("computed class", "New customer"), gettext_lazy("days"), gettext_lazy("For so long after the first deal; then it is an existing one.")),
    "former_days": (gettext_lazy("Former customer"), gettext_lazy("days"), gettext_lazy("Without a deal for longer than this.")),
    "active_days": (gettext_lazy("In progress"), gettext_lazy("days"), gettext_lazy("For so long after a deal; then it is past.")),
    "opening_days": (gettext_lazy("About to start"), gettext_lazy("days"), gettext_lazy("For so long after an intention or a project was noted.")),
    "weight_days": (gettext_lazy("Days that weigh"), gettext_lazy("days"), gettext_lazy("Deals of this long count for the weight.")),
    "key_amount": (gettext_lazy("Key customer"), gettext_lazy("CNY"), gettext_lazy("Buys for at least this much in these days.")),
    "general_orders": (gettext_lazy("General customer"), gettext_lazy("orders"), gettext_lazy("At least so many in these days; fewer make an occasional one.")),
    "late_share": (gettext_lazy("Class A pays late at most"), "%", gettext_lazy("Of its receipts. Computed once receipts are recorded.")),
    "arrears_days": (gettext_lazy("Class C is in arrears"), gettext_lazy("days"), gettext_lazy("For longer than this. Computed once receipts are recorded.")),
    "answer_days": (gettext_lazy("A question is answered within"), gettext_lazy("days"), ""),
    "stale_days": (gettext_lazy("A profile is stale after"), gettext_lazy("days"), gettext_lazy("Without any change or review.")),
    "shared_phones": (gettext_lazy("A telephone is doubtful from"), gettext_lazy("customers"), gettext_lazy("On whose files it stands.")),
    "low_score": (gettext_lazy("Completeness is low below"), "%", ""),
}  # fmt: skip


def _number(value: object) -> Decimal:
    text = halfwidth(value).replace(",", "")
    if not (text.isascii() and text.replace(".", "", 1).isdecimal() and len(text) < 18):
        raise ValueProblem("bad_count", value)
    return Decimal(text)


def _whole(value: object) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueProblem("bad_count", value)
    return int(number)


def _reason_field() -> PlainField:
    reason = PlainField(
        required=False,
        max_length=200,
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the history with your name and the time."),
    )
    reason.must = True  # type: ignore[attr-defined] # read by the field template
    reason.css = "field-wide"  # type: ignore[attr-defined] # read by the field template
    return reason


class RulesForm(RecordForm):
    """The thresholds, and why they change."""

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        for name, (label, unit, help_text) in _TEXTS.items():
            made = ParsedField(
                _number if name == "key_amount" else _whole,
                required=False,
                label=label,
                help_text=help_text,
                widget=forms.TextInput(
                    attrs={"inputmode": "numeric", "class": "text-end num", "autocomplete": "off"}
                ),
            )
            made.unit = unit  # type: ignore[attr-defined] # read by the field template
            made.must = True  # type: ignore[attr-defined] # read by the field template
            self.fields[name] = made
        self.fields["reason"] = _reason_field()


class WeightsForm(RecordForm):
    """Weight, lowest grade and supplier of every item, and why they change."""

    def __init__(
        self, *args: Any, actor: Actor, rules: list[CompletenessRule], **more: Any
    ) -> None:
        super().__init__(*args, actor=actor, **more)
        self.rules = rules
        grades = [("", _("everybody")), *((g.value, _("%(grade)s and above") % {"grade": g.value}) for g in Grade if g != Grade.C)]  # fmt: skip
        for rule in rules:
            title = item_title(rule.item)
            self.fields[f"weight-{rule.pk}"] = forms.ChoiceField(
                choices=[(str(n), str(n) if n else _("not counted")) for n in range(11)],
                initial=str(rule.weight),
                label=_("%(item)s: weight") % {"item": title},
            )
            self.fields[f"grade-{rule.pk}"] = forms.ChoiceField(
                choices=grades,
                required=False,
                initial=rule.lowest_grade,
                label=_("%(item)s: asked of") % {"item": title},
            )
            self.fields[f"supplier-{rule.pk}"] = forms.ChoiceField(
                choices=Supplier.choices,
                initial=rule.supplier,
                label=_("%(item)s: supplied by") % {"item": title},
            )
        self.fields["reason"] = _reason_field()

    def lines(self) -> list[dict[str, Any]]:
        """The inputs of each item, for the page."""
        return [
            {
                "title": item_title(rule.item),
                "fields": [self[f"{name}-{rule.pk}"] for name in ("weight", "grade", "supplier")],
            }
            for rule in self.rules
        ]

    def given(self) -> dict[str, ItemRule]:
        """What was set, by item."""
        return {
            rule.item: ItemRule(
                int(self.cleaned_data[f"weight-{rule.pk}"]),
                self.cleaned_data[f"grade-{rule.pk}"],
                self.cleaned_data[f"supplier-{rule.pk}"],
            )
            for rule in self.rules
        }


def _stored(rules: ProfileRules) -> dict[str, str]:
    return {
        name: f"{getattr(rules, name):f}".removesuffix(".00")
        if name == "key_amount"
        else str(getattr(rules, name))
        for name in RANGES
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page(_VIEW)
def rules_page(request: HttpRequest) -> HttpResponse:
    """The thresholds; who may not change them reads them."""
    actor = actor_of(request)
    rules = ProfileRules.objects.get(pk=1)
    may_change = actor.can(RULES.key, "change")
    if request.method == "POST":
        actor.require(RULES.key, "change")
    form = RulesForm(
        request.POST if request.method == "POST" else None, actor=actor, initial=_stored(rules)
    )
    status, version = 422 if request.method == "POST" else 200, rules.version
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        reason = values.pop("reason")
        try:
            profile_rules_set(
                actor=actor,
                changes={n: values[n] for n in RANGES},
                reason=reason,
                expected_version=version_of(request),
            )
        except Stale as stale:
            place(stale, form)
            status = 409
        except Refusal as refusal:
            place(refusal, form)
        else:
            messages.success(request, _("Saved. All customers are computed anew now."))
            return redirect("profile-rules")
    title = _("Profile rules")
    return render(
        request,
        "customers/rules.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": _(
                "How customers are classed from recorded facts, and what makes a profile complete."
            ),
            "fieldsets": [
                *({"title": t, "fields": [form[n] for n in names]} for t, names in _GROUPS),
                {"title": "", "fields": [form["reason"]]},
            ],
            "version": version,
            "may_change": may_change,
            "weights_url": reverse("completeness-rules"),
            "facts": [
                {
                    "title": t,
                    "items": [
                        {"label": _TEXTS[n][0], "value": f"{_stored(rules)[n]} {_TEXTS[n][1]}"}
                        for n in names
                    ],
                }
                for t, names in _GROUPS
            ],
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(_VIEW)
def weights_page(request: HttpRequest) -> HttpResponse:
    """How much each item counts, from which grade upward, and who supplies it."""
    actor = actor_of(request)
    rules = ProfileRules.objects.get(pk=1)
    if request.method == "POST":
        actor.require(RULES.key, "change")
    rows = list(CompletenessRule.objects.order_by("-weight", "pk"))
    if not actor.can(RULES.key, "change"):
        return _weights_read(request, rows)
    form = WeightsForm(request.POST if request.method == "POST" else None, actor=actor, rules=rows)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            completeness_set(
                actor=actor,
                rules=form.given(),
                reason=form.cleaned_data["reason"],
                expected_version=version_of(request),
            )
        except Stale as stale:
            place(stale, form)
            status = 409
        except Refusal as refusal:
            place(refusal, form)
        else:
            messages.success(request, _("Saved. All customers are computed anew now."))
            return redirect("completeness-rules")
    title = _("What makes a profile complete")
    return render(
        request,
        "customers/weights.html",
        {
            "form": form,
            "form_title": title,
            "form_subtitle": _("“Not applicable” counts as answered."),
            "lines_of_items": form.lines(),
            "reason_field": form["reason"],
            "fieldsets": [],
            "version": rules.version,
            "cancel_url": reverse("profile-rules"),
            "breadcrumbs": crumbs((_("Profile rules"), reverse("profile-rules")), (title, "")),
        },
        status=status,
    )


def _weights_read(request: HttpRequest, rows: list[CompletenessRule]) -> HttpResponse:
    """The items for who may not change them."""
    weight = _("Weight")
    return ShortList(
        title=_("What makes a profile complete"),
        subtitle=_("“Not applicable” counts as answered."),
        columns=[_("Item"), weight, _("Counts for"), _("Supplied by")],
        ends=[weight],
        rows=[
            ShortRow(
                [
                    {"text": item_title(row.item)},
                    number_cell(row.weight),
                    {
                        "text": _("%(grade)s and above") % {"grade": row.lowest_grade}
                        if row.lowest_grade
                        else _("everybody")
                    },
                    {"text": str(row.get_supplier_display())},
                ]
            )
            for row in rows
            if row.weight
        ],
        icon="progress-check",
        empty_title=_("Nothing counts"),
        empty_text="",
    ).view(request)


@require_safe
@page("customers.customer.view")
def completeness_page(request: HttpRequest) -> HttpResponse:
    """Completeness by owner and team, of the owners all of whose customers the reader sees."""
    actor = actor_of(request)
    low = ProfileRules.objects.get(pk=1).low_score
    sums = sorted(
        owner_sums(actor),
        key=lambda one: (
            str(one.owner.team or "") if one.owner else "",
            str(one.owner or ""),
        ),
    )
    customers, below, overdue = (
        _("Customers"),
        _("Below %(low)s%%") % {"low": low},
        _("Overdue questions"),
    )
    when = moment_text(sums[0].at) if sums else ""
    return ShortList(
        title=_("Completeness"),
        subtitle=_("By owner, files in use; summed at %(when)s.") % {"when": when} if sums else "",
        columns=[_("Owner"), _("Team"), customers, _("Completeness"), below, overdue],
        ends=[customers, below, overdue],
        rows=[ShortRow(_sum_cells(one, low)) for one in [*sums, *_total(sums)]],
        icon="progress-check",
        empty_title=_("Nothing summed yet"),
        empty_text=_("The figures come within a minute of the first customers."),
    ).view(request)


def _total(sums: list[OwnerSum]) -> list[OwnerSum]:
    if len(sums) < 2:
        return []
    whole = OwnerSum(
        customers=sum(one.customers for one in sums),
        total=sum(one.total for one in sums),
        below=sum(one.below for one in sums),
        overdue=sum(one.overdue for one in sums),
    )
    whole.pk = -1
    return [whole]


def _sum_cells(one: OwnerSum, low: int) -> list[Cell]:
    everything = one.pk == -1
    owned = "unassigned=1" if one.owner is None else f"owner={one.owner_id}"
    narrowed = "" if everything else f"{owned}&"
    customers = reverse("customers")
    name = _("All together") if everything else str(one.owner or _("Without owner"))
    score = one.total // one.customers if one.customers else 100
    return [
        {"text": name, "url": "" if everything else f"{customers}?{owned}&sort=completeness"},
        {"text": str(one.owner.team or "") if one.owner else ""},
        number_cell(f"{one.customers:,}"),
        {"html": score_html(score), "text": str(score)},
        number_cell(
            f"{one.below:,}",
            f"{customers}?{narrowed}completeness_to={max(low - 1, 0)}&sort=completeness",
        ),
        number_cell(f"{one.overdue:,}", f"{reverse('questions')}?overdue=1" if one.overdue else ""),
    ]


nav(
    NavItem(
        url_name="completeness",
        label=gettext_lazy("Completeness"),
        icon="progress-check",
        order=26,
        permission="customers.customer.view",
    )
)
nav(
    NavItem(
        url_name="profile-rules",
        label=gettext_lazy("Profile rules"),
        icon="adjustments",
        order=77,
        permission=_VIEW,
        group=gettext_lazy("Settings"),
        prefix="/settings/profiles/",
    )
)

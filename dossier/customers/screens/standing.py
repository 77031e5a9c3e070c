"""Where a customer stands, on its page and in the list: computed classes with their reasons beside what
people stated, completeness with the way to each missing field (CUS-8, CUS-9, CUS-13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from dossier.core.access import Actor
from dossier.core.fields import choice_labels
from dossier.core.screens.lists import Cell, Column, Filter, Rows
from dossier.core.templatetags.look import day_text
from dossier.customers import registries
from dossier.customers.models import CompletenessRule, Contact, Customer, ProfileRules, Standing
from dossier.customers.rules.classes import (
    Facts,
    credit_class,
    time_class,
    transaction_state,
    weight,
)
from dossier.customers.selectors import may, profile_rules
from dossier.customers.selectors.completeness import item_place, item_title
from dossier.customers.services.standing import limits_of
from dossier.customers.states import (
    Category,
    CreditClass,
    CustomerStatus,
    Supplier,
    TimeClass,
    TransactionState,
    Weight,
)

AXES: Final[dict[str, tuple[str | Promise, Any]]] = {
    "time_class": (gettext_lazy("Class by time"), TimeClass),
    "transaction_state": (gettext_lazy("Transaction state"), TransactionState),
    "weight": (gettext_lazy("Weight among customers"), Weight),
    "credit_class": (gettext_lazy("Credit class"), CreditClass),
}
_COLOURS: Final = {
    "existing": "green",
    "new": "blue",
    "former": "secondary",
    "prospective": "yellow",
    "running": "green",
    "starting": "blue",
    "past": "secondary",
    "key": "purple",
    "A": "green",
    "B": "yellow",
    "C": "red",
}
_SAME_WEIGHT: Final = {
    Category.IMPORTANT: Weight.KEY,
    Category.MAJOR: Weight.KEY,
    Category.ORDINARY: Weight.GENERAL,
}
"""What a stated category says about the weight."""


def standing_of(customer: Customer) -> Standing | None:
    """What was computed of a customer; None while nothing was."""
    found: Standing | None = getattr(customer, "standing", None)
    return found if found is not None and found.computed_at is not None else None


def standing_card(
    actor: Actor, customer: Customer, contacts: Iterable[Contact], *, change: bool
) -> dict[str, Any] | None:
    """The card of the customer's page: classes with reasons, score, what is missing and who supplies it."""
    standing = standing_of(customer)
    if standing is None:
        return None
    rules = profile_rules()
    return {
        "as_of": day_text(standing.as_of) if standing.as_of else "",
        "classes": _classes(customer, standing, rules, told=_sees_facts(actor)),
        "facts": _facts(actor, customer, standing, rules),
        "score": standing.completeness,
        "tone": score_tone(standing.completeness, rules.low_score),
        "missing": _missing(actor, customer, contacts, standing, change),
    }


def score_tone(score: int, low: int) -> str:
    """The colour of a score."""
    return "green" if score == 100 else "yellow" if score >= low else "red"


def _sees_facts(actor: Actor) -> bool:
    """Whether the reader may see the records of every department the classes follow from."""
    return all(actor.can(*source.permission.rsplit(".", 1)) for source in registries.fact_sources())


def _classes(
    customer: Customer, standing: Standing, rules: ProfileRules, *, told: bool
) -> list[dict[str, Any]]:
    limits, today = limits_of(rules), standing.as_of
    if today is None:
        return []
    facts = Facts(
        **{name: getattr(standing, name) for name in Facts.__dataclass_fields__ if name != "ended"},
        ended=customer.status == CustomerStatus.ARCHIVED,
    )
    whys = {
        "time_class": time_class(facts, limits, today).why,
        "transaction_state": transaction_state(facts, limits, today).why,
        "weight": weight(facts, limits).why,
        "credit_class": credit_class(facts, limits).why,
    }
    found = []
    for name, (label, choices) in AXES.items():
        value = getattr(standing, name)
        stated, differs = _stated(customer, name, value)
        found.append(
            {
                "label": label,
                "value": choices(value).label if value else "",
                "color": _COLOURS.get(value, "secondary"),
                "why": _why(whys[name], standing, rules)
                if told
                else _("Computed from records that are not yours to see."),
                "stated": stated,
                "differs": differs,
            }
        )
    return found


def _stated(customer: Customer, name: str, value: str) -> tuple[str, bool]:
    """What people stated on the same axis, and whether the facts say otherwise."""
    if name == "credit_class" and customer.credit_class_stated:
        label = customer.get_credit_class_stated_display()
        return str(label), bool(value) and value != customer.credit_class_stated
    if name == "time_class" and customer.category == Category.PROSPECTIVE:
        return str(customer.get_category_display()), value != TimeClass.PROSPECTIVE
    if name == "weight" and customer.category in _SAME_WEIGHT:
        same = _SAME_WEIGHT[Category(customer.category)]
        return str(customer.get_category_display()), bool(value) and value != same
    return "", False


def _why(why: str, standing: Standing, rules: ProfileRules) -> str:
    """The sentence of a reason, with the threshold that decided."""
    last = day_text(standing.last_on) if standing.last_on else ""
    first = day_text(standing.first_on) if standing.first_on else ""
    sentences: dict[str, Callable[[], str]] = {
        "never_bought": lambda: _("No deal is recorded."),
        "ended": lambda: _("The relationship has ended."),
        "long_ago": lambda: (
            _("The last deal, on %(day)s, is more than %(days)s days ago.")
            % {"day": last, "days": rules.former_days}
        ),
        "first_lately": lambda: (
            _("The first deal was on %(day)s, at most %(days)s days ago.")
            % {"day": first, "days": rules.new_days}
        ),
        "buys_on": lambda: (
            _("It has bought since %(first)s, the last time on %(last)s.")
            % {"first": first, "last": last}
        ),
        "ordered_lately": lambda: (
            _("The last deal, on %(day)s, is at most %(days)s days ago.")
            % {"day": last, "days": rules.active_days}
        ),
        "intends": lambda: (
            ngettext(
                "%(count)s open intention or project, the newest of %(day)s.",
                "%(count)s open intentions or projects, the newest of %(day)s.",
                standing.openings,
            )
            % {
                "count": standing.openings,
                "day": day_text(standing.opened_on) if standing.opened_on else "",
            }
        ),
        "no_order_lately": lambda: (
            _("No deal for more than %(days)s days; the last on %(day)s.")
            % {"days": rules.active_days, "day": last}
        ),
        "nothing_recorded": lambda: _("Neither a deal nor an open intention is recorded."),
        "buys_much": lambda: (
            _("It bought for at least %(amount)s in %(days)s days.")
            % {"amount": f"{rules.key_amount:,.0f}", "days": rules.weight_days}
        ),
        "buys_often": lambda: (
            _("It ordered at least %(count)s times in %(days)s days.")
            % {"count": rules.general_orders, "days": rules.weight_days}
        ),
        "buys_seldom": lambda: (
            _("It ordered fewer than %(count)s times in %(days)s days.")
            % {"count": rules.general_orders, "days": rules.weight_days}
        ),
        "no_receipts": lambda: _("No receipts recorded yet."),
        "arrears": lambda: (
            _("In arrears for more than %(days)s days.") % {"days": rules.arrears_days}
        ),
        "pays_late": lambda: (
            _("%(late)s of %(count)s receipts came late.")
            % {"late": standing.late_receipts, "count": standing.receipts}
        ),
        "pays_on_time": lambda: (
            _("%(count)s receipts, paid on time.") % {"count": standing.receipts}
        ),
    }
    return sentences[why]()


def _facts(
    actor: Actor, customer: Customer, standing: Standing, rules: ProfileRules
) -> list[dict[str, str]]:
    """The facts behind the classes, of the departments whose records the reader may see."""
    told: list[dict[str, str]] = []
    for source in registries.fact_sources():
        if actor.can(*source.permission.rsplit(".", 1)):
            told += source.told(actor, customer, standing, rules)
    if standing.openings:
        told.append(
            {
                "text": ngettext(
                    "%(count)s open intention or project",
                    "%(count)s open intentions or projects",
                    standing.openings,
                )
                % {"count": standing.openings},
                "url": "?tab=notes",
            }
        )
    if customer.first_deal_on is not None:
        told.append(
            {
                "text": _("First deal stated on the profile: %(day)s")
                % {"day": day_text(customer.first_deal_on)}
            }
        )
    return told


def _missing(
    actor: Actor,
    customer: Customer,
    contacts: Iterable[Contact],
    standing: Standing,
    change: bool,
) -> list[dict[str, Any]]:
    """What is unanswered: the way into the very input, and who has to supply it."""
    if not standing.missing:
        return []
    suppliers = dict(
        CompletenessRule.objects.filter(item__in=standing.missing).values_list("item", "supplier")
    )
    main = next((one.pk for one in contacts if one.is_main), None)

    def may_fill(key: str) -> bool:
        return change and (item_place(key).name != "owner" or may(actor, "assign", customer))

    return [
        {
            "title": item_title(key),
            "url": item_url(customer.pk, main, key) if may_fill(key) else "",
            "who": _supplier(customer, suppliers.get(key, Supplier.OWNER)),
        }
        for key in standing.missing
    ]


def _supplier(customer: Customer, supplier: str) -> str:
    """Who supplies it: the owner by name, the administrator where there is none."""
    if supplier == Supplier.OWNER:
        owner = customer.owner
        return str(owner) if owner is not None else str(Supplier.KEEPER.label)
    return str(Supplier(supplier).label)


def item_url(customer_id: int, main_contact: int | None, key: str) -> str:
    """The input where an item is filled in."""
    place = item_place(key)
    if place.form == "contact":
        url = (
            reverse("contact-edit", args=[main_contact])
            if main_contact
            else reverse("contact-new", args=[customer_id])
        )
        return f"{url}#id_{place.name}"
    if place.form == "account":
        return reverse("bank-account-new", args=[customer_id])
    if place.form == "notes":
        return f"{reverse('customer', args=[customer_id])}?tab=notes"
    if place.name == "owner":
        return reverse("customer-assign", args=[customer_id])
    return f"{reverse('customer-edit', args=[customer_id])}#id_{place.name}"


# In the list -----------------------------------------------------------------------------------------


def _class_cell(name: str) -> Callable[[Any], str | Cell]:
    def cell(row: Any) -> str | Cell:
        standing = standing_of(row)
        value = getattr(standing, name) if standing is not None else ""
        if not value:
            return ""
        text = choice_labels(Standing, name, get_language()).get(value, value)
        return {"text": text, "badge": _COLOURS.get(value, "secondary")}

    return cell


@cache
def score_html(score: int) -> SafeString:
    """A score as a bar with its number."""
    tone = "green" if score >= 90 else "yellow" if score >= 60 else "red"
    return format_html(
        '<span class="score score-{}"><progress max="100" value="{}"></progress><span class="num">{}%</span></span>',
        tone,
        score,
        score,
    )


def _score_cell(row: Any) -> str | Cell:
    standing = standing_of(row)
    if standing is None:
        return {"text": "…", "title": _("Not computed yet")}
    return {"html": score_html(standing.completeness), "text": str(standing.completeness)}


def _as_of_cell(row: Any) -> str | Cell:
    standing = standing_of(row)
    return day_text(standing.as_of) if standing is not None and standing.as_of else ""


def standing_columns() -> list[Column]:
    """Columns of the list of customers."""
    return [
        *(
            Column(
                key=name,
                label=label,
                cell=_class_cell(name),
                sort=f"standing__{name}",
                reads=("standing__computed_at", f"standing__{name}"),
                default=name == "time_class",
            )
            for name, (label, _choices) in AXES.items()
        ),
        Column(
            key="completeness",
            label=gettext_lazy("Completeness"),
            cell=_score_cell,
            sort="standing__completeness",
            reads=("standing__computed_at", "standing__completeness"),
            default=True,
        ),
        Column(
            key="classes_as_of",
            label=gettext_lazy("Classes as of"),
            cell=_as_of_cell,
            reads=("standing__computed_at", "standing__as_of"),
            default=False,
        ),
    ]


_NOTHING = "-"


def _any_of(name: str) -> Callable[[Rows, Any], Rows]:
    def narrow(rows: Rows, values: list[str]) -> Rows:
        wanted = ["" if value == _NOTHING else value for value in values]
        return rows.filter(
            **{f"standing__{name}__in": wanted, "standing__computed_at__isnull": False}
        )

    return narrow


def _choices(choices: Any) -> list[tuple[str, Any]]:
    return [*choices.choices, (_NOTHING, gettext_lazy("Not enough facts"))]


def _options(choices: Any) -> Callable[[Actor], list[tuple[str, Any]]]:
    return lambda _actor: _choices(choices)


def standing_filters() -> list[Filter]:
    """Filters of the list of customers."""
    return [
        *(
            Filter(name, label, "multi", options=_options(choices), apply=_any_of(name))
            for name, (label, choices) in AXES.items()
        ),
        Filter(
            "completeness",
            gettext_lazy("Completeness (percent)"),
            "number_range",
            column="standing__completeness",
        ),
    ]

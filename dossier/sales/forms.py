"""The form of an order: its head and its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _

from dossier.catalog.fields import may_see_cost
from dossier.catalog.models import Product
from dossier.core.access import Actor
from dossier.core.errors import Refusal, Refusals
from dossier.core.fields import FieldSpec, Surface
from dossier.core.money import CURRENCIES
from dossier.core.screens.forms import RecordForm, RefField, form_class, form_field
from dossier.sales.fields import COST_FIELDS, LINE_FIELDS, ORDER_FIELDS
from dossier.sales.models import SalesOrder, SalesOrderLine
from dossier.sales.rules import PROPOSE, LineInput
from dossier.sales.services import MOST_LINES, LineRefusal

# Input of the form → field of the line; the page's script adds up inputs of these names.
LINE_INPUTS = {
    "product": "product",
    "quantity": "quantity",
    "price": "unit_price",
    "discount": "discount_factor",
    "amount": "amount",
    "cost": "cost",
    "other_cost": "other_cost",
}
_SPECS: dict[str, FieldSpec] = {spec.name: spec for spec in LINE_FIELDS}
assert all(_SPECS[name].on(Surface.FORM) for name in LINE_INPUTS.values())


class OrderForm(RecordForm):
    """The head: the currency is chosen from the list."""

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        given = str(
            (self.data.get("currency") if self.is_bound else self.initial.get("currency")) or ""
        )
        codes = [c.code for c in CURRENCIES.values()]
        extra = (
            [given]
            if self.initial.get("currency") == given and given and given not in CURRENCIES
            else []
        )
        self.fields["currency"] = forms.ChoiceField(
            label=self.fields["currency"].label,
            required=False,
            choices=[
                (code, f"{code} {CURRENCIES[code].name}" if code in CURRENCIES else code)
                for code in extra + codes
            ],
        )
        self.fields["currency"].must = True  # type: ignore[attr-defined] # read by the field template

    def clean(self) -> dict[str, Any]:
        """What must be there."""
        cleaned = super().clean() or {}
        for name in ("customer", "ordered_on", "currency"):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(
                    name, forms.ValidationError(_("This must be filled in."), code="missing")
                )
        return cleaned


def order_form(actor: Actor, *args: Any, **more: Any) -> OrderForm:
    """The head's form for this actor."""
    return cast(
        OrderForm, form_class(SalesOrder, ORDER_FIELDS, base=OrderForm)(*args, actor=actor, **more)
    )


class ProductField(RefField):
    """A product; those of all lines are read in one query beforehand."""

    def __init__(self, *, known: Mapping[str, Product], **more: Any) -> None:
        super().__init__(key="product", **more)
        self.known = known

    def offer(self, value: object) -> None:
        """Make the chosen product an option of the select."""
        choices = [("", "")]
        product = self.known.get(str(value or ""))
        if product is not None:
            choices.append((product.code, f"{product.code} {product.name}".strip()))
        self.widget.choices = choices

    def to_python(self, value: Any) -> Any:
        found = self.known.get(str(value or "").strip())
        return found if found is not None else super().to_python(value)


class LineForm(forms.Form):
    """One line. A line with nothing in it is passed over."""

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        known: Mapping[str, Product],
        before: Mapping[int, str],
        given_amounts: bool,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.before = before
        self.fields["product"] = ProductField(
            actor=actor, known=known, required=False, label=_("Product")
        )
        for name, column in LINE_INPUTS.items():
            if name == "product" or (column in COST_FIELDS and not may_see_cost(actor)):
                continue
            made = form_field(SalesOrderLine, _SPECS[column], actor)
            made.widget.attrs["aria-label"] = str(made.label)
            made.help_text = ""
            if name == "amount" and not given_amounts:
                made.widget.attrs |= {"readonly": True, "tabindex": "-1"}
            if name == "discount":
                made.widget.attrs["placeholder"] = "1"
            self.fields[name] = made
        self.fields["line_id"] = forms.IntegerField(
            required=False, widget=forms.HiddenInput, min_value=1, max_value=2**62
        )
        self.fields["product"].widget.attrs["aria-label"] = _("Product")
        cast(ProductField, self.fields["product"]).offer(self["product"].value())

    @property
    def blank(self) -> bool:
        """Whether nothing was entered."""
        names = ("product", "quantity", "price", "line_id")
        return not any(str(self.data.get(self.add_prefix(name), "")).strip() for name in names)

    def clean(self) -> dict[str, Any]:
        """What a line must have."""
        cleaned = super().clean() or {}
        if not self.blank and not cleaned.get("DELETE"):
            for name in ("product", "quantity", "price"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(
                        name, forms.ValidationError(_("This must be filled in."), code="missing")
                    )
        return cleaned

    def line(self) -> LineInput:
        """The line as the service takes it."""
        c = self.cleaned_data
        cost = c.get("cost")
        if cost is None and (
            "cost" not in self.fields or self.before.get(c.get("line_id") or 0) != c["product"].code
        ):
            cost = PROPOSE  # on a line that was there, a cost left blank is not known
        return LineInput(
            product_id=c["product"].pk,
            quantity=c["quantity"],
            unit_price=c["price"],
            discount_factor=Decimal(1) if c.get("discount") is None else c["discount"],
            amount=c.get("amount"),
            cost=cost,
            other_cost=c.get("other_cost") or Decimal(0),
            line_id=c.get("line_id"),
        )


if TYPE_CHECKING:
    _Base = BaseFormSet[LineForm]
else:
    _Base = BaseFormSet  # the class takes no parameter when it runs


class _Lines(_Base):
    """All lines of an order."""

    def lines(self) -> list[tuple[int, LineInput]]:
        """Each entered line with its place among the forms."""
        return [
            (index, form.line())
            for index, form in enumerate(self.forms)
            if not form.blank and not form.cleaned_data.get("DELETE")
        ]


_LineFormSet = formset_factory(
    LineForm,
    formset=_Lines,
    extra=0,
    can_delete=True,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES + 1,
)


def line_forms(
    actor: Actor,
    *,
    data: Any = None,
    initial: Sequence[dict[str, Any]] = (),
    extra: int = 0,
    given_amounts: bool = False,
) -> _Lines:
    """The lines' forms; ``initial`` are the order's present lines."""
    codes = {str(line["product"]) for line in initial}
    if data is not None:
        codes |= {
            str(value).strip()[:50]
            for name, value in data.items()
            if str(name).endswith("-product")
        }
    codes = {code for code in codes if code and "\x00" not in code}  # what a column can hold
    known = {p.code: p for p in Product.objects.for_user(actor).filter(code__in=codes)}
    rows = [*initial, *({} for _more in range(extra))]
    before = {line["line_id"]: line["product"] for line in initial if "line_id" in line}
    kwargs = {"actor": actor, "known": known, "before": before, "given_amounts": given_amounts}
    made = _LineFormSet(
        data=data,
        initial=rows if data is None else list(initial),
        prefix="lines",
        form_kwargs=kwargs,
    )
    return cast(_Lines, made)


def line_columns(actor: Actor) -> list[dict[str, str]]:
    """Heads of the lines' table."""
    heads = {
        "product": _("Product"),
        "quantity": _("Quantity"),
        "price": _("Unit price"),
        "discount": _("Discount factor"),
        "amount": _("Amount"),
        "cost": _("Cost of goods"),
        "other_cost": _("Other cost"),
    }
    costs = may_see_cost(actor)
    return [
        {
            "name": name,
            "label": label,
            "align": "" if name == "product" else "end",
            "css": f"col-{name}",
        }
        for name, label in heads.items()
        if costs or name not in COST_FIELDS
    ]


def line_initial(line: Any, actor: Actor, *, given_amounts: bool = False) -> dict[str, Any]:
    """A line's present values for its form."""
    values = {
        "product": line.product.code,
        "quantity": line.quantity,
        "price": line.unit_price,
        "discount": None if line.discount_factor == 1 else line.discount_factor,
        "line_id": line.pk,
    }
    if given_amounts:
        values["amount"] = line.amount
    if may_see_cost(actor):
        values |= {"cost": line.cost, "other_cost": line.other_cost or None}
    return values


def refuse(form: OrderForm, lines: _Lines, places: Sequence[int], refusal: Refusal) -> None:
    """Put a service's refusals on the inputs they concern."""
    inputs = {column: name for name, column in LINE_INPUTS.items()}
    for one in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
        if isinstance(one, LineRefusal) and one.index < len(places):
            target = lines.forms[places[one.index]]
            name = inputs.get(one.field or "")
            target.add_error(
                name if name in target.fields else None,
                forms.ValidationError(one.message, code=one.code),
            )
        else:
            form.refuse(one)

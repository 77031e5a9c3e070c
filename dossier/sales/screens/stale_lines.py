"""The lines of an order in a stale edit: before, theirs and mine line by line; one choice for them all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dossier.catalog.fields import may_see_cost
from dossier.catalog.models import Product
from dossier.core.access import Actor
from dossier.core.money import line_amount
from dossier.core.screens.conflict import Line, note
from dossier.core.screens.edits import plain
from dossier.core.templatetags.look import money_text
from dossier.sales.forms import LINE_INPUTS, line_columns
from dossier.sales.services import MOST_LINES

LINES = "lines"
_PARTS = ("line_id", *LINE_INPUTS)  # what the text of a line holds, parted by tabs
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,8})?")
_FIGURES = ("quantity", "price", "discount")
_FORM = re.compile(r"lines-[0-9]+-")


def present_texts(present: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lines as they stand, each as one text."""
    return [_text(line) for line in present]


def entered_texts(lines: Any, *, given_amounts: bool) -> list[str]:
    """The lines as they were entered (valid), each as one text."""
    found = []
    for form in lines.forms:
        if form.blank or form.cleaned_data.get("DELETE"):
            continue
        values = dict(form.cleaned_data)
        values["product"] = values["product"].code
        values["discount"] = None if values.get("discount") == 1 else values.get("discount")
        values["other_cost"] = values.get("other_cost") or None
        if not given_amounts:
            values.pop("amount", None)
        found.append(_text(values))
    return found


def _text(values: Mapping[str, Any]) -> str:
    return "\t".join(plain(values.get(name)) for name in _PARTS)


def put(data: QueryDict, texts: Sequence[str]) -> None:
    """Let the form's lines be these."""
    for name in [name for name in data if _FORM.match(name)]:
        del data[name]
    for at, text in enumerate(texts):
        for name, value in _parted(text).items():
            data[f"lines-{at}-{name}"] = value
    data["lines-TOTAL_FORMS"] = str(len(texts))


def put_mine(data: QueryDict, mine: Sequence[str], theirs: Sequence[str]) -> None:
    """Let the form's lines be one's own; a line that they have taken out is entered anew with them."""
    known = _by_id(theirs)
    lines = (_parted(text) for text in mine)
    put(
        data,
        [
            _text(line | {"line_id": line["line_id"] if line["line_id"] in known else ""})
            for line in lines
        ],
    )


def _by_id(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    lines = (_parted(text) for text in texts)
    return {line["line_id"]: line for line in lines if line["line_id"]}


def settled(mine: Sequence[str], *before: Sequence[str]) -> list[str]:
    """One's own lines as they would be saved: an amount left as it was follows figures that were changed."""
    old: dict[str, dict[str, str]] = {}
    for texts in before:
        old = _by_id(texts) | old
    found = []
    for text in mine:
        line = _parted(text)
        same = old.get(line["line_id"], line)
        if line["amount"] == same["amount"] and any(line[n] != same[n] for n in _FIGURES):
            text = _text(line | {"amount": ""})
        found.append(text)
    return found


def compared(
    actor: Actor,
    *,
    was: Sequence[str] | None,
    theirs: Sequence[str],
    mine: Sequence[str],
    currencies: tuple[str, str, str],
) -> list[Line]:
    """The lines that differ, below a line for the choice; ``currencies`` are those of the three versions."""
    if theirs in (mine, was):
        return []
    versions = [list(texts)[:MOST_LINES] for texts in (was or (), theirs, mine)]
    words = _Words(actor, [text for texts in versions for text in texts])
    sums = [words.sum(*pair) for pair in zip(versions, currencies, strict=True)]
    head = note(_("Lines"), name=LINES, base=sums[0] if was else "", theirs=sums[1], mine=sums[2])
    if was != mine:
        head |= {"choice": "mine", "fixed": False}
    found = [head]
    for number, row in enumerate(_side_by_side(versions), 1):
        texts = [words.line(text, code) for text, code in zip(row, currencies, strict=True)]
        if len(set(row[1:])) > 1 or row[0] not in (None, row[1]):
            found.append(
                note(
                    _("Line %(number)s") % {"number": number},
                    base=texts[0] if was is not None else "",
                    theirs=texts[1],
                    mine=texts[2],
                )
            )
    return found


def _side_by_side(versions: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """Each line in its three versions, in the order of theirs; None where a version has it not."""
    rows: dict[str, list[str | None]] = {}
    for at in (1, 0, 2):
        for place, text in enumerate(versions[at]):
            key = _parted(text)["line_id"] or f"new {at} {place}"
            rows.setdefault(key, [None, None, None])[at] = text
    return list(rows.values())


def _parted(text: str) -> dict[str, str]:
    """A line's text by input; what came back altered is cut or filled to fit."""
    parts = [*text.split("\t"), *("" for _name in _PARTS)]
    return dict(zip(_PARTS, parts, strict=False))


class _Words:
    """Lines as a person reads them: products by name, what a line comes to."""

    def __init__(self, actor: Actor, texts: Sequence[str]) -> None:
        codes = {_parted(text)["product"] for text in texts} - {""}
        rows = Product.objects.for_user(actor).filter(code__in=codes)
        self.names = {row.code: f"{row.code} {row.name}".strip() for row in rows}
        self.heads = {column["name"]: column["label"] for column in line_columns(actor)}
        self.costs = may_see_cost(actor)

    def line(self, text: str | None, currency: str) -> str:
        """Product, then quantity × price (× discount) = amount, then what is known of cost."""
        if text is None:
            return _("no such line")
        line = _parted(text)
        figures = " × ".join(
            _number(line[name]) for name in ("quantity", "price", "discount") if line[name]
        )
        amount = _amount(line, currency)
        if amount is not None:
            figures += f" = {money_text(amount, currency)}"
        rows = [self.names.get(line["product"], line["product"]), figures]
        rows += [
            f"{self.heads[name]} {_number(line[name])}"
            for name in ("cost", "other_cost")
            if self.costs and line[name]
        ]
        return "\n".join(rows)

    def sum(self, texts: Sequence[str], currency: str) -> str:
        """How many lines, and what they come to."""
        amounts = [_amount(_parted(text), currency) for text in texts]
        total = money_text(sum((one for one in amounts if one), Decimal(0)), currency)
        count = ngettext("%(count)s line", "%(count)s lines", len(texts)) % {"count": len(texts)}
        return f"{count}\n{total}"


def _amount(line: Mapping[str, str], currency: str) -> Decimal | None:
    """What a line comes to, the given amount first; None where its figures are no numbers."""
    if _NUMBER.fullmatch(line["amount"]):
        return Decimal(line["amount"])
    figures = [line["quantity"], line["price"], line["discount"] or "1"]
    if not all(_NUMBER.fullmatch(one) for one in figures):
        return None
    quantity, price, factor = (Decimal(one) for one in figures)
    return line_amount(quantity, price, factor, currency)


def _number(text: str) -> str:
    return f"{Decimal(text):,f}" if _NUMBER.fullmatch(text) else text

"""What templates need to show icons, amounts, days and form controls the same way everywhere."""

import functools
import json
import os
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, widgets
from django.utils import timezone
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

register = template.Library()

UNKNOWN = mark_safe('<span class="unknown">—</span>')
CURRENCY_SIGNS = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"}
CURRENCY_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0}
ENGLISH_MONTHS = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]


# Icons -----------------------------------------------------------------------------------------


class UnknownIconError(LookupError):
    """The icon set has no picture of this name."""


def _strict() -> bool:
    return bool(settings.DEBUG) or "PYTEST_CURRENT_TEST" in os.environ


@functools.cache
def _icon_bodies() -> dict[str, str]:
    modules = Path(
        getattr(settings, "NODE_MODULES", Path(__file__).resolve().parents[3] / "node_modules")
    )
    file = modules / "@iconify-json" / "tabler" / "icons.json"
    try:
        with file.open(encoding="utf-8") as source:
            data = json.load(source)
    except OSError:
        if _strict():
            raise
        return {}
    bodies = {name: entry["body"] for name, entry in data["icons"].items()}
    for name, entry in data.get("aliases", {}).items():
        parent = entry.get("parent")
        if parent in bodies and len(entry) == 1:
            bodies[name] = bodies[parent]
    return bodies


@functools.cache
def _icon(name: str, css: str) -> SafeString:
    body = _icon_bodies().get(name)
    if body is None:
        if _strict():
            raise UnknownIconError(name)
        body = ""
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" '
        'focusable="false">{}</svg>',
        f"icon {css}".rstrip(),
        mark_safe(body),  # noqa: S308 - comes from the installed icon set, never from a user
    )


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An inline picture; decoration only, so the words beside it must say the same."""
    return _icon(str(name), css) if name else SafeString("")


# Amounts and days ------------------------------------------------------------------------------


def _decimal(value: object) -> Decimal | None:
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _plain(number: Decimal, least: int, most: int) -> str:
    """Thousands separated, at least and at most so many decimals, nothing rounded away silently."""
    text = f"{number:,.{most}f}"
    whole, dot, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0") if dot else ""
    text = f"{whole}.{fraction}" if fraction else whole
    return text.removeprefix("-") if not number else text


def money_text(value: object, currency: str = "") -> str:
    """The amount as plain text; up to four decimals are kept because recorded amounts have them."""
    number = _decimal(value)
    if number is None:
        return str(value)
    digits = CURRENCY_DIGITS.get(currency, 2)
    text = _plain(number, digits, 4)
    if not currency:
        return text
    sign = CURRENCY_SIGNS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    return f"-{sign}{text[1:]}" if text.startswith("-") else f"{sign}{text}"


@register.simple_tag
def money(value: object, currency: str = "") -> str:
    if value is None or value == "":
        return UNKNOWN
    text = money_text(value, currency)
    css = "num neg" if text.startswith("-") else "num"
    return format_html('<span class="{}">{}</span>', css, text)


@register.simple_tag
def qty(value: object) -> str:
    if value is None or value == "":
        return UNKNOWN
    number = _decimal(value)
    text = str(value) if number is None else _plain(number, 0, 6)
    css = "num neg" if text.startswith("-") else "num"
    return format_html('<span class="{}">{}</span>', css, text)


def day_text(value: date) -> str:
    if (get_language() or "").startswith("zh"):
        return value.strftime("%Y-%m-%d")
    return f"{value.day} {ENGLISH_MONTHS[value.month - 1]} {value.year}"


def moment_text(value: datetime) -> str:
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day_text(local.date())} {local:%H:%M}"


@register.simple_tag
def day(value: object) -> str:
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if not isinstance(value, date):
        return str(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), day_text(value))


@register.simple_tag
def moment(value: object) -> str:
    if value is None or value == "":
        return UNKNOWN
    if not isinstance(value, datetime):
        return day(value) if isinstance(value, date) else str(value)
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(timespec="seconds"), moment_text(value)
    )


@register.simple_tag
def badge(text: object, color: str = "secondary") -> str:
    return format_html('<span class="badge bg-{}-lt">{}</span>', color or "secondary", text)


# Tables ----------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=2000)  # the headings of all tables in both languages
def _css_string(text: str) -> str:
    """A CSS string literal; what could end it is written as an escape."""
    out = "".join(
        character
        if character.isalnum() or character in " -_/()%（）·"
        else f"\\{ord(character):x} "
        for character in text
    )
    return f'"{out}"'


@register.simple_tag
def column_labels(columns: list[Any]) -> str:
    """Labels and alignment of a table's columns as custom properties of the table.

    The style sheet shows them when rows turn into cards on a phone, so that no cell has to carry
    its label: a page of fifty rows stays half as long.
    """
    parts = []
    for position, column in enumerate(columns, 1):
        get = column.get if isinstance(column, dict) else functools.partial(_attribute, column)
        parts.append(f"--l{position}:{_css_string(str(get('label', '')))}")
        if (align := get("align", "")) in ("end", "center"):
            parts.append(f"--a{position}:{align}")
    return ";".join(parts)


@register.simple_tag
def labels(*names: str) -> str:
    """The same for a table whose columns the template itself names."""
    return ";".join(f"--l{position}:{_css_string(name)}" for position, name in enumerate(names, 1))


def _attribute(thing: object, name: str, default: object = "") -> Any:
    return getattr(thing, name, default)


# Forms -----------------------------------------------------------------------------------------

_CHECKS = (widgets.CheckboxInput,)
_GROUPS = (widgets.RadioSelect, widgets.CheckboxSelectMultiple)
_PASSED_ON = {
    "lookup_url": "data-lookup-url",
    "code_name_url": "data-code-name-url",
    "unit": "data-unit",
}


@register.simple_tag
def control(field: BoundField, describe: str = "", label: str = "") -> str:
    """The field's widget, dressed: class by kind, is-invalid, aria-describedby, look-up addresses."""
    widget = field.field.widget
    attrs: dict[str, Any] = {}
    given = widget.attrs.get("class", "")
    if isinstance(widget, _CHECKS):
        css = "form-check-input"
    elif isinstance(widget, _GROUPS):
        css = "choices"  # lands on the group and on each box; the style sheet dresses the boxes
    elif isinstance(widget, widgets.Select):
        css = "form-select"
    else:
        css = "form-control"
    if field.errors:
        css += " is-invalid"
    attrs["class"] = f"{css} {given}".strip()
    for name, attribute in _PASSED_ON.items():
        value = getattr(field, name, None) or getattr(field.field, name, None)
        if value:
            attrs[attribute] = str(value)
    if label:
        attrs["aria-label"] = str(label)
    described = [
        word
        for word in (
            f"{field.auto_id}_helptext" if field.help_text else "",
            f"{field.auto_id}_error" if field.errors else "",
            describe,
        )
        if word
    ]
    if described and not widget.attrs.get("aria-describedby"):
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


@register.filter
def is_check(field: BoundField) -> bool:
    return isinstance(field.field.widget, _CHECKS)


@register.filter
def is_group(field: BoundField) -> bool:
    return isinstance(field.field.widget, _GROUPS)


@register.filter
def is_wide(field: BoundField) -> bool:
    return isinstance(field.field.widget, widgets.Textarea)


@register.filter
def part(form: Any, name: str) -> BoundField:
    """A form's field by name."""
    found: BoundField = form[name]
    return found


@register.filter
def attr(thing: object, name: str) -> Any:
    """An attribute of a bound field or of the field behind it; blank when neither has it."""
    value = getattr(thing, name, None)
    if value is None:
        value = getattr(getattr(thing, "field", None), name, None)
    return "" if value is None else value


# Words for scripts -----------------------------------------------------------------------------


@register.simple_tag
def words() -> str:
    """The texts that scripts show, translated, as a JSON block."""
    return json_script(
        {
            "close": _("Close"),
            "loading": _("Loading…"),
            "noResults": _("Nothing found"),
            "typeMore": _("Type to search"),
            "unsaved": _("You have changes that are not saved. Leave this page?"),
            "failed": _("That did not work. Nothing was changed; please try again."),
            "offline": _("The server cannot be reached. Nothing was lost; please try again."),
            "forbidden": _("You may not do that."),
            "gone": _("This is no longer here, or was never yours to see."),
            "expired": _("The page has expired. Reload it and try again."),
            "copied": _("Copied"),
            "remove": _("Remove"),
            "clear": _("Clear"),
            "total": pgettext("sum of amounts", "Total"),
            "noData": _("No figures for this choice"),
            "fileTooLarge": _("This file is too large."),
            "fileKind": _("Choose an .xlsx, .csv or .csv.gz file."),
            "unknownCode": _("Unknown code"),
            "other": pgettext("remaining items of a chart", "Others"),
        },
        "words",
    )


@register.simple_tag
def avatar(name: str) -> str:
    """The last two characters of a Chinese name, initials of another; colour by the name."""
    name = str(name or "").strip()
    if any("\u4e00" <= character <= "\u9fff" for character in name):
        short = name[-2:]
    else:
        short = "".join(part[0] for part in name.split()[:2]).upper()
    return format_html(
        '<span class="face face-{}" aria-hidden="true">{}</span>', sum(map(ord, name)) % 6, short
    )


@register.simple_tag
def keys(*names: str) -> str:
    return format_html_join(" ", "<kbd>{}</kbd>", ((name,) for name in names))

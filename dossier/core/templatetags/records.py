"""The facts and the time line of a record's page, made by plain functions.

A page has some forty facts and fifteen entries. As templates they took 14 ms of the page of a customer,
nearly all of it for looking up names that are absent; see `tables` for the same with rows. Everything that
is not marked as safe is escaped, as in a template.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dossier.core.templatetags.look import badge, icon, moment
from dossier.core.templatetags.tables import part_of, text_html

register = template.Library()


def _masked(item: Mapping[str, Any]) -> str:
    """A covered value; its button shows it to those who may ask."""
    value = f'<span class="masked"><span class="num">{text_html(item["value"])}</span>'
    if not item.get("reveal_url"):
        return f"{value}</span>"
    return (
        f'{value}<button type="button" class="reveal" hx-post="{text_html(item["reveal_url"])}"'
        ' hx-target="closest .masked" hx-swap="outerHTML"'
        f' title="{text_html(_("Shows the full value; that you looked is recorded"))}">'
        f"{text_html(pgettext('a masked value', 'show'))}</button></span>"
    )


def _known(item: Mapping[str, Any]) -> str:
    """A value that anybody who sees the fact may see."""
    value = item["value"]
    if url := item.get("url"):
        return f'<a href="{text_html(url)}">{text_html(value)}</a>'
    if item.get("badge"):
        return str(badge(value, item["badge"]))
    lines = text_html(value).replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace("\n", "<br>")


def _given(text: object) -> str:
    """What was given and is doubtful, beside the value."""
    said = _("as given: %(given)s") % {"given": text}
    title = _("Kept as it was given; please correct it")
    return f'<span class="given" title="{text_html(title)}">{icon("alert-triangle")}{text_html(said)}</span>'


def fact_value_html(item: Mapping[str, Any]) -> SafeString:
    """The value of a fact: ``na``, ``masked`` with ``reveal_url``, ``html``, or ``value`` with ``url`` or
    ``badge``; and what was ``given``."""
    value = item.get("value")
    if item.get("na"):
        none = pgettext("known not to apply", "None")
        html = f'<span class="na-value" title="{text_html(_("Known not to apply"))}">{text_html(none)}</span>'
    elif item.get("masked"):
        html = _masked(item)
    elif item.get("html"):
        html = text_html(item["html"])
    elif value or value == 0:
        html = _known(item)
    else:
        html = f'<span class="unknown" title="{text_html(_("Not known yet"))}">—</span>'
    if item.get("given"):
        html += f" {_given(item['given'])}"
    return mark_safe(html)  # noqa: S308 - each value was escaped above


def _help(text: object) -> str:
    said = text_html(text)
    return (
        f'<span class="fact-help" tabindex="0" role="note" aria-label="{said}" title="{said}">'
        f"{icon('help')}</span>"
    )


def _past(item: Mapping[str, Any], title: str) -> str:
    """The way to what a field held."""
    url = text_html(item["past_url"])
    said = _("%(label)s: what this field held") % {"label": item["label"]}
    return (
        f'<a class="fact-past" href="{url}" hx-get="{url}" hx-target="#field-past-body" hx-push-url="false"'
        ' data-bs-toggle="offcanvas" data-bs-target="#field-past" role="button"'
        f' title="{title}" aria-label="{text_html(said)}">{icon("history")}</a>'
    )


def _fact(item: Mapping[str, Any], title: str) -> str:
    wide = " fact-wide" if item.get("wide") else ""
    helped = _help(item["help"]) if item.get("help") else ""
    past = f" {_past(item, title)}" if item.get("past_url") else ""
    return (
        f'<div class="fact{wide}"><dt>{text_html(item["label"])}{helped}</dt>'
        f"<dd>{fact_value_html(item)}{past}</dd></div>"
    )


@register.simple_tag
def fact_items(items: Iterable[Mapping[str, Any]]) -> SafeString:
    """Facts of a group: ``label``, ``wide``, ``help``, ``past_url`` and a value (`fact_value_html`)."""
    title = text_html(_("What this field held"))
    return mark_safe("\n".join(_fact(item, title) for item in items))  # noqa: S308 - escaped above


# Time line ---------------------------------------------------------------------------------------------


def _change(change: Mapping[str, str]) -> str:
    before, after = text_html(change["before"] or "—"), text_html(change["after"] or "—")
    return (
        f'<li><span class="line-field">{text_html(change["label"])}</span> <del>{before}</del>'
        f' <span aria-hidden="true">→</span> <ins>{after}</ins></li>'
    )


def _entry(entry: Any) -> str:
    color, url, text, who = (part_of(entry, name) for name in ("color", "url", "text", "who"))
    title = text_html(part_of(entry, "title"))
    tone = f" text-{text_html(color)}" if color else ""
    head = f'<a href="{text_html(url)}">{title}</a>' if url else f"<strong>{title}</strong>"
    told = f'<p class="line-text">{text_html(text)}</p>' if text else ""
    changed = "".join(map(_change, part_of(entry, "changes") or ()))
    changes = f'<ul class="line-changes">{changed}</ul>' if changed else ""
    by = f" · {text_html(who)}" if who else ""
    return (
        f'<li class="line-item"><span class="line-dot{tone}">{icon(part_of(entry, "icon") or "point")}</span>'
        f'<div class="line-body"><div class="line-head">{head}</div>{told}{changes}'
        f'<div class="line-meta">{moment(part_of(entry, "at"))}{by}</div></div></li>'
    )


@register.simple_tag
def line_entries(entries: Iterable[Any]) -> SafeString:
    """Entries of a time line, records or mappings: ``at``, ``title``; if they have them also ``text``, ``who``,
    ``icon``, ``color``, ``url``, ``changes``."""
    return mark_safe("\n".join(map(_entry, entries)))  # noqa: S308 - each value was escaped above
